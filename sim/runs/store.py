"""Results folders: written whole or not at all.

Everything is written into a hidden folder beside the wanted one, which takes its name only when all is there. A full
disk, Ctrl-C or any error leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import OutputError

__all__ = ["check_free", "free_name", "whole_or_nothing"]


def free_name(parent: Path, name: str) -> Path:
    """Return ``parent/name``, or ``parent/name-2`` … if that exists already."""
    candidate, number = parent / name, 1
    while candidate.exists():
        number += 1
        candidate = parent / f"{name}-{number}"
    return candidate


def check_free(folder: Path) -> None:
    """Refuse a results folder that cannot be written, before any work is done.

    Raises
    ------
    OutputError
        If it exists already, or its parent is no folder that can be written to.
    """
    try:
        folder.exists()
    except OSError as error:
        raise OutputError(f"--out: '{folder}' cannot be a folder: {error.strerror or error}") from error
    if folder.exists() or folder.is_symlink():
        raise OutputError(f"--out: found '{folder}', which exists already; name a folder that does not")
    parent = folder.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(f"--out: '{parent}' is not a folder, so '{folder}' cannot be made in it")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"--out: '{parent}' may not be written to; name another folder")


@contextmanager
def whole_or_nothing(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into that becomes `folder` when the block ends without an error.

    Raises
    ------
    OutputError
        If the disk is full or something else keeps the results from being written.
    """
    check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"cannot write to '{folder.parent}': {error.strerror or error}") from error
    try:
        yield unfinished
        unfinished.chmod(0o755)
        if folder.exists():
            raise OutputError(f"'{folder}' appeared while the run went on; nothing was overwritten")
        unfinished.rename(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise OutputError(f"cannot write the results to '{folder}': {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
