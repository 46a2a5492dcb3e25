"""Mistakes in scenarios: each gets one line with place, value found, what is allowed and the nearest right word."""

from __future__ import annotations

import pytest
from scenario_files import FORCE, HEAD, PLAIN, Write, complaints, edited, writing

from sim.errors import EvidenceError, ScenarioError
from sim.scenario.checks import check_references
from sim.scenario.load import load_scenario

__all__ = ["writing"]


# --- single mistakes ------------------------------------------------------------------------------


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


def test_a_spin_up_before_the_people_of_the_start_is_refused(write: Write) -> None:
    """People of 8 November would stand at the line in August, and nobody would have come as they did."""
    told = (
        "spin_up_from: found 2021-11-01; must not lie before 2021-11-08, for which kuznica-8-november.toml "
        "lists 7,920 people under initial (leave spin_up_from out, or give initial for 2021-11-01)"
    )
    with pytest.raises(ScenarioError) as raised:
        load_scenario("kuznica-8-november", {"spin_up_from": "2021-11-01"})
    assert [str(problem) for problem in raised.value.problems] == [f"command line: {told}"]
    child = HEAD.partition("start")[0] + 'extends = "kuznica-8-november"\n'
    (line,) = complaints(write("spin_up_from = 2021-11-01", head=child))
    assert told in line
    assert load_scenario("kuznica-8-november", {"spin_up_from": "2021-11-08"}).initial
    assert not load_scenario(write("spin_up_from = 2021-11-01\ninitial = []", head=child)).initial


@pytest.mark.parametrize(
    ("name", "days", "told"),
    [
        (
            "kuznica-8-november", {"start": "2021-10-20", "spin_up_from": "2021-10-10"},
            "spin_up_from: found 2021-10-10; must not lie before 2021-11-08, for which kuznica-8-november.toml lists",
        ),
        (
            "kuznica-8-november", {"start": "2021-11-12", "spin_up_from": "2021-11-10"},
            "spin_up_from: found 2021-11-10; must be 2021-11-08, for which kuznica-8-november.toml lists 7,920 people",
        ),
        (
            "kuznica-8-november", {"start": "2021-11-01"},
            "start: found 2021-11-01; must not lie before 2021-11-08, for which kuznica-8-november.toml lists",
        ),
    ],
)  # fmt: skip
def test_days_of_the_command_line_that_move_listed_people_are_refused(
    name: str, days: dict[str, str], told: str
) -> None:
    with pytest.raises(ScenarioError) as raised:
        load_scenario(name, days)
    assert [str(problem).startswith(f"command line: {told}") for problem in raised.value.problems] == [True]


def test_days_that_leave_listed_people_on_their_day_are_taken() -> None:
    days = {"start": "2021-10-01", "spin_up_from": "2021-08-01"}
    assert load_scenario("crisis-2021", days).initial
    assert load_scenario("kuznica-8-november", {"start": "2021-11-10", "spin_up_from": "2021-11-08"}).initial
    assert load_scenario("standoff-november-2021", {"spin_up_from": "2021-10-01"}).initial  # for a look at some days


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


def test_a_drill_of_bad_phases_is_not_said_to_have_none(write: Write) -> None:
    lines = complaints(write(edited("pinned_share = 0.", "pinned_share = 1.", 2), head=""))
    assert [line.split(": ")[2] for line in lines] == ["phases[0].pinned_share", "phases[1].pinned_share"]


def test_overlapping_spells(write: Write) -> None:
    spell = '[[spell]]\nfirst = 2021-11-10\nlast = 2021-11-12\nmax_c = 3\nmin_c = 0\nsource = "B041"\n'
    (line,) = complaints(write(PLAIN.read_text(encoding="utf-8") + "\n" + spell, head=""))
    assert "spell[0] 2021-11-12: first: found 2021-11-12; must lie after 2021-11-12, the last day of spell[1]" in line


def test_every_problem_is_reported_at_once(write: Write) -> None:
    rows = FORCE.replace("= 9", "= -9") + FORCE.replace("PL", "XX")
    text = "sead = 1\n[guards]\nenabled = 1\nhandling_hours = 3\n" + rows
    assert len(complaints(write(text, head=HEAD.replace("trial", "T")))) == 6


# --- names on the map -----------------------------------------------------------------------------


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
