"""A number with its source: the smallest thing a scenario is made of.

A :class:`Quantity` is a value that says where it comes from. A :class:`Section` is a table of quantities whose
fields declare unit, bounds, meaning and a sourced default with :func:`number`; a :class:`Row` is one line of a
dated table, whose plain numbers share one source.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

__all__ = ["KINDS_OF_SOURCE", "Quantity", "Row", "Section", "number"]

KINDS_OF_SOURCE = ("estimated", "calibrated", "assumed", "set")
"""Sources that are not an evidence id; ``set`` marks a value given on the command line."""

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True)


def is_evidence_id(source: str) -> bool:
    """Return whether `source` has the form of an evidence id such as ``A123`` (not whether it exists)."""
    return len(source) >= 3 and source[0].isupper() and source[1:].isdigit()


def source_problem(source: str, because: str, has_range: bool) -> str:
    """Return what is wrong with a source and its sentence, or an empty string."""
    parts = source.split("+")
    if not all(part in KINDS_OF_SOURCE or is_evidence_id(part) for part in parts):
        kinds = ", ".join(KINDS_OF_SOURCE[:-1])
        return f"source must be evidence ids joined by '+', such as 'B041', or one of: {kinds}"
    if all(is_evidence_id(part) for part in parts) or source == "set":
        return ""
    if not because.strip():
        return f'a number that is {source} needs a sentence: because = "…"'
    return "" if has_range else f"a number that is {source} needs a range: low and high"


class Quantity(BaseModel):
    """A value, its unit, where it comes from, and how far it may be wrong.

    `source` is an evidence id (or several joined by ``+``), or ``estimated``, ``calibrated``, ``assumed``; the last
    three need a sentence (`because`) and a range, which is also what sensitivity analysis varies.
    """

    model_config = STRICT

    value: float
    unit: str = ""
    source: str
    low: float | None = None
    high: float | None = None
    because: str = ""

    def __float__(self) -> float:
        return self.value

    @model_validator(mode="after")
    def sourced(self) -> Self:
        """Refuse a number without a source, a sentence or a range that contains it."""
        problem = source_problem(self.source, self.because, self.low is not None and self.high is not None)
        if problem:
            raise ValueError(problem)
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise ValueError(f"value {self.value:g} lies outside its own range {low:g} to {high:g}")
        return self


def number(
    value: float,
    unit: str,
    meaning: str,
    *,
    source: str,
    low: float | None = None,
    high: float | None = None,
    because: str = "",
    ge: float | None = None,
    le: float | None = None,
) -> Any:
    """Declare a quantity field: its default with source and range, its unit, its bounds and what it means."""
    default = Quantity(value=value, unit=unit, source=source, low=low, high=high, because=because)
    return Field(default=default, description=meaning, json_schema_extra={"unit": unit, "ge": ge, "le": le})


def describe_bounds(low: float | None, high: float | None) -> str:
    """Return bounds in words, such as ``from 0 to 1``."""
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"from {low:g} to {high:g}"


class Section(BaseModel):
    """A table of quantities and switches; each quantity is held to the unit and bounds of its field."""

    model_config = STRICT

    title: ClassVar[str] = ""

    @field_validator("*", mode="after")
    @classmethod
    def within_bounds(cls, value: Any, info: ValidationInfo) -> Any:
        """Check a quantity against the unit and bounds its field declares."""
        if not isinstance(value, Quantity) or info.field_name is None:
            return value
        extra = cls.model_fields[info.field_name].json_schema_extra
        declared: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
        unit = declared.get("unit", "")
        if value.unit and value.unit != unit:
            raise ValueError(f"unit must be '{unit}', found '{value.unit}'")
        low, high = declared.get("ge"), declared.get("le")
        for figure in (value.value, value.low, value.high):
            if figure is None:
                continue
            if (low is not None and figure < low) or (high is not None and figure > high):
                reach = describe_bounds(low, high)
                raise ValueError(f"must be {reach} {unit}".rstrip() + f", found {figure:g}")
        return value if value.unit == unit else value.model_copy(update={"unit": unit})


class Row(BaseModel):
    """One line of a dated table; its plain numbers share one source.

    An ``assumed`` or ``estimated`` row gives a sentence and a range as factors on its numbers.
    """

    model_config = STRICT

    source: str
    because: str = ""
    low_factor: float | None = Field(default=None, gt=0, le=1)
    high_factor: float | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def sourced(self) -> Self:
        """Refuse a row without a source, or an assumed one without sentence and range."""
        problem = source_problem(
            self.source, self.because, self.low_factor is not None and self.high_factor is not None
        )
        if problem:
            raise ValueError(problem.replace("low and high", "low_factor and high_factor"))
        return self
