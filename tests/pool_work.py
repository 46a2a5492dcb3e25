"""Work for the pool's tests, in a module of its own so that worker processes can import it by name."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["die_if_there", "die_of_three", "unsendable"]


def die_of_three(number: int) -> int:
    """Return the number, but end the process on a three, as a kill or the system's memory guard would."""
    if number == 3:
        os._exit(1)
    return number


def die_if_there(path: Path) -> str:
    """End the process if the file is there, and take it away first, so that a second try lives."""
    if path.exists():
        path.unlink()
        os._exit(1)
    return path.name


def unsendable(number: int) -> object:
    """Return something that no pipe can carry."""
    return lambda: number
