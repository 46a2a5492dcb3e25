"""Where the folders that travel with the program are: ``seeds/`` and ``scenarios/``.

An installed wheel carries them beside the package's modules, a checkout keeps them at its top. One function
knows both, so that no other module guesses at paths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..errors import StandoffError

__all__ = ["data_folder"]


def data_folder(name: Literal["seeds", "scenarios"], *, package: Path | None = None) -> Path:
    """Return the folder `name` that belongs to this installation.

    A wheel's own copy (``sim/_data/NAME``) comes first; a checkout or editable installation has none and is
    answered from the folder that holds ``sim/``, which must then also hold ``pyproject.toml``: without that
    second sign an unrelated folder called ``seeds`` in site-packages would be taken for ours. `package` is
    the folder of the package ``sim`` (the running one when None).

    Raises:
        StandoffError: neither place holds the folder.
    """
    home = package if package is not None else Path(__file__).resolve().parent.parent
    carried = home / "_data" / name
    if carried.is_dir():
        return carried
    checkout = home.parent / name
    if checkout.is_dir() and (home.parent / "pyproject.toml").is_file():
        return checkout
    raise StandoffError(
        f"the folder '{name}' was not found, neither as {carried} (installed) nor as {checkout} (checkout); "
        "install the package again or run from a complete checkout"
    )
