"""What people hear from others about each stretch, and where they go by it (rules 6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.states import Outcome
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
    """Fading memory of who tried where and who got in, and the weight of each segment that follows from it.

    Attributes
    ----------
    tried : persons who attempted at each segment, fading
    got_in : persons of these who got inside, fading
    running : running sum of the weights of segments, south to north
    hope : factor on the readiness to attempt, by what is heard of success everywhere
    success_at_post : how much more often than elsewhere people got in at each post
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
        self.running: list[np.float64] = []
        self.hope = np.float64(1.0)
        self.success_at_post = [np.float64(0.0)] * len(twin.world.border.posts)

    def start_day(self) -> None:
        """Take in what happened yesterday and weigh the segments anew."""
        if self.twin.day > 0:
            self._remember()
        prior = float(self.twin.scenario.network.prior_attempts) * self.twin.scale
        general = (running_sum(self.got_in)[-1] + prior * 0.2) / (running_sum(self.tried)[-1] + prior)
        hope = np.exp(float(self.twin.scenario.network.hope_strength) * (general - 0.2))
        self.hope = np.minimum(np.maximum(hope, 0.3), 3.0)
        self.running = running_sum(self._weights(prior, general))
        self.success_at_post = [
            self._success_at(post, prior, general) for post in range(len(self.twin.world.border.posts))
        ]

    def _remember(self) -> None:
        """Let memory fade by a day and add yesterday."""
        keep = np.exp(-np.log(2.0) / float(self.twin.scenario.network.memory_days))
        yesterday = self.twin.tally.attempts[self.twin.day - 1]
        for segment in range(len(self.tried)):
            everyone = sum(int(yesterday[segment, outcome]) for outcome in Outcome)
            inside = int(yesterday[segment, Outcome.SEEN_INSIDE]) + int(yesterday[segment, Outcome.UNSEEN_INSIDE])
            self.tried[segment] = self.tried[segment] * keep + everyone
            self.got_in[segment] = self.got_in[segment] * keep + inside

    def _success_at(self, post: int, prior: float, general: np.float64) -> np.float64:
        """Return by how much the share who got in at a post differs from the general one."""
        posts = self.twin.world.border.posts
        own = slice(int(posts.first_segment[post]), int(posts.end_segment[post]))
        got_in, tried = running_sum(self.got_in[own])[-1], running_sum(self.tried[own])[-1]
        return (got_in + prior * general) / (tried + prior) - general

    def _weights(self, prior: float, general: np.float64) -> list[np.float64]:
        """Return how strongly each segment draws people today."""
        settings, barriers = self.twin.scenario.network, self.twin.world.barriers
        weights = []
        for segment, appeal in enumerate(self.appeal):
            success = (self.got_in[segment] + prior * general) / (self.tried[segment] + prior)
            visible = barriers.delay_hours[segment] - barriers.natural_delay_hours[segment]
            drawn = float(settings.learning_strength) * (success - general)
            weights.append(appeal * np.exp(drawn - float(settings.barrier_aversion) * visible))
        return weights

    def post_by_hearsay(self, uniform: np.float64) -> int:
        """Return the guard post of the segment that a uniform in (0, 1) picks by weight."""
        segment = min(search_right(self.running, uniform * self.running[-1]), len(self.running) - 1)
        return int(self.twin.world.border.segments.post[segment])

    def segment_within(self, post: int, uniform: np.float64) -> int:
        """Return the segment of a post that a uniform in (0, 1) picks by weight."""
        posts = self.twin.world.border.posts
        first, end = int(posts.first_segment[post]), int(posts.end_segment[post])
        below = self.running[first - 1] if first > 0 else np.float64(0.0)
        target = below + uniform * (self.running[end - 1] - below)
        return min(max(search_right(self.running, target), first), end - 1)
