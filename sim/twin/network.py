"""What people hear from others about each stretch, and where they go by it (rules 6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import Outcome
from sim.twin.couriers import couriers_today
from sim.twin.luck import running_sum, search_right
from sim.world.border import TERRAINS

if TYPE_CHECKING:
    from sim.twin.model import TwinModel

__all__ = ["Network", "terrain_appeal"]


def terrain_appeal(twin: TwinModel, segment: int) -> float:
    """Return how readily a segment is tried for its terrain, against a segment of land."""
    terrain = TERRAINS[twin.world.border.segments.terrain[segment]]
    if terrain == "river_wide":
        return float(twin.scenario.network.wide_river_weight)
    if terrain in {"lake", "built_up"}:
        return float(twin.scenario.network.water_weight)
    return 1.0


class Network:
    """Fading memory of who tried where, got in and got on, and the weight of each segment that follows from it.

    Attributes
    ----------
    tried : persons who attempted at each segment, fading
    got_in : persons of these who got inside, fading
    got_on : persons fetched by drivers or caught and admitted, by the post where they crossed, fading
    leaving : chance that a party turned back goes to another post, or is taken there, by post
    running : running sum of the weights of segments, south to north
    running_posts : running sum of what posts attract, south to north
    hope : factor on the readiness to attempt, by what is heard of success everywhere
    success_at_post : how much more often than elsewhere people got in at each post, as the services see it
    """

    def __init__(self, twin: TwinModel) -> None:
        self.twin = twin
        segments = twin.world.border.segments
        scale_km = float(twin.scenario.network.access_scale_km)
        self.appeal = [
            terrain_appeal(twin, segment) * np.exp(-segments.city_km_by[segment] / scale_km)
            for segment in range(len(segments))
        ]
        self.tried = [np.float64(0.0)] * len(segments)
        self.got_in = [np.float64(0.0)] * len(segments)
        self.got_on = [np.float64(0.0)] * len(twin.world.border.posts)
        self.running: list[np.float64] = []
        self.running_posts: list[np.float64] = []
        self.hope = np.float64(1.0)
        self.success_at_post = [np.float64(0.0)] * len(twin.world.border.posts)
        self.leaving = [np.float64(0.0)] * len(twin.world.border.posts)

    def start_day(self) -> None:
        """Take in what happened yesterday and weigh the segments anew."""
        if self.twin.day > 0:
            self._remember()
        prior = float(self.twin.scenario.network.prior_attempts) * self.twin.scale
        all_tried = running_sum(self.tried)[-1]
        general = (running_sum(self.got_in)[-1] + prior * 0.2) / (all_tried + prior)
        self.success_at_post = [
            self._success_at(post, prior, general) for post in range(len(self.twin.world.border.posts))
        ]
        general_on = (running_sum(self.got_on)[-1] + prior * 0.2) / (all_tried + prior)
        hope = np.exp(float(self.twin.scenario.network.hope_strength) * (general_on - 0.2))
        self.hope = np.minimum(np.maximum(hope, 0.3), 3.0)
        at_post = [self._success_on(post, prior, general_on) for post in range(len(self.got_on))]
        self.leaving = [self._leaving(success, general_on) for success in at_post]
        weights = self._weights(at_post, prior, general_on)
        self.running, self.running_posts = running_sum(weights), running_sum(self._pull_of_posts(weights))

    def _remember(self) -> None:
        """Let memory fade by a day and add yesterday."""
        keep = np.exp(-np.log(2.0) / float(self.twin.scenario.network.memory_days))
        yesterday = self.twin.tally.attempts[self.twin.day - 1]
        for segment in range(len(self.tried)):
            everyone = sum(int(yesterday[segment, outcome]) for outcome in Outcome)
            inside = int(yesterday[segment, Outcome.SEEN_INSIDE]) + int(yesterday[segment, Outcome.UNSEEN_INSIDE])
            self.tried[segment] = self.tried[segment] * keep + everyone
            self.got_in[segment] = self.got_in[segment] * keep + inside
        for post in range(len(self.got_on)):
            got_on = int(self.twin.tally.picked_up[self.twin.day - 1, post])
            if self.twin.scenario.network.hear_of_admission:
                got_on += int(self.twin.tally.admitted[self.twin.day - 1, post])
            self.got_on[post] = self.got_on[post] * keep + got_on

    def _own_segments(self, post: int) -> slice:
        posts = self.twin.world.border.posts
        return slice(int(posts.first_segment[post]), int(posts.end_segment[post]))

    def _success_at(self, post: int, prior: float, general: np.float64) -> np.float64:
        """Return by how much the share who got in at a post differs from the general one."""
        own = self._own_segments(post)
        got_in, tried = running_sum(self.got_in[own])[-1], running_sum(self.tried[own])[-1]
        return (got_in + prior * general) / (tried + prior) - general

    def _on_per_in(self, post: int) -> np.float64:
        """Return how many got on at a post for each who got in; some were caught and admitted without getting in."""
        got_in = running_sum(self.got_in[self._own_segments(post)])[-1]
        return self.got_on[post] / got_in if got_in > 1e-200 else np.float64(0.0)

    def _success_on(self, post: int, prior: float, general_on: np.float64) -> np.float64:
        """Return the share of attempts at a post that led on, drawn towards the general one."""
        tried = running_sum(self.tried[self._own_segments(post)])[-1]
        led_on: np.float64 = np.minimum(self.got_on[post], tried)
        return (led_on + prior * general_on) / (tried + prior)

    def _leaving(self, success_on: np.float64, general_on: np.float64) -> np.float64:
        """Return the chance that a party turned back at a post stands elsewhere at the line next."""
        chance = float(self.twin.scenario.migrants.carried_elsewhere_chance)
        if not self.twin.scenario.network.leave_poor_stretches:
            return np.float64(chance)
        leaving: np.float64 = np.maximum(1.0 - np.power(np.float64(1.0 - chance), general_on / success_on), chance)
        return leaving

    def _weights(self, at_post: list[np.float64], prior: float, general_on: np.float64) -> list[np.float64]:
        """Return how strongly each segment draws people today."""
        settings, barriers = self.twin.scenario.network, self.twin.world.barriers
        on_per_in = [self._on_per_in(post) for post in range(len(self.got_on))]
        weights = []
        for segment, appeal in enumerate(self.appeal):
            post = int(self.twin.world.border.segments.post[segment])
            led_on = np.minimum(self.got_in[segment] * on_per_in[post], self.tried[segment])
            success = (led_on + prior * at_post[post]) / (self.tried[segment] + prior)
            visible = barriers.delay_hours[segment] - barriers.natural_delay_hours[segment]
            drawn = float(settings.learning_strength) * np.log(success / general_on)
            weights.append(appeal * np.exp(drawn - float(settings.barrier_aversion) * visible))
        return weights

    def _pull_of_posts(self, weights: list[np.float64]) -> list[np.float64]:
        """Return how strongly each post draws people today, by its segments and by the drivers behind it."""
        at_post = [running_sum(weights[self._own_segments(post)])[-1] for post in range(len(self.got_on))]
        if not self.twin.scenario.network.follow_couriers:
            return at_post
        strength = couriers_today(self.twin)
        pull = [weight * strength[self.twin.country_of(post)] for post, weight in enumerate(at_post)]
        return pull if running_sum(pull)[-1] > 0.0 else at_post

    def post_by_hearsay(self, uniform: np.float64) -> int:
        """Return the guard post that a uniform in (0, 1) picks by what posts attract."""
        return min(search_right(self.running_posts, uniform * self.running_posts[-1]), len(self.running_posts) - 1)

    def segment_within(self, post: int, uniform: np.float64) -> int:
        """Return the segment of a post that a uniform in (0, 1) picks by weight."""
        posts = self.twin.world.border.posts
        first, end = int(posts.first_segment[post]), int(posts.end_segment[post])
        below = self.running[first - 1] if first > 0 else np.float64(0.0)
        target = below + uniform * (self.running[end - 1] - below)
        return min(max(search_right(self.running, target), first), end - 1)
