"""Loading scenarios: merging, units, settings, and every kind of mistake with its message."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import EvidenceError, ScenarioError, StandoffError
from sim.scenario.checks import check_references
from sim.scenario.describe import resolved_dict, scenario_hash, to_json, to_toml
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.scenario.units import convert, split_amount

DATA = Path(__file__).parent / "data"
PLAIN = DATA / "plain.toml"

HEAD = """name = "trial"
summary = "A trial"
question = "What happens here?"
description = "Written by a test."
start = 2021-11-08
until = 2021-11-14
"""
FORCE = '[[force]]\nday = 2021-11-08\ncountry = "PL"\nservice = "army"\npersons = 9\nsource = "F001"\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a scenario file beside copies of the fixtures."""
    for path in DATA.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())

    def write(text: str, name: str = "trial.toml", head: str = HEAD) -> Path:
        path = tmp_path / name
        path.write_text(head + text, encoding="utf-8")
        return path

    return write


def complaints(path: Path | str, given: dict[str, str] | None = None) -> list[str]:
    """Return every problem of a scenario that must not load, without the folder of the file."""
    with pytest.raises(ScenarioError, match="problem") as caught:
        load_scenario(path, given or {})
    folder = f"{Path(path).parent}/"
    return [str(problem).replace(folder, "") for problem in caught.value.problems]


# --- what a good file becomes -----------------------------------------------------------------------


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


# --- settings ---------------------------------------------------------------------------------------


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


# --- files that are no scenario ---------------------------------------------------------------------


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


# --- extends ----------------------------------------------------------------------------------------


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
        "must be one of: border_guard, army, police (did you mean 'army'?)",
        "trial.toml: until: found 2021-11-07; must not lie before start 2021-11-08",
    ]


# --- without and add --------------------------------------------------------------------------------


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


# --- single mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sead = 3", "sead: found an unknown key; `standoff show` lists the right ones (did you mean 'seed'?)"),
        ("seed = 0x" + "f" * 5000, "seed: found a whole number of more than 20 digits; must be from 0 to"),
        ("seed = true", "seed: found true; must be a whole number from 0 to"),
        ("replay_until = '2021-11-09'", "must be a date such as 2021-11-08, without quotation marks"),
        ("replay_until = 2021-11-09T10:00:00", "found 2021-11-09T10:00:00; must be a date"),
        ("spin_up_from = 2021-11-09", "spin_up_from: found 2021-11-09; must not lie after start 2021-11-08"),
        ("spin_up_from = 2020-11-09", "must be from 2021-01-01 to 2022-06-30"),
        ("migrants = 3", "migrants: found 3; must be a table: [migrants]"),
        ("[force]\nday = 3", "force: found a table with the keys day; must be a list of tables: [[force]]"),
        ("force = [1]", "force: found a list of 1; must be a list of tables: [[force]]"),
        ("[guards]\nrespons_minutes = 3", "guards.respons_minutes: found an unknown key"),
    ],
)
def test_mistakes_of_keys_and_dates(write: Write, text: str, words: str) -> None:
    (line,) = complaints(write(text))
    assert words in line


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ("12", 'found 12; a number needs a source: handling_hours = { value = 12, source = "assumed", low = …, '
         'high = …, because = "…" }'),
        ("'2 h'", "handling_hours: found '2 h'; a number needs a source"),
        ("[]", "handling_hours: found an empty list; a number needs a source"),
        ("{ value = 12 }", ".source: found nothing; needs an evidence id such as 'B041', or one of: estimated"),
        ("{ source = 'B041' }", ".value: found nothing; must be a number in h, or text such as '2 min'"),
        ("{ value = true, source = 'B041' }", ".value: found true; must be a number in h"),
        ("{ value = nan, source = 'B041' }", ".value: found nan; must be a number in h"),
        ("{ value = inf, source = 'B041' }", ".value: found inf; must be a number in h"),
        ("{ value = 49, source = 'B041' }", ".value: found 49; must be from 1 to 48 h"),
        ("{ value = 4, high = 50, source = 'B041' }", ".high: found 50; must be from 1 to 48 h"),
        ("{ value = 4, low = 5, source = 'B041' }", ".value: found 4; must lie within its own range, 5 to 4"),
        ("{ value = 4, unit = 'km', source = 'B041' }", "found the unit 'km'; the unit must be one of: s, min, h"),
        ("{ value = 4, unit = 4, source = 'B041' }", ".unit: found 4; must be text"),
        ("{ valu = 4, value = 4, source = 'B041' }", ".valu: found an unknown key; allowed are: value, unit, source, "
         "low, high, because (did you mean 'value'?)"),
        ("{ value = 4, source = 'B41' }", ".source: found 'B41'; must be an id of the evidence (did you mean 'B"),
        ("{ value = 4, source = 'B041+A9999' }", ".source: found 'A9999'; must be an id of the evidence"),
        ("{ value = 4, source = 'asumed' }", "found 'asumed'; source must be evidence ids joined by '+', such as "
         "'B041', or one of: estimated, calibrated, assumed (did you mean 'assumed'?)"),
        ("{ value = 4, source = 'assumed', low = 3, high = 5 }", "a number that is assumed needs a sentence"),
        ("{ value = 4, source = 'estimated', because = 'x' }", "that is estimated needs a range: low and high"),
        ("{ value = 4, source = 'B041', because = 3 }", ".because: found 3; must be text"),
    ],
)  # fmt: skip
def test_mistakes_of_quantities(write: Write, quantity: str, words: str) -> None:
    (line,) = complaints(write(f"[guards]\nhandling_hours = {quantity}"))
    assert line.startswith("trial.toml: guards.handling_hours")
    assert words in line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("persons = 9", "persons = -9", "persons: found -9; must be from 0 to 200,000"),
        ("persons = 9", "persons = '9'", "persons: found '9'; must be a number from 0 to 200,000"),
        ("persons = 9", "persons = nan", "persons: found nan; must be a number from 0 to 200,000"),
        ("persons = 9", "", "persons: found nothing; needs a number from 0 to 200,000"),
        ("persons = 9", "persns = 9", "persns: found an unknown key; allowed are: source, because, low_factor, "),
        ("persons = 9", "persons = 9\nlow_factor = 0.0", "low_factor: found 0; must be above 0 and at most 1"),
        ('"F001"', '"F999"', "source: found 'F999'; must be an id of the evidence"),
        ('source = "F001"', "", "source: found nothing; needs an evidence id such as 'B041', or one of: estimated"),
        ('"F001"', "'assumed'\nbecause = 'x'", "needs a range: low_factor and high_factor"),
        ('"PL"', '"pl"', "country: found 'pl'; must be one of: PL, LT, LV"),
    ],
)
def test_mistakes_in_a_row(write: Write, old: str, new: str, words: str) -> None:
    lines = complaints(write(FORCE.replace(old, new)))
    assert words in "\n".join(lines)
    assert all(line.startswith("trial.toml: force[0] 2021-11-08 ") for line in lines)


def edited(old: str, new: str, count: int = 1) -> str:
    """Return the plain fixture with one replacement, which must apply."""
    text = PLAIN.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, count)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("hours = 2,", "hours = 0,", "drill[0] Gozha drop: phases[0].hours: found 0; must be from 1 to 2,000"),
        ('clock = "09:00"', 'clock = "29:00"', "drill[0] Gozha drop: phases[0].clock: found '29:00'; must be a Warsaw"),
        ('routes = ["Istanbul"]', 'routes = ["Istambul"]',
         "routes[0]: found 'Istambul'; must be a route of this scenario: Istanbul, Moscow overland "
         "(did you mean 'Istanbul'?)"),
        ('target = "Minsk"', 'target = "Minks"', "target: found 'Minks'; must be one of: Minsk, "),
        ("since = 2021-11-05", "since = 2021-08-01",
         "route[0] Istanbul: timetable[1]: since: found '2021-08-01'; each since stands once"),
        ("lithuania_share = 0.15", "lithuania_share = 0.25",
         "lithuania_share: found 1.05; poland_share and lithuania_share must not exceed 1 together"),
        ("syrian_share = 0.25", "syrian_share = 0.75", "iraqi_share and syrian_share must not exceed 1 together"),
        ("alone_share = { value = 0.25", "alone_share = { value = 0.6, low = 0.1, high = 0.7, source = 'B041' }\n#",
         "migrants.alone_share: found 1.07; alone_share and friends_share must not exceed 1 together"),
        ("end_segment = 418", "from_segment = 418\nend_segment = 418", "end_segment: found 418; must be above from_"),
        ("last = 2021-12-31", "last = 2021-08-24", "last: found 2021-08-24; must not lie before first 2021-08-25"),
        ('name = "British reconnaissance"', 'name = "Polish sappers"',
         "contingent[1] Polish sappers: first: found 2021-11-11; must lie after 2021-12-31, the last day of "
         "contingent[0] Polish sappers in "),
        ("day = 2021-08-19", "day = 2021-11-08",
         "force[1] 2021-11-08 PL army: day: found '2021-11-08 PL army'; each day, country, service stands once"),
        ("max_c = 6", "max_c = 0.5", "normal[0] 11: max_c: found 0.5; must not be below min_c 1"),
        ("paratroopers = 250", "paratroopers = -250", "forces.paratroopers: found -250; must be at least 0"),
    ],
)  # fmt: skip
def test_rows_that_contradict_each_other(write: Write, old: str, new: str, words: str) -> None:
    (line,) = complaints(write(edited(old, new), head=""))
    assert words in line


def test_a_drill_needs_a_phase(write: Write) -> None:
    text = PLAIN.read_text(encoding="utf-8")
    phases = text[text.index("phases = [") : text.index("[[action]]")]
    (line,) = complaints(write(edited(phases, "phases = []\n"), head=""))
    assert line.endswith("phases: found an empty list; must be a list of tables with at least one entry")


def test_overlapping_spells(write: Write) -> None:
    spell = '[[spell]]\nfirst = 2021-11-10\nlast = 2021-11-12\nmax_c = 3\nmin_c = 0\nsource = "B041"\n'
    (line,) = complaints(write(PLAIN.read_text(encoding="utf-8") + "\n" + spell, head=""))
    assert "spell[0] 2021-11-12: first: found 2021-11-12; must lie after 2021-11-12, the last day of spell[1]" in line


def test_every_problem_is_reported_at_once(write: Write) -> None:
    rows = FORCE.replace("= 9", "= -9") + FORCE.replace("PL", "XX")
    text = "sead = 1\n[guards]\nenabled = 1\nhandling_hours = 3\n" + rows
    assert len(complaints(write(text, head=HEAD.replace("trial", "T")))) == 6


# --- names on the map -------------------------------------------------------------------------------


class OnePost:
    """A border with one post, and a hint for every other name."""

    def post_number(self, name: str) -> int:
        if name != "Kuźnica":
            raise EvidenceError(f"no post is called {name!r}; did you mean 'Kuźnica'?")
        return 0

    def post_of_place(self, place_name: str) -> int:
        return self.post_number(place_name)


def test_known_places_pass() -> None:
    check_references(load_scenario(PLAIN), OnePost())


def test_unknown_places_are_all_reported(write: Write) -> None:
    scenario = load_scenario(write(edited('"Kuźnica"', '"Kuznia"', 2), head=""))
    with pytest.raises(ScenarioError, match="2 problems") as caught:
        check_references(scenario, OnePost())
    assert [str(problem) for problem in caught.value.problems] == [
        "plain: initial[1].place: found 'Kuznia'; must be Minsk, camp, centre or the name of a guard post "
        "(did you mean 'Kuźnica'?)",
        "plain: action[0] 2021-11-08 Minsk gather_camp: place: found 'Kuznia'; "
        "must be a guard post, crossing point or town (did you mean 'Kuźnica'?)",
    ]


# --- round trips ------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=3, max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trips")


def test_half_a_letter_smuggled_in_by_json_is_no_text(folder: Path) -> None:
    data = resolved_dict(load_scenario(PLAIN))
    data["guards"]["handling_hours"]["because"] = data["summary"] = "half a letter: \ud800"
    (folder / "half.json").write_text(json.dumps(data), encoding="utf-8")
    assert [line.split(";")[0] for line in complaints(folder / "half.json")] == [
        "half.json: guards.handling_hours.because: found 'half a letter: \\ud800'",
        "half.json: summary: found 'half a letter: \\ud800'",
    ]


def test_every_character_of_a_text_comes_back(folder: Path) -> None:
    data = resolved_dict(load_scenario(PLAIN))
    data["question"] = "".join(map(chr, range(1, 400)))
    data["drill"][0]["forces"] = {"two words": 1, "": 2, 'a"\x7f\n': 3, "²": 4}
    (folder / "odd.json").write_text(json.dumps(data), encoding="utf-8")
    scenario = load_scenario(folder / "odd.json")
    (folder / "odd.toml").write_text(to_toml(scenario), encoding="utf-8", newline="")
    assert load_scenario(folder / "odd.toml") == scenario


@given(
    share=st.floats(0, 0.5),
    hours=st.floats(3.4, 2000),
    summary=TEXTS,
    place=TEXTS,
    what=st.dictionaries(TEXTS, st.floats(0, 1e6), max_size=3),
    days=st.lists(st.dates(date(2021, 8, 1), date(2021, 12, 1)), max_size=5),
    enabled=st.booleans(),
    spin_up=st.none() | st.dates(date(2021, 8, 1), date(2021, 11, 8)),
)
@settings(max_examples=20, deadline=None)
def test_the_resolved_form_loads_back_to_an_equal_scenario(
    folder: Path, share: float, hours: float, summary: str, place: str, what: dict[str, float],
    days: list[date], enabled: bool, spin_up: date | None,
) -> None:  # fmt: skip
    data = resolved_dict(load_scenario(PLAIN))
    data["summary"], data["drill"][0]["place"], data["drill"][0]["forces"] = summary, place, what
    data["migrants"]["alone_share"] = {"value": share, "source": "set", "because": summary}
    data["migrants"]["wait_in_minsk_hours"] = {"value": hours, "source": "B041"}
    data["engineers"]["enabled"], data["spin_up_from"] = enabled, spin_up and spin_up.isoformat()
    data["action"] = [{**data["action"][1], "day": day.isoformat(), "text": place} for day in days]
    path = folder / "trip.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.summary == summary
    for text, name in ((to_toml(scenario), "back.toml"), (to_json(scenario), "back.json")):
        (folder / name).write_text(text, encoding="utf-8", newline="")
        again = load_scenario(folder / name)
        assert again == scenario
        assert scenario_hash(again) == scenario_hash(scenario)


# --- mutated files never give a traceback -----------------------------------------------------------


def survives(path: Path) -> None:
    """Load a file that may be anything; only our own errors may come out, and their text must print."""
    try:
        assert isinstance(load_scenario(path), Scenario)
    except StandoffError as error:
        assert error.exit_code == 2
        assert "pydantic" not in str(error)
        assert "Input should" not in str(error)
        assert "Traceback" not in str(error)


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_mutated_bytes_never_give_a_traceback(folder: Path, data: st.DataObject) -> None:
    content = bytearray(PLAIN.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        to = min(len(content), at + data.draw(st.integers(1, 40)))
        match data.draw(st.sampled_from(["delete", "double", "swap", "write"])):
            case "delete" if to - at < len(content):
                del content[at:to]
            case "double":
                content[at:at] = content[at:to]
            case "swap":
                content[at:to] = content[at:to][::-1]
            case _:
                content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=3))
    path = folder / "bytes.toml"
    path.write_bytes(bytes(content))
    survives(path)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in nested tables and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in items for path in leaves(item, (*at, key)))]


RESOLVED = json.loads(to_json(load_scenario(PLAIN)))
PATHS = leaves(RESOLVED)[1:]
STRANGE: list[Any] = [
    None, True, float("nan"), float("inf"), -1, -1e300, 1e308, 10**400, 2**70, 0, 0.5, "", "x", "assumed", "B999",
    "2021-02-30", "1 km", "\ud800", "a\x1b[31m\n", [], [None], [[]], [{}], {}, {"value": None}, {"": 0}, {"\ud800": 1},
]  # fmt: skip


CHANGES = st.tuples(st.sampled_from(PATHS), st.sampled_from(STRANGE), st.booleans())
KEYS = st.sampled_from(["migrants.alone_share", "until", "drills.enabled", "name", "x"])


@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_mutated_values_never_give_a_traceback(
    folder: Path, changes: list[tuple[tuple[Any, ...], Any, bool]]
) -> None:
    data = deepcopy(RESOLVED)
    for path, value, delete in changes:
        inner = data
        try:
            for key in path[:-1]:
                inner = inner[key]
            if delete:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    (folder / "values.json").write_text(json.dumps(data), encoding="utf-8")
    survives(folder / "values.json")


@given(key=KEYS | st.text(), value=st.text())
@settings(max_examples=100, deadline=None)
def test_strange_settings_never_give_a_traceback(key: str, value: str) -> None:
    try:
        load_scenario(PLAIN, {key: value})
    except StandoffError as error:
        assert error.exit_code == 2
