"""What people hear from one another about stretches of the line, and where they try next.

The network remembers, per segment, attempts and how many got in; memory halves in some days. A segment's weight
falls with distance from Belarusian cities, with wide water and with a visible barrier, and rises where people got in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.agents.scene import Scene
from sim.agents.states import Outcome
from sim.world.border import TERRAINS

__all__ = ["Network"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_FALLBACK_SUCCESS = 0.2
"""Success share believed in before anything is known: a fifth, about that of August to November 2021 (A089)."""


_LEAST_HOPE, _MOST_HOPE = 0.3, 3.0


class Network:
    """Shared memory of attempts by segment, and the weights that follow from it.

    Attributes
    ----------
    weight : float64[n_segments], how much a segment attracts those who choose for themselves
    hope : factor on the rate of attempts that follows from what is heard of success on the whole line
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
        self.prior = float(section.prior_attempts) * scene.scenario.agent_scale
        self.hope_strength = float(section.hope_strength)
        self.hope = 1.0
        self.keep = np.exp(-np.log(np.float64(2.0)) / float(section.memory_days))
        self.tried = np.zeros(len(segments))
        self.got_in = np.zeros(len(segments))
        self.weight = self.appeal.copy()
        self.running = np.cumsum(self.weight)
        self.success_at_post = np.zeros(len(scene.world.border.posts))
        posts = scene.world.border.posts
        self.first_segment = posts.first_segment.astype(np.int64)
        self.end_segment = posts.end_segment.astype(np.int64)

    def start_day(self, scene: Scene) -> None:
        """Take in yesterday's attempts and renew the weights."""
        if scene.day > 0:
            attempts = scene.tally.attempts[scene.day - 1]
            self.tried = self.tried * self.keep + attempts.sum(axis=1)
            inside = attempts[:, Outcome.SEEN_INSIDE] + attempts[:, Outcome.UNSEEN_INSIDE]
            self.got_in = self.got_in * self.keep + inside
        tried = np.cumsum(self.tried)[-1]
        got_in = np.cumsum(self.got_in)[-1]
        general = (got_in + self.prior * _FALLBACK_SUCCESS) / (tried + self.prior)
        hope = np.exp(self.hope_strength * (general - _FALLBACK_SUCCESS))
        self.hope = float(min(max(hope, _LEAST_HOPE), _MOST_HOPE))
        success = (self.got_in + self.prior * general) / (self.tried + self.prior)
        barriers = scene.world.barriers
        delay = (
            barriers.delay_hours - barriers.natural_delay_hours
        )  # people see a fence from afar; water is in the appeal
        self.success_at_post = self._success_at_posts(general)
        self.weight = self.appeal * np.exp(self.strength * (success - general) - self.aversion * delay)
        self.running = np.cumsum(self.weight)

    def _success_at_posts(self, general: np.float64) -> Floats:
        """Return how much likelier than on the whole line people got in at each post, float64[n_posts]."""
        n_posts = len(self.first_segment)
        tried = np.bincount(self.post_of_segment, weights=self.tried, minlength=n_posts)
        got_in = np.bincount(self.post_of_segment, weights=self.got_in, minlength=n_posts)
        success: Floats = (got_in + self.prior * general) / (tried + self.prior) - general
        return success

    def choose_post(self, uniform: Floats) -> Ints:
        """Return the guard post of a segment drawn from the whole line by weight, int64[n]."""
        segment = np.searchsorted(self.running, uniform * self.running[-1], side="right")
        post: Ints = self.post_of_segment[np.minimum(segment, len(self.running) - 1)]
        return post

    def choose_segment(self, post: Ints, uniform: Floats) -> Ints:
        """Return a segment drawn within each post by weight, int64[n]."""
        first, last = self.first_segment, self.end_segment - 1
        below = np.where(first > 0, self.running[first - 1], 0.0)
        weight = self.running[last] - below
        target = below[post] + uniform * weight[post]
        segment = self.running.searchsorted(target, side="right")
        return np.minimum(np.maximum(segment, first[post]), last[post])
