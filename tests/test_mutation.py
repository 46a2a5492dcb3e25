"""The check by mutants: which code belongs to it, how a sample is drawn, and what becomes of what mutmut finds."""

from __future__ import annotations

import functools
import json
import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from mutmut.mutation.file_mutation import compute_function_hashes

from mutation import page, results, workshop
from mutation.parts import PARTS, Part
from mutation.results import Result, Survivor, by_lot, function_of, score
from mutation.undecorate import undecorate
from mutation.workshop import ROOT, Workshop

CODE = '''"""A module."""
import functools
import json

class Tank:
    @property
    def litres(self):
        return 3

    @staticmethod
    def empty():
        return 0

@functools.lru_cache(maxsize=2)
def twice(n):
    calls.append(n)
    return 2 * n

@functools.cache
@functools.wraps(len)
def size(of):
    return 0

calls = []
'''


APART = ("sim/agents/__init__.py", "sim/core/compiled.py")
"""An empty file, and what numba compiles before any mutant could be chosen."""


def test_every_module_of_core_and_agents_belongs_to_one_part() -> None:
    modules = [
        path.relative_to(ROOT).as_posix() for room in ("core", "agents") for path in (ROOT / "sim" / room).rglob("*.py")
    ]
    parts = {name: [part.name for part in PARTS if Workshop(part).mutates(name)] for name in modules}
    assert {name: of for name, of in parts.items() if len(of) != 1 and name not in APART} == {}


def test_the_tests_of_every_part_are_there() -> None:
    for part in PARTS:
        for test in part.tests:
            name, _, single = test.partition("::")
            text = (ROOT / name).read_text(encoding="utf-8")
            assert all(word in text for word in single.rstrip("]").split("[")), test


def test_a_decorator_becomes_an_assignment_and_does_the_same() -> None:
    code = undecorate(CODE)
    assert "@property" not in code
    assert "@functools.lru_cache" not in code
    assert "@staticmethod" in code, "mutmut knows these"
    assert "@functools.cache\n@functools.wraps(len)\n" in code, "two at once are left as they are"
    space: dict[str, object] = {}
    exec(code, space)
    tank, twice, calls = space["Tank"], space["twice"], space["calls"]
    assert tank().litres == 3  # type: ignore[operator]
    assert isinstance(twice, functools._lru_cache_wrapper)
    assert (twice(4), twice(4), calls) == (8, 8, [4])
    assert twice.cache_parameters()["maxsize"] == 2


def test_a_sample_stays_the_sample_when_one_function_changes() -> None:
    names = [f"sim.x.x_{function}__mutmut_{n}" for function in "abcde" for n in range(40)]
    drawn = by_lot(names, 50)
    assert len(set(drawn)) == 50
    assert drawn == by_lot(reversed(names), 50)
    assert sorted(by_lot(names, None)) == sorted(names)
    without = [name for name in names if ".x_a__" not in name]
    assert set(drawn) - set(by_lot(without, 50)) == {name for name in drawn if ".x_a__" in name}


@pytest.mark.parametrize(
    ("mutant", "function"),
    [
        ("sim.core.chance.x_draw_all__mutmut_12", "sim.core.chance.draw_all"),
        ("sim.core.chance.x__spread__mutmut_1", "sim.core.chance._spread"),
        ("sim.core.clocks.xǁSlotǁadvance__mutmut_3", "sim.core.clocks.Slot.advance"),
        ("sim.core.clocks.xǁSlotǁ__init____mutmut_3", "sim.core.clocks.Slot.__init__"),
    ],
)
def test_a_mutant_names_its_function(mutant: str, function: str) -> None:
    assert function_of(mutant) == function


class Stand(Workshop):
    """A workshop of five mutants, one of them not tried."""

    def __init__(self) -> None:
        super().__init__(Part("core", "The core", ("sim/core/*.py",), (), 0.5))

    def names(self) -> dict[str, str]:
        return {f"sim.core.chance.x_draw__mutmut_{n}": "sim/core/chance.py" for n in range(5)}

    def verdicts(self) -> dict[str, str]:
        return dict(zip(self.names(), ("killed", "survived", "no tests", "timeout"), strict=False))

    def change(self, mutant: str, file: str) -> list[str]:
        return ["- a + b", f"+ a - {mutant[-1]}"]

    def files(self) -> list[str]:
        return ["sim/core/chance.py"]


def test_survivors_that_change_nothing_leave_the_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = tmp_path / "equivalent.toml"
    row = """[[equivalent]]
function = "sim.core.chance.draw"
because = "it is zero"
change = '''
- a + b
+ a - {}
'''
"""
    reasons.write_text(row.format(2) + row.format(9), encoding="utf-8")
    monkeypatch.setattr(results, "_EQUIVALENT", reasons)
    result = results.result_of(Stand())
    assert result.total == Counter(killed=2, timeout=1, equivalent=1, survived=1)
    assert score(result.total) == pytest.approx(2 / 3)
    assert results.interval(Counter(killed=81, survived=19)) == pytest.approx((0.722, 0.875), abs=5e-4)
    assert [survivor.because for survivor in result.survivors] == ["", "it is zero"]
    assert result.stale == ("sim.core.chance.draw: - a + b + a - 9",)


def test_the_page_is_renewed_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mutation.md"
    path.write_text("before\n<!-- mutants: begin -->\nold\n<!-- mutants: end -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(page, "_PAGE", path)
    counts = {"sim/core/chance.py": Counter(killed=3, timeout=1, survived=1, equivalent=2)}
    survivors = (
        Survivor("sim.a", ("- x = 1", "+ x = 2")), Survivor("sim.b", ("- y",), "nobody looks"),
        Survivor("sim.c", ("- z", "+ w"), "nobody looks"),
    )  # fmt: skip
    page.write([Result(PARTS[0], 20, counts, survivors, ())])
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- mutants: begin -->\n")
    assert text.endswith("<!-- mutants: end -->\nafter\n")
    assert "old" not in text
    assert "75.0% killed (85% asked): 3 of 6 tried, 1 of them by the limit of time; 2 change nothing, 1 survive" in text
    assert "| `sim/core/chance.py` | 6 | 3 | 2 | 1 | 75% |" in text
    assert "- nobody looks: `sim.b`: without `y`; `sim.c`: `z` → `w`" in text
    assert "- `sim.a`: `x = 1` → `x = 2`" in text


def test_a_verdict_on_a_function_that_has_changed_since_is_forgotten(tmp_path: Path) -> None:
    made = Workshop(PARTS[0])
    made.folder = tmp_path
    source = tmp_path / "sim" / "core" / "chance.py"
    meta = tmp_path / "mutants" / "sim" / "core" / "chance.py.meta"
    for path in (source, meta):
        path.parent.mkdir(parents=True)
    code = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    source.write_text(code, encoding="utf-8")
    codes = {"x_one__mutmut_1": 1, "x_one__mutmut_2": None, "x_two__mutmut_1": 0, "x_two__mutmut_2": -24}
    told = {
        "exit_code_by_key": {f"sim.core.chance.{name}": code for name, code in codes.items()},
        "hash_by_function_name": compute_function_hashes(code),
    }
    meta.write_text(json.dumps(told), encoding="utf-8")
    one, two = "sim.core.chance.x_one__mutmut_1", "sim.core.chance.x_two__mutmut_1"
    assert made.verdicts() == {one: "killed", two: "survived", "sim.core.chance.x_two__mutmut_2": "timeout"}
    source.write_text(code.replace("return 2", "return 3"), encoding="utf-8")
    assert made.verdicts() == {one: "killed"}


SHOP = Part("shop", "A shop", ("sim/one.py",), ("tests/test_one.py",), 0.5)


def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return the workshop of a small checkout, brought up to date."""
    files = {
        "pyproject.toml": "[project]\n", "sim/one.py": CODE, "sim/two.py": CODE, "tests/conftest.py": "",
        "tests/test_one.py": "", "tests/test_two.py": "", "seeds/posts.csv": "a", "docs/page.md": "b",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(workshop, "ROOT", tmp_path)
    made = Workshop(SHOP)
    made.prepare()
    return made


def test_a_copy_holds_what_mutants_need_and_the_checkout_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop(tmp_path, monkeypatch)
    copies = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert {"sim/one.py", "sim/two.py", "tests/test_two.py", "seeds/posts.csv"} <= copies
    assert "docs/page.md" not in copies
    assert (tmp_path / "sim" / "one.py").read_text(encoding="utf-8") == CODE
    assert (made.folder / "sim" / "one.py").read_text(encoding="utf-8") == undecorate(CODE)
    assert (made.folder / "sim" / "two.py").read_text(encoding="utf-8") == CODE, "only what is mutated"
    settings = tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    assert settings["only_mutate"] == ["sim/one.py"]
    assert settings["pytest_add_cli_args_test_selection"] == ["tests/test_one.py"]


def test_a_copy_is_written_only_where_it_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = shop(tmp_path, monkeypatch)
    one, two = made.folder / "sim" / "one.py", made.folder / "sim" / "two.py"
    for path in (one, two):
        os.utime(path, (1.0, 1.0))
    (tmp_path / "sim" / "two.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "tests" / "test_two.py").unlink()
    made.prepare()
    assert one.stat().st_mtime == 1.0
    assert two.read_text(encoding="utf-8") == "x = 1\n"
    assert not (made.folder / "tests" / "test_two.py").exists()


def test_survivors_are_tried_anew_when_a_test_of_their_part_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop(tmp_path, monkeypatch)
    assert made.tests_changed()
    for name, matters in (("tests/test_two.py", False), ("tests/test_one.py", True), ("tests/conftest.py", True)):
        made.remember_tests()
        assert not made.tests_changed()
        (tmp_path / name).write_text("# changed\n", encoding="utf-8")
        made.prepare()
        assert made.tests_changed() == matters, name
