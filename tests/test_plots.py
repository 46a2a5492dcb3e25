"""Figures: all are drawn for every sort of record, say what they must say, do not write over themselves, and repeat."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, StepPatch
from plot_data import make_chronicle, make_record

from sim.limits import LIMITS, MAP_ATTRIBUTION
from sim.plots import FIGURES, Ground, draw_all
from sim.plots.flags import Flag, arrange_flags
from sim.plots.flow_layout import FATES, lay_out, streams
from sim.plots.ground import barrier_minutes
from sim.plots.harm import published_deaths
from sim.plots.labels import overlapping_texts, spread
from sim.plots.style import STATE_COLOURS, Frame, frame, house, save, text_width, wrap
from sim.plots.timeline import day_axis
from sim.plots.words import count, day_name, period, short_text
from sim.runs.one import simulate
from sim.runs.tables import outcome_table
from sim.world.border import load_border
from sim.world.outlines import load_basemap, load_lines
from tests.small import small_scenario

CASES = {
    "23 days": {"n_days": 23},
    "one day": {"n_days": 1},
    "240 winter days": {"n_days": 240, "start": "2021-11-01"},
    "empty": {"n_days": 5, "people": 0.0, "drills": False, "engineers": False},
}
OBSERVED = {
    date(2021, 11, 9): SimpleNamespace(value=599.0, low=None, high=None),
    date(2021, 11, 11): SimpleNamespace(value=220.0, low=220.0, high=230.0),
    date(2022, 3, 1): SimpleNamespace(value=99999.0, low=None, high=None),
}


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(load_border(), load_lines(), load_basemap())


@pytest.fixture(scope="module")
def drawn(ground: Ground) -> dict[tuple[str, str], Frame]:
    """Return every figure of every case, drawn once."""
    frames = {}
    with house():
        for case, options in CASES.items():
            record = make_record(**options)  # type: ignore[arg-type]
            chronicle = make_chronicle(record, empty=case == "empty")
            for name, draw in FIGURES.items():
                frames[case, name] = draw(record, chronicle, ground, OBSERVED)
    return frames


def texts(figure: Figure) -> str:
    """Return all words of a figure, lines joined."""
    from matplotlib.text import Text

    return " ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())  # type: ignore[attr-defined]


def by_role(figure: Figure, role: str) -> str:
    return " ".join(text.get_text() for text in figure.texts if text.get_gid() == role)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_every_figure_has_title_subtitle_and_small_print(
    drawn: dict[tuple[str, str], Frame], case: str, name: str
) -> None:
    figure = drawn[case, name].figure
    title = by_role(figure, "title")
    assert len(title.split()) >= 4
    assert title[0].isupper() or title[0].isdigit()
    subtitle = by_role(figure, "subtitle")
    assert "standoff-november-2021" in subtitle
    assert "seed 20211112" in subtitle
    assert "one run, one history" in subtitle
    small = by_role(figure, "small-print")
    assert "Source: border-standoff" in small
    assert "CC BY 4.0" in small
    for limit in LIMITS:
        assert limit in small
    assert (MAP_ATTRIBUTION in small) == (name in {"map", "line"})


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_no_text_lies_on_another_or_leaves_the_paper(drawn: dict[tuple[str, str], Frame], case: str, name: str) -> None:
    with house():
        assert overlapping_texts(drawn[case, name].figure) == []


def test_check_for_overlaps_finds_one() -> None:
    record = make_record(1)
    with house():
        framed = frame(record, "A title that is a sentence")
        framed.figure.text(0.5, 0.5, "one")
        framed.figure.text(0.505, 0.5, "two")
        framed.figure.text(0.99, 0.5, "over the edge")
        found = overlapping_texts(framed.figure)
    assert ("one", "two") in found
    assert ("over the edge", "the edge of the paper") in found


@pytest.mark.parametrize("name", FIGURES)
def test_words_are_neutral(drawn: dict[tuple[str, str], Frame], name: str) -> None:
    for case in CASES:
        found = re.findall(r"\b(storm|wave|horde|push|rush|illegal)\w*", texts(drawn[case, name].figure), re.IGNORECASE)
        assert found == []


@pytest.mark.parametrize("name", FIGURES)
def test_every_axis_of_numbers_names_its_unit(drawn: dict[tuple[str, str], Frame], name: str) -> None:
    for axes in drawn["23 days", name].figure.axes:
        labels = [label.get_text() for label in axes.get_yticklabels()]
        if (
            not axes.axison
            or axes.yaxis.get_ticks_position() == "right"
            or not any(re.fullmatch(r"[\d,.−]+", text) for text in labels)
        ):
            continue  # names of rungs or posts on the right, or no numbers at all
        assert axes.get_ylabel() != ""


def test_an_empty_panel_says_so_in_a_sentence(drawn: dict[tuple[str, str], Frame]) -> None:
    expected = {
        "attempts": "Nobody tried to cross in these days",
        "people": "There is nobody in the region",
        "harm": "Nobody spends a night outdoors",
        "flow": "Nobody is on the way in these days",
        "effort": "No drill draws watchers",
        "map": "No attempt at any post",
        "line": "Nobody tries to cross the line",
        "tension": "chronicle of these days is empty",
    }
    assert "No wire is cut outside group crossings" in " ".join(texts(drawn["empty", "effort"].figure).split())
    for name, sentence in expected.items():
        assert sentence in " ".join(texts(drawn["empty", name].figure).split()), name


def test_observed_counts_of_other_days_are_not_shown(drawn: dict[tuple[str, str], Frame]) -> None:
    framed = drawn["23 days", "attempts"]
    assert "On the 2 days with a published count the Polish Border Guard printed 819" in texts(framed.figure)
    assert framed.figure.axes[0].get_ylim()[1] < 5000


def test_totals_in_the_figures_are_those_of_the_record(drawn: dict[tuple[str, str], Frame]) -> None:
    record = make_record(23)
    people = int(record["people"].isel(day=-1).sel(state="centre"))
    assert f"in the Bruzgi centre {people:,}" in texts(drawn["23 days", "people"].figure)
    attempts = int(record["recorded_attempts"].sel(country="PL").sum())
    assert by_role(drawn["23 days", "attempts"].figure, "title").startswith(f"{attempts:,} attempts")
    nights = int(record["person_nights_outdoors"].sum())
    assert f"{nights:,} nights outdoors" in by_role(drawn["23 days", "harm"].figure, "title")
    dead = int(record["flow"].sel(to_state="dead").sum())
    assert f"{dead} die" in by_role(drawn["23 days", "flow"].figure, "title")


def test_deaths_show_the_published_interval_with_its_claimants(drawn: dict[tuple[str, str], Frame]) -> None:
    low, high = sorted(item.value for item in published_deaths())
    assert (low, high) == (8.0, 21.0)
    words = texts(drawn["23 days", "harm"].figure)
    assert "Published: 8 to 21" in words
    assert "Polish Border Guard" in words
    assert "IOM" in words


def test_same_quantity_of_harm_for_every_service(drawn: dict[tuple[str, str], Frame]) -> None:
    words = texts(drawn["23 days", "harm"].figure)
    for service in ("Belarusian", "Polish", "Lithuanian", "Latvian"):
        assert f"{service} services" in words


def test_all_figures_are_written_and_the_same_twice(ground: Ground, tmp_path: Path) -> None:
    record = make_record(2)
    chronicle = make_chronicle(record)
    before = dict(mpl.rcParams)
    first = draw_all(record, chronicle, tmp_path, ground=ground, observed=OBSERVED)
    assert [path.name for path in first] == [f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")]
    (tmp_path / "again").mkdir()
    for name in ("line", "flow"):
        with house():
            again = save(FIGURES[name](record, chronicle, ground, OBSERVED), tmp_path / "again", name)
        for path in again:
            assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
    assert dict(mpl.rcParams) == before


def test_record_is_left_as_it_was(ground: Ground) -> None:
    record, kept = make_record(3), make_record(3)
    with house():
        for draw in FIGURES.values():
            draw(record, make_chronicle(record), ground, {})
    assert record.identical(kept)


# ---------------------------------------------------------------- the pieces


@given(
    st.lists(st.floats(0, 10, allow_nan=False), min_size=1, max_size=12),
    st.floats(0.01, 2.0),
)
def test_spread_keeps_order_distance_and_limits(wanted: list[float], gap: float) -> None:
    placed = spread(wanted, gap, 0.0, 10.0)
    room = min(gap, 10.0 / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    for lower, upper in pairwise(order):
        assert placed[upper] - placed[lower] >= room - 1e-9
    assert min(placed) >= -1e-9
    assert max(placed) <= 10.0 + 1e-9


def test_spread_leaves_places_that_do_not_meet() -> None:
    assert spread([1.0, 5.0, 3.0], 1.0, 0.0, 10.0) == pytest.approx([1.0, 5.0, 3.0])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40), st.floats(0, 9)), max_size=25), st.integers(1, 8))
def test_no_flag_stands_on_a_flag_or_in_the_way_of_a_pole(items: list[tuple[float, int, float]], n_rows: int) -> None:
    flags = [Flag(at, "x" * length, weight) for at, length, weight in items]
    placed = arrange_flags(flags, 0.0, 30.0, 9.0, n_rows)
    spans = []
    for item in placed:
        assert 0 <= item.row < n_rows
        foot = item.flag.at / 30.0 * 9.0
        width = text_width(item.flag.text, 7.5)
        spans.append((item.row, foot, foot - width if item.leftward else foot, foot if item.leftward else foot + width))
    for number, (row, _, start, end) in enumerate(spans):
        for other, (other_row, foot, other_start, other_end) in enumerate(spans):
            if number == other:
                continue
            assert row != other_row or end <= other_start + 1e-6 or other_end <= start + 1e-6
            assert not (other_row > row and start + 1e-6 < foot < end - 1e-6)


def test_the_weightiest_flag_is_never_left_out_for_a_lighter_one() -> None:
    flags = [Flag(1.0, "light and long enough to fill it", 1.0), Flag(1.2, "heavy and long enough to fill it", 5.0)]
    placed = arrange_flags(flags, 0.0, 30.0, 9.0, 1)
    assert [item.flag.text[:5] for item in placed] == ["heavy"]


def test_flow_layout_keeps_people_and_makes_room_by_size() -> None:
    states = ["minsk", "line", "inside", "west", "dead"]
    flow = np.zeros((5, 5))
    flow[0, 1], flow[1, 2], flow[2, 1], flow[2, 3], flow[1, 4] = 100, 300, 220, 70, 2
    layout = lay_out(states, flow, np.array([40.0, 50.0, 30.0, 75.0, 2.0]), 60.0, width=10.0, height=6.0)
    minsk, line, west = layout.boxes["minsk"], layout.boxes["line"], layout.boxes["west"]
    assert minsk.start == 40 + 100 - 60
    assert line.start == 50 + 302 - 320
    assert line.height == pytest.approx(layout.per_person * 352)
    assert west.height == pytest.approx(layout.per_person * 70)
    assert "west" in FATES
    assert {ribbon.target for ribbon in layout.ribbons if ribbon.backward} == {"line"}
    assert sum(ribbon.size for ribbon in layout.ribbons) == 60 + 692
    assert layout.bottom >= 0.0


def test_small_streams_are_left_to_the_table_but_no_death_is() -> None:
    states = ["minsk", "line", "inside", "hospital_eu", "dead"]
    flow = np.zeros((5, 5))
    flow[0, 1], flow[1, 2], flow[2, 0], flow[2, 3], flow[1, 4] = 1000, 900, 19, 3, 1
    drawn, small = streams(states, flow, 20.0)
    assert small == [("inside", "minsk", 19.0)]
    assert ("line", "dead", 1.0) in drawn
    assert ("inside", "hospital_eu", 3.0) in drawn
    assert ("arrivals", "minsk", 20.0) in drawn  # 2 % of the greatest is drawn
    assert sum(size for _, _, size in drawn + small) == 20 + flow.sum()


def test_barrier_minutes_leave_water_and_bog_out() -> None:
    border = load_border()
    natural = np.asarray(border.segments.terrain) * 10.0
    delay = np.stack([natural, natural])
    delay[1, 700] += 12.0
    found = barrier_minutes(delay, border)
    assert found[0].max() == 0.0
    assert found[1, 700] == 12.0
    assert found[1].sum() == 12.0


def test_days_and_numbers_read_as_in_print() -> None:
    days = np.arange("2021-12-30", "2022-01-03", dtype="datetime64[D]")
    assert period(days) == "30 Dec 2021 – 2 Jan 2022"
    assert period(days[:2]) == "30–31 Dec 2021"
    assert period(days[:1]) == "30 Dec 2021"
    assert day_name(np.datetime64("2021-11-08T12:00")) == "8 Nov"
    assert (count(1, "person", "people"), count(1204, "person", "people")) == ("1 person", "1,204 people")
    assert short_text("a group presses on the fence", 16) == "a group presses…"


@pytest.mark.parametrize(("n_days", "labels"), [(1, 1), (23, 12), (153, 10), (240, 8)])
def test_axis_of_days_has_labels_that_fit(n_days: int, labels: int) -> None:
    first = np.datetime64("2021-08-01").astype(np.int64)
    with house():
        axes = Figure(figsize=(11, 4)).add_axes((0.1, 0.1, 0.8, 0.8))
        day_axis(axes, np.arange(first, first + n_days, dtype=np.float64))
        names = [label.get_text() for label in axes.get_xticklabels()]
    assert abs(len(names) - labels) <= 2
    assert names[0] == "1 Aug"


def test_wrapped_lines_are_no_wider_than_asked() -> None:
    text = "Half of all attempts are made on a few kilometres of a line of more than a thousand"
    for even in (False, True):
        lines = wrap(text, 3.0, 9.0, even=even)
        assert " ".join(lines) == text
        assert all(text_width(line, 9.0) <= 3.0 for line in lines)


@pytest.mark.parametrize("case", ["23 days", "240 winter days"])
def test_names_in_the_flow_do_not_cover_what_passes_behind_them(drawn: dict[tuple[str, str], Frame], case: str) -> None:
    """They were written on sheets of paper, under which ribbons to hospitals were lost."""
    (axes,) = drawn[case, "flow"].figure.axes
    names = [text for text in axes.texts if not re.fullmatch(r"[\d,]+", text.get_text())]
    assert len(names) > 20
    for text in names:
        assert text.get_bbox_patch() is None
        assert text.get_path_effects(), f"nothing sets off the letters of '{text.get_text()}' from a ribbon"


def test_the_names_of_few_people_stand_apart_in_the_flow() -> None:
    """After some days thousands wait and some dozens have gone on: boxes without height use the height of the paper."""
    states = ["minsk", "line", "camp", "inside", "centre", "road_west", "returning", "hospital_belarus", "dead", "west"]
    flow, final = np.zeros((10, 10)), np.array([3592.0, 2375, 2280, 283, 104, 51, 99, 159, 2, 118])
    for source, target, size in (
        ("minsk", "line", 1525), ("line", "camp", 2272), ("line", "inside", 506), ("line", "centre", 72),
        ("inside", "road_west", 187), ("line", "returning", 372), ("line", "hospital_belarus", 101),
        ("road_west", "west", 118), ("line", "dead", 2), ("line", "minsk", 731), ("returning", "line", 494),
    ):  # fmt: skip
        flow[states.index(source), states.index(target)] = size
    layout = lay_out(states, flow, final, 1362.0, width=10.0, height=5.5)
    floor = min(box.top - box.height for box in (layout.boxes["minsk"], layout.boxes["line"]))
    for column in (("centre", "road_west", "returning"), ("west", "dead"), ("camp", "inside")):
        boxes = [layout.boxes[name] for name in column]
        assert all(above.top - above.height - below.top > 1.0 for above, below in pairwise(boxes))
        assert boxes[0].top == pytest.approx(layout.boxes["line"].top)
        assert boxes[-1].top - boxes[-1].height >= floor - 1e-9


@pytest.mark.parametrize("case", ["23 days", "240 winter days"])
def test_no_line_of_deaths_runs_behind_a_name(drawn: dict[tuple[str, str], Frame], case: str) -> None:
    figure = drawn[case, "flow"].figure
    figure.draw_without_rendering()
    (axes,) = figure.axes
    black = to_rgba(STATE_COLOURS["dead"])[:3]
    lines = [
        patch.get_transform().transform_path(patch.get_path())
        for patch in axes.patches
        if isinstance(patch, PathPatch)
        and any(colour[:3] == black and colour[3] > 0 for colour in (patch.get_edgecolor(), patch.get_facecolor()))
    ]
    names = [text for text in axes.texts if not re.fullmatch(r"[\d,]+", text.get_text())]
    assert len(lines) >= 2 and len(names) > 20
    for text in names:
        box = text.get_window_extent()
        behind = [line for line in lines if line.interpolated(1).intersects_bbox(box, filled=False)]
        assert not behind, text.get_text()


def test_figures_call_the_way_out_what_the_tables_call_it(drawn: dict[tuple[str, str], Frame]) -> None:
    told = [row[1] for row in outcome_table(simulate(small_scenario(until=date(2021, 8, 1)), 1).record)]
    assert "reached Germany" in told
    for name in ("flow", "people"):
        assert "reached Germany" in texts(drawn["23 days", name].figure)
        assert "the west" not in " ".join(texts(drawn[case, name].figure) for case in CASES)
    assert re.search(r"reach(es)? Germany", by_role(drawn["23 days", "flow"].figure, "title"))


def test_effort_shows_wire_that_is_cut_and_patrols_that_cover_crews(drawn: dict[tuple[str, str], Frame]) -> None:
    record, figure = make_record(23), drawn["23 days", "effort"].figure
    by_title = {axes.get_title(loc="left"): axes for axes in figure.axes}
    cut, tied = (
        by_title["Wire cut outside group crossings, m per day"],
        by_title["Patrol units tied up, unit-hours per day"],
    )
    for country in ("PL", "LT", "LV"):
        assert f"{country} {record['wire_cut'].sel(country=country).sum():.0f} m in all" in texts(cut.figure)
    most = float(record["wire_cut"].sum("country").max())
    assert most < cut.get_ylim()[1] < 1.3 * most
    assert cut.get_ylabel() == "m per day" and tied.get_ylabel() == "unit-hours per day"
    covering = record["unit_hours_covering"].sum("post").values
    assert f"covering a crew {covering[-1]:,.0f}" in texts(figure)
    assert any(
        np.array_equal(patch.get_data().values, covering) for patch in tied.patches if isinstance(patch, StepPatch)
    )
    assert "as Warsaw and Vilnius allege" in " ".join(texts(figure).split())


def test_a_contingent_with_a_long_name_stays_on_the_paper() -> None:
    record = make_record(23)
    names = ["Polish sappers, wire fence", *record["contingent"].values[1:]]
    record = record.assign_coords(contingent=names)
    record["metres_built"] = record["metres_built"] * 0.85
    with house():
        assert overlapping_texts(FIGURES["effort"](record, make_chronicle(record), None, {}).figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_a_branch_say_after_which_day_it_left_and_how(ground: Ground, name: str) -> None:
    record = make_record(5)
    record.attrs["branched"] = "after 2021-11-10: drills.enabled"
    with house():
        figure = FIGURES[name](record, make_chronicle(record), ground, {}).figure
    assert "branched after 2021-11-10: drills.enabled" in by_role(figure, "subtitle")
    assert overlapping_texts(figure) == []
