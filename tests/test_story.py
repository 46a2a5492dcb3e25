"""Stories of simulated lives: they agree with the model's columns and books, and say what they are."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import small_scenario

from sim.agents.states import OUTDOORS, State
from sim.cli import main
from sim.errors import StandoffError
from sim.limits import LIMITS
from sim.model import StandoffModel
from sim.runs.one import run
from sim.runs.results import ResultsError
from sim.runs.story.choose import StoryError, choose_person
from sim.runs.story.events import KIND_OF_MOVE, Event, move_kind
from sim.runs.story.life import CLOSING, TITLE, Story
from sim.runs.story.phrases import listed, ordinal, spelled, times, where
from sim.runs.story.tell import story_of, tell
from sim.runs.story.text import WIDTH, compose
from sim.runs.story.watch import Ending, Manner, Watch
from sim.runs.story.words import sentence

SEED = 7
UNFAIR = re.compile(r"\b(push|pushed|pushback|rush|rushed|storm|wave|horde|illegal|migrant|invad)\w*", re.IGNORECASE)


def small_world() -> StandoffModel:
    """Return ten days at Kuźnica with some thousand people."""
    return StandoffModel(small_scenario("kuznica-8-november", migrants__people_scale=0.1), SEED)


@pytest.fixture(scope="module")
def watched() -> Watch:
    """A small world lived to its end and watched."""
    watch = Watch(small_world())
    while watch.model.hour < watch.model.world.calendar.n_hours:
        watch.step()
    return watch


@pytest.fixture(scope="module")
def stories(watched: Watch) -> list[Story]:
    """The stories of every third person of the small world."""
    return [story_of(watched, row) for row in range(0, len(watched.model.people), 3)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of two and a half days on the same stretch."""
    scenario = small_scenario("kuznica-8-november", migrants__people_scale=0.05, until=date(2021, 11, 10))
    return run(scenario, seed=SEED, out=tmp_path_factory.mktemp("story") / "run", figures=False)[1]


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy of the results folder to be damaged."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


# --- what is told agrees with the model ---------------------------------------------------------------------------


def test_watching_changes_nothing(watched: Watch) -> None:
    model = small_world()
    model.run()
    for column in model.people.columns:
        assert np.array_equal(model.people[column.name], watched.model.people[column.name]), column.name
    assert np.array_equal(model.tally.attempts, watched.model.tally.attempts)


def test_attempts_and_last_state_of_every_story_are_those_of_the_columns(watched: Watch, stories: list[Story]) -> None:
    state = watched.model.scene.people.state()
    for story in stories:
        row = story.ordinal - 1
        made = [event.attempt for event in story.events if event.ending]
        first = story.events[0].attempt
        assert made == list(range(first + 1, int(watched.model.people["attempts"][row]) + 1))
        assert State[story.state_at(story.n_hours).upper()] == state[row]


def test_last_place_and_company_are_those_of_the_columns(watched: Watch, stories: list[Story]) -> None:
    people, cells = watched.model.people, watched.model.scene.people.cells
    names = (*watched.model.world.border.posts.name, "")
    for story in stories:
        row, last = story.ordinal - 1, story.events[-1]
        if not story.is_final_at(story.n_hours):
            assert last.place == names[cells.place(people["cell"][row : row + 1])[0]]
            alive = watched.model.scene.people.state() != State.DEAD
            assert last.n_together == np.count_nonzero((people["party"] == people["party"][row]) & alive)


def test_nights_of_all_people_are_those_of_the_books(watched: Watch, stories: list[Story]) -> None:
    booked = watched.model.tally.nights_outdoors[:, list(OUTDOORS)].sum()
    assert watched.nights.sum() == booked > 0
    assert [len(story.nights) for story in stories] == [watched.nights[story.ordinal - 1] for story in stories]


def test_endings_and_group_crossings_are_those_of_the_books(watched: Watch) -> None:
    notes, tally = watched.notes(), watched.model.tally
    told = np.bincount(notes.ending, minlength=len(Ending))
    booked = tally.attempts.sum(axis=(0, 1))
    unclear = told[Ending.STOPPED_OR_TURNED_BACK] + told[Ending.DROWNED]
    assert (booked - told[:5] >= 0).all()
    assert (booked - told[:5]).sum() == unclear
    assert unclear < 0.05 * booked.sum()
    manner = np.bincount(notes.manner[notes.ending != Ending.NONE], minlength=len(Manner))
    grouped = tally.group_attempts.sum()
    assert manner[Manner.IN_GROUP] <= grouped <= manner[Manner.IN_GROUP] + manner[Manner.BESIDE_GROUP]
    assert grouped > 0


def test_every_move_of_the_run_has_a_sentence_of_its_own(watched: Watch, stories: list[Story]) -> None:
    moves = {(State(a), State(b)) for _, a, b in np.argwhere(watched.model.tally.flow)}
    assert len(moves) > 15
    by_attempt = {
        (a, b)
        for a in (State.LINE, State.CAMP)
        for b in (State.INSIDE, State.RETURNING, State.CUSTODY, State.PROCEDURE)
    }
    assert [pair for pair in moves - by_attempt if move_kind(*pair) == "moved"] == []
    told = {event.kind for story in stories for event in story.events}
    assert "moved" not in told
    assert {"attempt", "rode", "gathered", "cleared_to_centre", "to_hospital", "back_at_line", "found"} <= told


@pytest.mark.parametrize("kind", ["found", "stopped_on_road", "discharged"])
def test_who_is_let_into_the_procedure_is_not_told_as_returned(kind: str, stories: list[Story]) -> None:
    said = sentence(Event(5, kind, "inside", "procedure", "Kuźnica", "Kuźnica"), stories[0])
    assert "let into the asylum procedure in Poland, since the guarded centres were full" in said
    assert "returned" not in said


def test_only_who_was_met_by_an_aid_group_is_told_as_helped(watched: Watch, stories: list[Story]) -> None:
    told = [event.kind for story in stories for event in story.events]
    assert told.count("not_fetched") > 0
    tally = watched.model.tally
    assert 0 < told.count("aided") <= tally.aid_contacts.sum()


def test_every_kind_of_move_and_every_state_has_words(stories: list[Story]) -> None:
    for (before, after), kind in KIND_OF_MOVE.items():
        event = Event(5, kind, before.name.lower(), after.name.lower(), "Kuźnica", "Kuźnica")
        assert re.fullmatch(r"[A-Z].+\.", sentence(event, stories[0])), kind
    for state in State:
        assert "{" not in where(state.name.lower(), "Kuźnica")
    assert sentence(Event(5, "moved", "minsk", "custody", "Medininkai"), stories[0]) == (
        "They were now in a guarded centre in Lithuania."
    )


# --- the text ------------------------------------------------------------------------------------------------------


def test_every_text_is_marked_fits_a_page_and_is_fair(stories: list[Story]) -> None:
    limits = " ".join(LIMITS)
    for story in stories:
        lines = compose(story).splitlines()
        flat = " ".join(lines)
        assert lines[0] == TITLE
        assert flat.count(limits) == 2
        assert flat.endswith(f"{CLOSING} {limits}")
        assert 15 <= len(lines) <= 60
        assert max(map(len, lines)) <= WIDTH
        assert UNFAIR.findall(flat) == []
        assert "{" not in flat
        assert "_" not in flat


def test_a_text_names_days_in_full_and_stretches(stories: list[Story]) -> None:
    story = next(story for story in stories if story.attempts and story.nights)
    assert re.search(r"\n\w+day \d+ November 2021, about \d\d:00\. ", compose(story))
    assert re.search(r" attempt, (in a group crossing, )?across from \w+", compose(story).replace("\n    ", " "))


def busy_life(story: Story) -> Story:
    """Return a life with sixty attempts that were stopped and two illnesses."""
    events = [story.events[0]]
    for number in range(1, 61):
        events.append(
            Event(3 * number, "attempt", "line", "line", "Kuźnica", "Kuźnica", 1, number, "prevented", "own", True)
        )
        if number in (20, 40):
            events.append(Event(3 * number + 1, "weakened", "line", "line", "Kuźnica", "Kuźnica", weakened="fell_ill"))
    return replace(story, events=tuple(events), attempts=60)


def test_a_long_life_is_summed_up_and_nothing_is_lost(stories: list[Story]) -> None:
    text = " ".join(compose(busy_life(stories[0])).split())
    words = {spelled(n).lower(): n for n in range(1, 100)}
    summed = re.findall(r"([\w-]+)(?: more)? attempts, across from Kuźnica", text)
    alone = re.findall(r"\w+ attempt, across from Kuźnica", text)
    assert summed
    assert sum(words[word.lower()] for word in summed) + len(alone) == 60
    assert len(compose(busy_life(stories[0])).splitlines()) <= 60
    assert text.count("fell ill") == 2  # harm is told each time while there is room


def test_death_is_told_with_those_who_went_on(stories: list[Story]) -> None:
    story = next(story for story in stories if len(story.party.members) == 2)
    dies = Event(30, "died", "line", "dead", "Kuźnica", "Kuźnica", 1)
    other = Event(30, "parted", "line", "line", "Kuźnica", "Kuźnica", 1, others=(1 - story.own,))
    text = " ".join(compose(replace(story, events=(story.events[0], dies, other), nights=())).split())
    who = "The friend" if story.party.kind == "friends" else "The other adult"
    told = f"This person fell ill and died in the woods on the Belarusian side, across from Kuźnica, Poland. {who} went"
    assert told in text
    assert "When the run ends" not in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (ordinal(3), "Third"), (ordinal(20), "Twentieth"), (ordinal(41), "Forty-first"), (ordinal(112), "112th"),
        (spelled(0), "No"), (spelled(30), "Thirty"), (spelled(99), "Ninety-nine"), (spelled(1000), "1,000"),
        (times(2), "twice"), (times(15), "15 times"), (listed(["a", "b", "c"]), "a, b and c"),
    ],
)  # fmt: skip
def test_numbers_in_words(words: str, expected: str) -> None:
    assert words == expected


# --- whose life ----------------------------------------------------------------------------------------------------


def test_the_longest_is_outdoors_longest_and_ties_go_to_the_lowest_number(watched: Watch) -> None:
    row, why = choose_person(watched, "longest")
    hours = np.where(watched.present, watched.hours_outdoors, -1)
    tied = np.flatnonzero(hours == hours.max())
    assert row == tied[np.argmin(watched.model.people["id"][tied])]
    assert "longest time outdoors" in why


def test_the_typical_is_near_the_medians(watched: Watch) -> None:
    row, why = choose_person(watched, "typical")
    nights, attempts = watched.nights[watched.present], watched.model.people["attempts"][watched.present]
    assert abs(watched.nights[row] - np.median(nights)) <= 1
    assert abs(int(watched.model.people["attempts"][row]) - np.median(attempts)) <= 1
    assert f"of {watched.present.sum():,} people" in why


def test_nobody_to_choose_from_is_said() -> None:
    watch = Watch(StandoffModel(small_scenario("kuznica-8-november", migrants__enabled=False), SEED))
    with pytest.raises(StoryError, match="found nobody in the recorded days"):
        choose_person(watch, "typical")


def test_a_story_is_the_same_again_and_by_number_or_position(folder: Path) -> None:
    story = tell(folder)
    again = tell(folder / "manifest.json", story.person)
    assert compose(replace(again, why=story.why)) == compose(story)
    assert again.events == story.events
    assert tell(folder, story.ordinal, "longest").events == story.events


# --- what is refused -----------------------------------------------------------------------------------------------


def change(folder: Path, edit: Callable[[dict[str, Any]], None], *, rehash: bool = True) -> None:
    """Change what a manifest says, with a hash that fits unless told otherwise."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    edit(manifest["what"])
    if rehash:
        canonical = json.dumps(manifest["what"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        manifest["what_hash"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"nowhere: found no results folder; what is needed is a results folder"):
        tell(tmp_path / "nowhere")
    with pytest.raises(ResultsError, match=r"found no manifest\.json"):
        tell(tmp_path)
    (tmp_path / "manifest.json").write_bytes(b"\xff\x00 not JSON")
    with pytest.raises(ResultsError, match="found text that is not JSON"):
        tell(tmp_path)
    (tmp_path / "manifest.json").write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ResultsError, match="found a manifest of something else"):
        tell(tmp_path)


@pytest.mark.parametrize(
    ("edit", "rehash", "said"),
    [
        (lambda what: what.update(version="0.0.9"), True, r"a run of version 0\.0\.9; this is "),
        (lambda what: what.update(seed="7"), True, "no resolved scenario with a seed"),
        (lambda what: what.update(seed=8), False, "a manifest that was changed after it was written"),
        (lambda what: what.update(seed=8), True, "other people by state on 2021-11-"),
        (lambda what: what["scenario"].update(until="2021-11-09"), True, "a scenario that loads to another one"),
        (lambda what: what["scenario"].update(nonsense=1), True, "a scenario that does not load; its scenario: nons"),
        (lambda what: what.update(files=[]), True, "a table that was changed after it was written"),
    ],
    ids=["version", "seed", "changed", "another-run", "another-scenario", "broken-scenario", "no-files"],
)
def test_a_manifest_that_does_not_fit_is_refused(
    copy: Path, edit: Callable[[dict[str, Any]], None], rehash: bool, said: str
) -> None:
    change(copy, edit, rehash=rehash)
    with pytest.raises(ResultsError, match=said):
        tell(copy)


def test_a_damaged_table_is_refused(copy: Path) -> None:
    table = copy / "tables" / "daily.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2021-11-08", "2021-11-07"), encoding="utf-8")
    with pytest.raises(ResultsError, match="a table that was changed after it was written"):
        tell(copy)
    table.unlink()
    with pytest.raises(ResultsError, match="found no such table; a results folder is whole or none"):
        tell(copy)


def test_an_unknown_person_or_choice_is_refused(folder: Path) -> None:
    with pytest.raises(StoryError, match=r"PERSON: found 999999; must be 1 to \d+, or a person's number"):
        tell(folder, 999_999)
    with pytest.raises(StoryError, match="must be one of: typical, longest"):
        tell(folder, choose="saddest")


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_prints_a_story(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", str(folder), "3"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{TITLE}\n")
    assert said.out.endswith(f"{LIMITS[1]}\n")
    assert "Simulated person 3 of " in said.out
    assert said.err == ""


def test_the_command_prints_json_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", str(folder), "--longest", "--json", "--quiet"]) == 0
    about, *events, closing = map(json.loads, capsys.readouterr().out.splitlines())
    assert about["simulated"] == TITLE
    assert about["limits"] == list(LIMITS)
    assert closing == {"simulated": CLOSING}
    assert [event["kind"] for event in events] == [event.kind for event in tell(folder, about["person"]).events]
    assert all(re.fullmatch(r"2021-\d\d-\d\dT\d\d:00\+0[12]00", event["about"]) for event in events)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["3", "--typical"], "found both PERSON 3 and --typical; give one of them"),
        (["0"], "found '0'; must be a whole number from 1"),
        (["anna"], "found 'anna'; must be a whole number from 1"),
        (["--typical", "--longest"], "not allowed with"),
        ([], "found no manifest.json"),
    ],
)
def test_the_command_refuses_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["story", str(tmp_path), *words]) == StandoffError.exit_code == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
