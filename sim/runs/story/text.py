"""A story as text: events gathered into dated paragraphs, nights between them, long repetition summed up.

The limits of the model and the mark *simulated* stand at both ends. What a life has too much of for two pages is summed
up rather than left out.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.limits import LIMITS
from sim.runs.story.life import CLOSING, TITLE
from sim.runs.story.phrases import (
    day_words,
    listed,
    nights_in_words,
    number,
    party_in_words,
    people_left,
    person,
    post_words,
    spelled,
    times,
    where,
)
from sim.runs.story.words import sentence

if TYPE_CHECKING:
    from sim.runs.story.events import Event, Night
    from sim.runs.story.life import Story

__all__ = ["WIDTH", "compose"]

WIDTH: Final = 100
_MOST_LINES: Final = 60

_ROUTINE: Final = frozenset({"attempt", "back_at_line", "refused", "found", "stopped_on_road", "picked_up", "aided"})


@dataclass(frozen=True)
class _Paragraph:
    """Events told together, with the nights outdoors until the next paragraph."""

    events: tuple[Event, ...]
    nights: tuple[Night, ...]
    summed_up: bool = False

    def routine(self, *, with_harm: bool) -> bool:
        """Whether it may be summed up with others like it; harm to the person only `with_harm`."""
        kinds = _ROUTINE | {"weakened"} if with_harm else _ROUTINE
        return all(
            event.kind in kinds and (with_harm or not event.weakened) and event.to_state != "custody"
            for event in self.events
        )


def _belongs(event: Event, last: Event) -> bool:
    """Return whether an event ends what the last one began, so that both make one paragraph."""
    if event.hour == last.hour:
        return True
    plain = not event.weakened
    return plain and (
        (event.kind in ("reached_line", "reached_camp") and last.kind == "rode")
        or (event.kind == "back_at_line" and last.to_state == "returning")
    )


def _paragraphs(story: Story) -> list[_Paragraph]:
    together: list[list[Event]] = []
    for event in story.events:
        if together and _belongs(event, together[-1][-1]):
            together[-1].append(event)
        else:
            together.append([event])
    starts = [events[0].hour for events in together] + [story.n_hours + 1]
    return [
        _Paragraph(tuple(events), tuple(n for n in story.nights if starts[at] <= n.hour < starts[at + 1]))
        for at, events in enumerate(together)
    ]


def _head(story: Story, event: Event) -> str:
    """Return the date and the hour of an event."""
    hour = max(event.hour, 0)
    if event.hour < 0:
        return day_words(story.calendar.local(0))
    clock = f"about {story.calendar.local(hour):%H:00}"
    if "minsk" in (event.from_state, event.to_state):
        clock += f" ({story.calendar.minsk_clock(hour)} in Minsk)"
    return f"{day_words(story.calendar.local(hour))}, {clock}"


def _told(story: Story, paragraph: _Paragraph) -> str:
    """Return a paragraph as text."""
    if paragraph.summed_up:
        return _summary(story, paragraph)
    texts: list[str] = []
    for at, event in enumerate(paragraph.events):
        text = sentence(event, story)
        if at and event.hour != paragraph.events[at - 1].hour:
            text = _later(story, event, paragraph.events[at - 1], text)
        texts.append(text)
    if paragraph.nights:
        texts.append(nights_in_words(paragraph.nights))
    return f"{_head(story, paragraph.events[0])}. {' '.join(text for text in texts if text)}"


def _later(story: Story, event: Event, last: Event, text: str) -> str:
    """Return the sentence of an event that ends what the last one began, some hours later."""
    clock = f"{story.calendar.local(event.hour):%H:00}"
    if event.kind == "reached_line" and event.place == last.place:
        return f"About {clock} they were in the woods there."
    if event.kind == "back_at_line" and event.place != event.from_place:
        return f"{text.removesuffix('.')}, about {clock}."
    return f"About {clock} t{text[1:]}" if text.startswith("They ") else f"About {clock}: {text}"


def _endings(endings: Sequence[tuple[str, int]]) -> str:
    """Return how many attempts ended how."""
    if len(endings) == 1:
        ending, n = endings[0]
        return f"{'both ' if n == 2 else 'all ' if n > 2 else ''}{ending}"
    return listed([f"{number(n)} {ending}" for ending, n in endings])


def _summary(story: Story, paragraph: _Paragraph) -> str:
    """Return many paragraphs as one: attempts by stretch and ending, returns, refusals, help, nights."""
    events = paragraph.events
    attempts = [event for event in events if event.attempt]
    days = [day_words(story.calendar.local(max(event.hour, 0))) for event in (events[0], events[-1])]
    texts = []
    if attempts:
        posts = Counter(post_words(event.place) for event in attempts).most_common()
        places = listed([f"{post} ({n})" for post, n in posts] if len(posts) > 1 else [posts[0][0]])
        endings = Counter(
            {"caught": "caught inside", "seen_inside": "got inside", "unseen_inside": "got inside"}.get(
                event.ending, "stopped or turned back at the barrier"
            )
            for event in attempts
        ).most_common()
        some = f"{spelled(len(attempts))}{' more' * (attempts[0].attempt > 1)}"
        more = f"{some} attempt{'s' * (len(attempts) != 1)}, across from {places}"
        texts.append(f"{more}: {_endings(endings)}.")
    counted = Counter(
        "returned" if event.to_state == "returning" else event.kind for event in events if event.kind != "attempt"
    )
    counted["returned"] += sum(event.kind == "attempt" and event.to_state == "returning" for event in events)
    for key, text in (
        ("returned", "They were returned without procedure {}."),
        ("refused", "They wished to go back to Minsk {} and were not let."),
        ("aided", "An aid group found them and helped {}."),
        ("picked_up", "They were on the road west {}."),
    ):
        if counted[key]:
            texts.append(text.format(times(counted[key])))
    harm = Counter(event.weakened for event in events)
    befell = [
        f"{words} {times(harm[key])}" for key, words in (("fell_ill", "fell ill"), ("hurt", "was hurt")) if harm[key]
    ]
    if befell:
        texts.insert(0, f"{person(story)} {listed(befell)}, and went on, weaker.")
    if paragraph.nights:
        texts.append(nights_in_words(paragraph.nights))
    return f"{days[0]}{' to ' + days[1] if days[1] != days[0] else ''}. {' '.join(texts)}"


def _runs(paragraphs: Sequence[_Paragraph], with_harm: bool) -> list[tuple[int, int]]:
    """Return runs of at least three routine paragraphs as (first, end), the longest first."""
    runs, start = [], 0
    for at in range(len(paragraphs) + 1):
        if at == len(paragraphs) or not paragraphs[at].routine(with_harm=with_harm):
            runs.append((start, at))
            start = at + 1
    return sorted((run for run in runs if run[1] - run[0] >= 3), key=lambda run: (run[0] - run[1], run[0]))


def _summed_up(run: Sequence[_Paragraph]) -> _Paragraph:
    """Return several paragraphs as one."""
    events = tuple(event for paragraph in run for event in paragraph.events)
    return _Paragraph(events, tuple(night for paragraph in run for night in paragraph.nights), summed_up=True)


def _shortened(story: Story, paragraphs: list[_Paragraph], n_lines: int, *, with_harm: bool = False) -> list[str]:
    """Return the paragraphs as lines, with as little summed up as lets them stand in `n_lines`.

    Longest runs of attempts and returns are summed up first, and of each no more than needed; how it began and how it
    ended stays in full where it can. Harm is told each time by itself, unless the life does not fit otherwise.
    """
    lines = {id(paragraph): _wrapped(_told(story, paragraph), "    ") for paragraph in paragraphs}
    left = sum(len(block) for block in lines.values())
    replaced: dict[int, tuple[int, list[str]]] = {}
    for first, end in _runs(paragraphs, with_harm):
        if left <= n_lines:
            break
        for stop in [*range(first + 4, end), end]:
            start = first if stop == end else first + 1
            summary = _wrapped(_told(story, _summed_up(paragraphs[start:stop])), "    ")
            shorter = left - sum(len(lines[id(p)]) for p in paragraphs[start:stop]) + len(summary)
            if shorter <= n_lines:
                break
        replaced[start] = (stop, summary)
        left = shorter
    if left > n_lines and not with_harm:
        return _shortened(story, paragraphs, n_lines, with_harm=True)
    told: list[str] = []
    at = 0
    while at < len(paragraphs):
        stop, block = replaced.get(at, (at + 1, lines[id(paragraphs[at])]))
        told += block
        at = stop
    return told


# ---------------------------------------------------------------- the whole


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _opening(story: Story) -> list[str]:
    days = f"{day_words(story.calendar.first_day)} to {day_words(story.calendar.last_day)}"
    told = f"Simulated person {story.ordinal:,} of {story.n_people:,} (number {story.person})"
    lines = [TITLE, *(line for limit in LIMITS for line in _wrapped(limit)), ""]
    lines += _wrapped(f"{told} of the run {story.scenario}, seed {story.seed}, {days}. {story.why}".strip())
    if story.people_per_agent > 1:
        lines += _wrapped(
            f"In the counts of this run each simulated person stands for {story.people_per_agent:,} people; the life "
            "told here is of that one alone."
        )
    lines += ["", *_wrapped(party_in_words(story)), ""]
    return lines


def _closing(story: Story) -> list[str]:
    last = story.events[-1]
    state, last_day = story.state_at(story.n_hours), day_words(story.calendar.last_day)
    lines = [""]
    if state not in ("west", "home", "dead"):
        end = f"When the run ends, on {last_day}, they are {where(state, last.place)}"
        lines += _wrapped(f"{end}{people_left(last.n_together)}.")
    attempts = story.attempts
    made = f"{number(attempts)} attempt{'s' * (attempts != 1)}" if attempts else "no attempt"
    nights = len(story.nights)
    slept = f"{number(nights)} night{'s' * (nights != 1)} outdoors" if nights else "no night outdoors"
    days = round(story.n_days)
    lines += _wrapped(f"In all: {made}, {slept}, {number(days)} day{'s' * (days != 1)}.")
    return [*lines, "", *_wrapped(CLOSING), *(line for limit in LIMITS for line in _wrapped(limit))]


def compose(story: Story) -> str:
    """Return a story as text of at most :data:`WIDTH` columns, and of some 15 to 60 lines."""
    opening, closing = _opening(story), _closing(story)
    body = _shortened(story, _paragraphs(story), _MOST_LINES - len(opening) - len(closing))
    return "\n".join([*opening, *body, *closing]) + "\n"
