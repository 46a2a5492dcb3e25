"""Where an hour goes: seconds of scan, handling, fields, agents and record, each without what it calls of others."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

PARTS = ("scan", "handling", "fields", "agents", "record", "rest")
"""Finding who is due; rules of the due, the ordered and newcomers; hazards; guards and deciders; books; the rest."""


class Parts:
    """Process seconds by part of one model, taken by wrapping its methods: a few microseconds a call are added."""

    def __init__(self, model: Any) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._since = 0.0
        people, migrants, scene = model.scene.people, model.migrants, model.scene
        for schedule in (people.act_schedule, people.harm_schedule):
            for name in ("due", "is_due", "plan", "advance", "enter", "put_off"):
                self._wrap(schedule, name, "scan")
        self._wrap(migrants.hazards, "look_ahead", "fields")
        self._wrap(migrants.hazards, "begin_hour", "fields")
        self._wrap(migrants, "hour", "handling")
        self._wrap(migrants, "start_day", "handling")
        self._wrap(migrants, "_count", "record")
        self._wrap(migrants, "end_day", "record")
        for owner, name in (
            (model.diary, "wake_due"), (scene.guards, "start_hour"), (scene.guards, "start_day"),
            (scene.services, "start_day"), (scene.network, "start_day"), (model, "_step_tension"),
        ):  # fmt: skip
            self._wrap(owner, name, "agents")
        self._wrap(model, "_end_day", "record")
        self._wrap(model.datacollector, "collect", "record")
        self._wrap(model, "step", "rest")

    def _wrap(self, owner: Any, name: str, part: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            self._switch(part)
            try:
                return inner(*given, **named)
            finally:
                self._back()

        setattr(owner, name, timed)

    def _switch(self, part: str) -> None:
        now = time.process_time()
        if self._stack:
            self.seconds[self._stack[-1]] += now - self._since
        self._stack.append(part)
        self._since = now

    def _back(self) -> None:
        now = time.process_time()
        self.seconds[self._stack.pop()] += now - self._since
        self._since = now

    def shares(self) -> dict[str, float]:
        """Return the share of each part in all, by name."""
        total = sum(self.seconds.values()) or 1.0
        return {part: self.seconds[part] / total for part in PARTS}
