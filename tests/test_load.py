"""Loading scenarios: units, merging, settings of the command line, and files that are no scenario."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from scenario_files import DATA, FORCE, HEAD, PLAIN, Write, complaints, writing

from sim.scenario.load import load_scenario
from sim.scenario.units import convert, split_amount

__all__ = ["writing"]


# --- what a good file becomes ---------------------------------------------------------------------


def test_every_table_loads_and_rows_are_sorted_by_date() -> None:
    scenario = load_scenario(PLAIN)
    assert [row.persons for row in scenario.force] == [900, 12000]
    assert [row.day.day for row in scenario.action] == [8, 11, 12]
    assert [row.name for row in scenario.contingent] == ["Polish sappers", "British reconnaissance"]
    assert [week.flights_per_week for week in scenario.route[0].timetable] == [14, 7]
    assert isinstance(scenario.force[0].persons, float)
    assert scenario.first_day == date(2021, 11, 1)


def test_units_are_converted_to_the_unit_of_the_field() -> None:
    scenario = load_scenario(PLAIN)
    wait = scenario.migrants.wait_in_minsk_hours
    assert (wait.value, wait.low, wait.high, wait.unit) == (72, 24, 168, "h")
    assert (scenario.guards.response_minutes.value, scenario.guards.response_minutes.unit) == (15, "min")


@pytest.mark.parametrize(
    ("amount", "unit", "to", "result"),
    [(90, "min", "h", 1.5), (2, "week", "day", 14), (1, "m/s", "km/h", 3.6), (30, "%", "1", 0.3), (1, "km", "m", 1000)],
)
def test_unit_table(amount: float, unit: str, to: str, result: float) -> None:
    assert convert(amount, unit, to) == result


def test_units_of_different_things_do_not_convert() -> None:
    assert convert(1, "km", "h") is None
    assert convert(1, "°C", "°C") == 1


@pytest.mark.parametrize("text", ["", "min", "1 2", "1e999 m", "nan h", "0x10 m", "\u0661 h"])
def test_texts_that_are_no_amount(text: str) -> None:
    assert split_amount(text) is None


def test_child_edits_what_it_inherits() -> None:
    plain, child = load_scenario(PLAIN), load_scenario(DATA / "child.toml")
    assert [action.actor for action in child.action] == ["Minsk", "Warsaw"]
    assert [contingent.nation for contingent in child.contingent] == ["Polish"]
    assert [spell.first for spell in child.spell] == [date(2021, 11, 10)]
    assert (child.migrants.alone_share.value, child.migrants.alone_share.low) == (0.4, None), "replaced whole"
    assert child.migrants.wait_in_minsk_hours == plain.migrants.wait_in_minsk_hours
    assert (child.engineers.enabled, plain.engineers.enabled) == (False, True)
    assert (child.start, child.seed) == (plain.start, plain.seed)


def test_a_list_given_anew_replaces_the_inherited_one_down_a_chain_of_files() -> None:
    scenario = load_scenario(DATA / "grandchild.toml")
    assert [force.country for force in scenario.force] == ["LT"]
    assert scenario.until == date(2021, 11, 10)
    assert scenario.migrants.alone_share.value == 0.4, "from the child"
    assert scenario.guards.response_minutes.value == 15, "from the grandparent"


def test_what_a_scenario_is_about_is_not_inherited(write: Write) -> None:
    path = write("", head='extends = "plain.toml"\nname = "trial"\n')
    assert [line.split(":")[1].strip() for line in complaints(path)] == ["summary", "question", "description"]


# --- settings -------------------------------------------------------------------------------------


def test_settings_change_numbers_switches_dates_and_the_seed() -> None:
    given = {
        "migrants.alone_share": "30%",
        "guards.response_minutes": "12",
        "guards.handling_hours": '{ value = 5, source = "B041" }',
        "drills.enabled": "false",
        "until": "2021-11-10",
        "seed": "99",
    }
    scenario = load_scenario(PLAIN, given)
    assert (scenario.migrants.alone_share.value, scenario.migrants.alone_share.source) == (0.3, "set")
    assert scenario.guards.response_minutes.value == 12
    assert scenario.guards.handling_hours.source == "B041"
    assert (scenario.drills.enabled, scenario.until, scenario.seed) == (False, date(2021, 11, 10), 99)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("alone_share", "1", "alone_share: found an unknown key; `standoff show` lists the right ones "
         "(did you mean 'migrants.alone_share'?)"),
        ("migrant.alone_share", "1", "did you mean 'migrants.alone_share'?"),
        ("migrants.alone_share", "2", "migrants.alone_share.value: found 2; must be from 0 to 1"),
        ("migrants.alone_share", "many", "found 'many'; must be a number, or text such as '2 %'"),
        ("guards.response_minutes", "2 km", "found '2 km'; the unit must be one of: s, min, h, day"),
        ("guards.response_minutes", "true", "found true; must be a number in min"),
        ("drills.enabled", "maybe", "drills.enabled: found 'maybe'; must be true or false"),
        ("force", "3", "found a row; rows of lists are changed in a scenario file, by add and without"),
        ("guards", "3", "found a whole table; set one of its keys: guards.KEY=VALUE"),
        ("until", "2021-11-07", "until: found 2021-11-07; must not lie before start 2021-11-08"),
        ("until", "1\nseed = 3", "until: found '1\\nseed = 3'; must be a date"),
        ("seed", "-1", "seed: found -1; must be from 0 to 9,223,372,036,854,775,807"),
        ("extends", "'x'", "extends: found an unknown key"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be(key: str, value: str, words: str) -> None:
    (line,) = complaints(PLAIN, {key: value})
    assert line.startswith("command line: ")
    assert words in line


# --- files that are no scenario -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "found an empty file"),
        (b"  \n\n", "found an empty file"),
        (b"\x7fELF\x00\x01", "line 1: found a null byte"),
        (b"name = 'a'\nquestion = '\xff'", "line 2: found byte 0xff; a scenario is text in UTF-8"),
        (b"name = 'a'\nseed = = 3", "line 2, column 8: found text that is not TOML"),
        (b"name = 'a", "end of the file: found text that is not TOML"),
        (b"seed = 1\nseed = 2\n", "line 2, column 9: found text that is not TOML; Cannot overwrite a value"),
        (b"x = " + b"[" * 5000, "found tables within tables without end"),
        (b"x = " + b"9" * 5000, "found a number of thousands of digits"),
    ],
    ids=["empty", "blank", "binary", "latin", "syntax", "unclosed", "twice", "deep", "long number"],
)
def test_content_that_is_no_scenario(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    (line,) = complaints(path)
    assert words in line


def test_a_file_of_100_mb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.toml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was opened"))
    assert complaints(path) == ["x.toml: found a file of 100.0 MB; a scenario has at most 1 MB"]


def test_a_folder_a_missing_file_and_a_device_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").mkdir()
    assert "found a folder" in complaints(tmp_path / "x.toml")[0]
    assert "found no such file" in complaints(tmp_path / "y.toml")[0]
    assert "found a path with a null character" in complaints("a\0.toml")[0]
    assert "that cannot be read" in complaints("a/" + "b" * 5000)[0]
    assert "no plain file" in complaints(Path("/dev/null"))[0]


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.toml").touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "found a file that cannot be read (Permission denied)" in complaints(tmp_path / "x.toml")[0]


def test_a_file_may_begin_with_a_byte_order_mark(write: Write) -> None:
    path = write("")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_scenario(path).name == "trial"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1: found text that is not JSON"),
        ("[1]", "found a list of 1; a scenario is one table"),
        ('{"seed": 1, "seed": 2}', "found the key 'seed' twice in one table"),
        ('{"seed": ' + "9" * 5000 + "}", "found a number of thousands of digits"),
        ("[" * 100000, "found tables within tables without end"),
    ],
    ids=["text", "list", "twice", "long number", "deep"],
)
def test_json_that_is_no_scenario(write: Write, text: str, words: str) -> None:
    (line,) = complaints(write(text, "x.json", head="" if text else "x"))
    assert words in line


# --- extends --------------------------------------------------------------------------------------


def test_a_scenario_cannot_extend_itself_round_a_corner(write: Write) -> None:
    write("", "a.toml", head='extends = "b.toml"\n')
    write("", "b.toml", head='extends = "./a.toml"\n')
    (line,) = complaints(write("", "c.toml", head='extends = "a.toml"\n'))
    assert line.endswith("a scenario cannot extend itself: c.toml → a.toml → b.toml → a.toml")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("3", "extends: found 3; must be the name of a published scenario or the path of a file"),
        ("''", "extends: found ''; must be"),
        ('"no-such-scenario-at-all"', "x.toml: extends: found 'no-such-scenario-at-all'; published are:"),
        ('"gone.toml"', "gone.toml: found no such file"),
    ],
)
def test_extends_that_leads_nowhere(write: Write, value: str, words: str) -> None:
    (line,) = complaints(write("", "x.toml", head=f"extends = {value}\n"))
    assert words in line


def test_problems_stand_at_the_file_of_the_chain_that_has_them(write: Write) -> None:
    write("[guards]\nresponse_minutes = { value = -1, source = 'A176' }\n" + FORCE.replace("army", "armee"), "old.toml")
    path = write("[migrants]\nenabled = 1\n", head=HEAD.replace("2021-11-14", "2021-11-07") + 'extends = "old.toml"\n')
    assert complaints(path) == [
        "trial.toml: migrants.enabled: found 1; must be true or false",
        "old.toml: guards.response_minutes.value: found -1; must be from 0 to 600 min",
        "old.toml: force[0] 2021-11-08 PL armee: service: found 'armee'; "
        "must be one of: border_guard, army, police, territorial (did you mean 'army'?)",
        "trial.toml: until: found 2021-11-07; must not lie before start 2021-11-08",
    ]


# --- without and add ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('without.action = [{ actor = "Lundon" }]',
         "without.action[0].actor: found 'Lundon'; no row has this value (did you mean 'London'?)"),
        ('without.action = [{ actr = "London" }]', "without.action[0].actr: found an unknown key"),
        ('without.action = [{ actor = "London", kind = "gather_camp" }]', "no row has all of these values together"),
        ("without.action = [{}]", 'must be "all" or a list of tables'),
        ("without.action = 3", 'must be "all" or a list of tables'),
        ('without.actoin = "all"', "without.actoin: found an unknown key"),
        ("without = 3", "must be a table of lists, such as without.action"),
        ("add.action = 3", "add.action: found 3; must be a list of tables"),
        ("[[add.action]]\nday = 2021-11-09", "add.action[0] 2021-11-09: actor: found nothing; needs one of: Minsk"),
    ],
)  # fmt: skip
def test_edits_that_cannot_be(write: Write, text: str, words: str) -> None:
    lines = complaints(write(text, head=HEAD + 'extends = "plain.toml"\n'))
    assert words in "\n".join(lines)


def test_all_of_nothing_cannot_be_left_out(write: Write) -> None:
    assert "there are no such rows to leave out" in complaints(write('without.drill = "all"'))[0]
