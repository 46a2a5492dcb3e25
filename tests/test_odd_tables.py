"""The generated tables of the ODD page are those of the code and the scenarios as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from sim.agents.states import COLUMNS, State
from sim.core.chance import Purpose
from sim.scenario.wording import SECTIONS, TABLES

SCRIPT = Path(__file__).parents[1] / "docs" / "generate.py"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("generate_odd_tables", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_page_is_what_is_generated(generate: ModuleType) -> None:
    committed = generate.PAGE.read_text(encoding="utf-8").splitlines()
    stale = [(was, now) for was, now in zip(committed, generate.page().splitlines(), strict=False) if was != now]
    assert not stale[:3], "run make tables"
    assert len(committed) == len(generate.page().splitlines())


def test_a_stale_page_is_told_by_the_exit_code(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "page", lambda: "new\n")
    monkeypatch.setattr(generate, "PAGE", tmp_path / "odd-tables.md")
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    generate.PAGE.write_text("old\n", encoding="utf-8")
    assert generate.main(["--check"]) == 1


def test_more_cells_than_the_column_numbers_are_refused(generate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "MOST_CELLS", 1000)
    with pytest.raises(ValueError, match=r"1,728 cells, of which a uint16 can number 1,000"):
        generate.cells()


def test_nothing_declared_is_missing_from_the_page(generate: ModuleType) -> None:
    text = generate.PAGE.read_text(encoding="utf-8")
    for column in COLUMNS:
        assert f"| `{column.name}` |" in text
    for name in (*(f"| {state.value} | {state.name.lower()} |" for state in State), "≤ 65,535"):
        assert name in text
    for key, section in SECTIONS.items():
        assert f"### `[{key}]`" in text
        assert all(f"| `{name}` |" in text for name in section.model_fields)
    assert all(f"### `[[{key}]]`" in text for key in TABLES)
    assert all(f"{purpose.name.lower()} {purpose.value}" in text for purpose in Purpose)


def test_bars_in_a_cell_do_not_break_the_table(generate: ModuleType) -> None:
    assert generate.table(("a",), [("x|y\nz",)]).splitlines() == ["| a |", "|---|", "| x\\|y z |"]
