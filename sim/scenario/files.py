"""One scenario file, from bytes to a table: size, encoding and syntax come before anything is built."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn

from sim.errors import Problem, ScenarioError
from sim.scenario.wording import DATE_KEYS, show

__all__ = ["LARGEST_BYTES", "read_table"]

LARGEST_BYTES: Final = 1_000_000
"""Larger files are refused before they are read: no scenario comes near it."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _refuse(file: str, place: str, found: str, allowed: str) -> NoReturn:
    raise ScenarioError([Problem(file, place, found, allowed)]) from None


def _read_bytes(path: Path, file: str) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(file, "", "a folder", "a scenario is one TOML file")
        if not stat.S_ISREG(status.st_mode):
            _refuse(file, "", "something that is no plain file", "a scenario is one TOML file")
        if status.st_size > LARGEST_BYTES:
            _refuse(file, "", f"a file of {status.st_size / 1e6:,.1f} MB", "a scenario has at most 1 MB")
        with path.open("rb") as stream:
            return stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        _refuse(file, "", "no such file", "give a scenario file, or a name that `standoff list` shows")
    except OSError as error:
        _refuse(file, "", f"a file that cannot be read ({error.strerror or error})", "it must be readable")
    except ValueError:  # a null byte in the path
        _refuse(file, "", "a path with a null character", "give a scenario file")


def _decode(content: bytes, file: str) -> str:
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        _refuse(file, f"line {line}", "a null byte", "a scenario is text in UTF-8, this is a binary file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(file, f"line {line}", f"byte 0x{content[error.start]:02x}", "a scenario is text in UTF-8")
    if not text.strip():
        _refuse(file, "", "an empty file", "a scenario needs at least name, summary and question")
    return text


def _parse_toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _PLACE.search(str(error))
        place = f"line {match[1]}, column {match[2]}" if match and match[1] else "end of the file"
        _refuse(file, place, "text that is not TOML", _PLACE.sub("", str(error)))
    except RecursionError:
        _refuse(file, "", "tables within tables without end", "a scenario is at most four levels deep")
    except (ValueError, OverflowError):
        _refuse(file, "", "a number of thousands of digits", "numbers must be finite")


def _pairs_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise KeyError(twice)
    return table


def _parse_json(text: str, file: str) -> dict[str, Any]:
    try:
        table = _from_json("", json.loads(text, object_pairs_hook=_pairs_once))
    except json.JSONDecodeError as error:
        _refuse(file, f"line {error.lineno}, column {error.colno}", "text that is not JSON", error.msg)
    except KeyError as error:
        _refuse(file, "", f"the key {show(error.args[0])} twice in one table", "each key stands once")
    except RecursionError:
        _refuse(file, "", "tables within tables without end", "a scenario is at most four levels deep")
    except (ValueError, OverflowError):
        _refuse(file, "", "a number of thousands of digits", "numbers must be finite")
    if not isinstance(table, dict):
        _refuse(file, "", show(table), "a scenario is one table")
    return table


def _from_json(key: str, value: Any) -> Any:
    """Return `value` as TOML would give it: null left out, dates as dates."""
    if isinstance(value, dict):
        return {name: _from_json(name, item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_from_json("", item) for item in value]
    if key in DATE_KEYS and isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def read_table(path: Path, file: str) -> dict[str, Any]:
    """Return the content of a scenario file, TOML or (``.json``) the resolved form as JSON; `file` names it.

    Raises:
        ScenarioError: it is missing, no plain file, too large, not UTF-8, or has an error of syntax, of which
            line and column are given.
    """
    text = _decode(_read_bytes(path, file), file)
    return _parse_json(text, file) if path.suffix == ".json" else _parse_toml(text, file)
