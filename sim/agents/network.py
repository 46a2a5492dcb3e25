"""What people hear from one another about stretches of the line, and where they try next.

The network remembers attempts and how many got in, per segment, and how many got on afterwards, per post: a driver
fetched them, or they were caught and not turned back. Memory halves in some days. To get on is what people hope for:
whoever is turned back tells nobody to follow. A segment's weight falls with distance from Belarusian cities, with wide
water and with a visible barrier, and goes by the share of attempts that led on, as in the matching law (Herrnstein
1961, doi 10.1901/jeab.1961.4-267). Which post people go to goes by the weights of its segments and by how strong the
drivers are behind it; whoever was turned back leaves a post the sooner, the less attempts lead on there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.couriers import courier_strength
from sim.agents.scene import Scene
from sim.agents.states import Outcome
from sim.world.border import TERRAINS

__all__ = ["Network"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_FALLBACK_SUCCESS = 0.2
"""Success share believed in before anything is known: a fifth of attempts, about as many as led to Germany from August
to November 2021 (A089)."""

_LEAST_HOPE, _MOST_HOPE = 0.3, 3.0

_FADED = 1e-200
"""Persons: a memory of fewer is none, since what is divided by it would be infinite."""


class Network:
    """Shared memory of attempts by segment, and the weights that follow from it.

    Attributes
    ----------
    weight : float64[n_segments], how much a segment attracts those who are at its post
    running, running_posts : running sums of the weights of segments and of what posts attract, south to north
    hope : factor on the rate of attempts that follows from what is heard of success on the whole line
    tried, got_in : float64[n_segments], persons who attempted and of these who got in, fading
    got_on : float64[n_posts], persons whom a driver fetched inside, or who were caught and admitted, by the post where
        they crossed, fading
    leaving : float64[n_posts], chance that a party turned back goes to another post, or is taken there
    success_at_post : float64[n_posts], how much likelier than on the whole line people got in: what the services see
    """

    def __init__(self, scene: Scene) -> None:
        section = scene.scenario.network
        segments = scene.world.border.segments
        self.post_of_segment = segments.post.astype(np.int64)
        terrain = segments.terrain
        appeal = np.ones(len(segments))
        appeal[terrain == TERRAINS.index("river_wide")] = float(section.wide_river_weight)
        appeal[terrain == TERRAINS.index("lake")] = float(section.water_weight)
        appeal[terrain == TERRAINS.index("built_up")] = float(section.water_weight)
        self.terrain_appeal = appeal
        self.appeal = appeal * np.exp(-segments.city_km_by / float(section.access_scale_km))
        self.aversion = float(section.barrier_aversion)
        self.strength = float(section.learning_strength)
        self.hear_of_admission = bool(section.hear_of_admission)
        self.leave_poor_stretches = bool(section.leave_poor_stretches)
        self.carried_elsewhere = float(scene.scenario.migrants.carried_elsewhere_chance)
        self.prior = float(section.prior_attempts) * scene.scenario.agent_scale
        self.hope_strength = float(section.hope_strength)
        self.hope = 1.0
        self.keep = np.exp(-np.log(np.float64(2.0)) / float(section.memory_days))
        self.tried = np.zeros(len(segments))
        self.got_in = np.zeros(len(segments))
        self.got_on = np.zeros(len(scene.world.border.posts))
        self.weight = self.appeal.copy()
        posts = scene.world.border.posts
        self.success_at_post = np.zeros(len(posts))
        self.leaving = np.full(len(posts), self.carried_elsewhere)
        self.first_segment = posts.first_segment.astype(np.int64)
        self.end_segment = posts.end_segment.astype(np.int64)
        strength = courier_strength(scene)[:, posts.country]
        self.couriers = strength if section.follow_couriers else np.ones_like(strength)
        self._add_up(0)

    def start_day(self, scene: Scene) -> None:
        """Take in what happened yesterday and renew hope, the weights and who leaves."""
        if scene.day > 0:
            self._remember(scene)
        tried_at, in_at = self._at_posts(self.tried), self._at_posts(self.got_in)
        tried = np.cumsum(self.tried)[-1]
        general = (np.cumsum(self.got_in)[-1] + self.prior * _FALLBACK_SUCCESS) / (tried + self.prior)
        self.success_at_post = (in_at + self.prior * general) / (tried_at + self.prior) - general

        general_on = (np.cumsum(self.got_on)[-1] + self.prior * _FALLBACK_SUCCESS) / (tried + self.prior)
        hope = np.exp(self.hope_strength * (general_on - _FALLBACK_SUCCESS))
        self.hope = float(min(max(hope, _LEAST_HOPE), _MOST_HOPE))
        on_per_in = np.divide(self.got_on, in_at, out=np.zeros_like(in_at), where=in_at > _FADED)
        led_on = np.minimum(self.got_in * on_per_in[self.post_of_segment], self.tried)
        at_post = (np.minimum(self.got_on, tried_at) + self.prior * general_on) / (tried_at + self.prior)
        if self.leave_poor_stretches:
            stays = np.power(1.0 - self.carried_elsewhere, general_on / at_post)
            self.leaving = np.maximum(1.0 - stays, self.carried_elsewhere)
        success = (led_on + self.prior * at_post[self.post_of_segment]) / (self.tried + self.prior)
        barriers = scene.world.barriers
        delay = barriers.delay_hours - barriers.natural_delay_hours  # a fence is seen from afar; water is in the appeal
        self.weight = self.appeal * np.exp(self.strength * np.log(success / general_on) - self.aversion * delay)
        self._add_up(scene.day)

    def _remember(self, scene: Scene) -> None:
        """Let memory fade by a day and add yesterday."""
        books, yesterday = scene.tally, scene.day - 1
        attempts = books.attempts[yesterday]
        self.tried = self.tried * self.keep + attempts.sum(axis=1)
        inside = attempts[:, Outcome.SEEN_INSIDE] + attempts[:, Outcome.UNSEEN_INSIDE]
        self.got_in = self.got_in * self.keep + inside
        got_on = books.picked_up[yesterday].astype(np.float64)
        if self.hear_of_admission:
            got_on += books.admitted[yesterday]
        self.got_on = self.got_on * self.keep + got_on

    def _add_up(self, day: int) -> None:
        """Add up the weights of segments, and what posts attract on a day."""
        self.running = np.cumsum(self.weight)
        at_post = self._at_posts(self.weight)
        with_drivers = np.cumsum(at_post * self.couriers[day])
        self.running_posts = with_drivers if with_drivers[-1] > 0.0 else np.cumsum(at_post)

    def _at_posts(self, of_segment: Floats) -> Floats:
        """Return sums over the segments of each post, float64[n_posts]."""
        n_posts = len(self.first_segment)
        return np.bincount(self.post_of_segment, weights=of_segment, minlength=n_posts).astype(np.float64, copy=False)

    def choose_post(self, uniform: Floats) -> Ints:
        """Return a guard post drawn from the whole line by what it attracts, int64[n]."""
        post = self.running_posts.searchsorted(uniform * self.running_posts[-1], side="right")
        on_the_line: Ints = np.minimum(post, len(self.running_posts) - 1)
        return on_the_line

    def choose_segment(self, post: Ints, uniform: Floats) -> Ints:
        """Return a segment drawn within each post by weight, int64[n]."""
        first, last = self.first_segment, self.end_segment - 1
        below = np.where(first > 0, self.running[first - 1], 0.0)
        weight = self.running[last] - below
        target = below[post] + uniform * weight[post]
        segment = self.running.searchsorted(target, side="right")
        return np.minimum(np.maximum(segment, first[post]), last[post])
