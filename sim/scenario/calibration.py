"""What of a scenario is not known well enough: the priors that calibration starts from, as data of the scenario."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from sim.scenario.quantity import Section

__all__ = ["MOST_FREE", "Prior"]

MOST_FREE: Final = 5
"""Numbers that one calibration may fit: the counts identify no more than four or five directions."""


class Prior(Section):
    """What is thought of one number before the counts are looked at: a distribution over low to high, none outside."""

    key: str = Field(description="the number, such as 'migrants.attempt_interval_hours'")
    role: Literal["free", "carried"] = Field(
        default="free", description="free: fitted to the counts; carried: only drawn from its prior"
    )
    family: Literal["uniform", "log_uniform", "normal", "log_normal"] = Field(
        default="uniform",
        description="shape; the normal ones are cut at low and high, two standard deviations from the middle",
    )
    low: float = Field(ge=-1e9, le=1e9, description="least value, in the unit of the number")
    high: float = Field(ge=-1e9, le=1e9, description="greatest value")
    source: str
    because: str = ""
