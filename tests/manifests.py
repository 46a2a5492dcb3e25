"""Manifests for tests: what a results folder tells of itself, with a hash that fits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_what"]


def write_what(folder: Path, what: Mapping[str, Any]) -> None:
    """Write a manifest of this model that tells `what`; the folder is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"model": "border-standoff", **what}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    manifest = {"what": told, "what_hash": hashlib.sha256(canonical.encode()).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
