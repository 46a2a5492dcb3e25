"""The house style: paper, type, colours, the frame of every figure, and how it is written to disk.

No figure sets a colour or a font of its own. Figures are made without pyplot, under :func:`house`, so that nothing
leaks into the settings of a program that draws for itself. The colours are those of Okabe and Ito (2008, Color
Universal Design) and, where more than eight are needed, lighter or darker steps of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .header import small_print, subtitle

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg
    from xarray import Dataset

__all__ = [
    "BLUE",
    "CONTINGENT_COLOURS",
    "COUNTRY_COLOURS",
    "DOTS_PER_INCH",
    "GREEN",
    "GREY",
    "INK",
    "LAYER_COLOURS",
    "MARGIN_IN",
    "OUTCOME_COLOURS",
    "PALE",
    "PAPER",
    "SIDE_COLOURS",
    "SKY",
    "STATE_COLOURS",
    "VERMILION",
    "WIDTH_IN",
    "Frame",
    "colour_of",
    "frame",
    "house",
    "number_axis",
    "panel_title",
    "save",
    "say_instead",
    "text_width",
    "tint",
    "wrap",
]

INK: Final = "#222222"
GREY: Final = "#6b6b6b"
PALE: Final = "#d9d9d9"
PAPER: Final = "#ffffff"

BLUE, SKY, GREEN, ORANGE = "#0072B2", "#56B4E9", "#009E73", "#E69F00"
VERMILION, PINK, YELLOW = "#D55E00", "#CC79A7", "#F0E442"

STATE_COLOURS: Final[dict[str, str]] = {
    "minsk": "#9ECAE1",
    "ride": SKY,
    "line": BLUE,
    "camp": "#003F6B",
    "centre": "#7A6BB0",
    "inside": ORANGE,
    "road_west": YELLOW,
    "returning": "#BDBDBD",
    "hospital": PINK,
    "hospital_belarus": PINK,
    "hospital_eu": "#A0527E",
    "custody": VERMILION,
    "procedure": "#F2B48F",
    "going_home": "#7FCDB5",
    "west": "#B8860B",
    "home": GREEN,
    "dead": "#000000",
}
OUTCOME_COLOURS: Final[dict[str, str]] = {
    "turned_back": BLUE,
    "prevented": SKY,
    "caught": VERMILION,
    "seen_inside": ORANGE,
    "unseen_inside": YELLOW,
}
COUNTRY_COLOURS: Final[dict[str, str]] = {"PL": BLUE, "LT": ORANGE, "LV": GREEN, "BY": VERMILION}
SIDE_COLOURS: Final[dict[str, str]] = {
    "Belarus": VERMILION,
    "Belarusian": VERMILION,
    "EU": BLUE,
    "Polish": BLUE,
    "Lithuanian": ORANGE,
    "Latvian": GREEN,
}
LAYER_COLOURS: Final[dict[str, str]] = {
    "low_coil": ORANGE,
    "wire_fence": BLUE,
    "steel_wall": "#000000",
    "electronics": PINK,
    "river": SKY,
}
CONTINGENT_COLOURS: Final[tuple[str, ...]] = (BLUE, VERMILION, GREEN, ORANGE, PINK, SKY, "#8C6D1F", GREY)
"""In the order of the record; contingents, drills and other things whose names a scenario chooses."""

_HOUSE: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.unicode_minus": True,
    "axes.facecolor": PAPER,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "hatch.linewidth": 0.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "figure.facecolor": PAPER,
    "path.simplify": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "border-standoff",
}
WIDTH_IN: Final = 11.0
MARGIN_IN: Final = 0.45
DOTS_PER_INCH: Final = 150


@contextmanager
def house() -> Iterator[None]:
    """Draw in the house style inside this block; the settings outside stay as they were."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_HOUSE)  # type: ignore[arg-type]
        yield


@cache
def _measurer() -> RendererAgg:
    canvas: Any = FigureCanvasAgg(Figure(figsize=(1, 1), dpi=DOTS_PER_INCH))
    renderer: RendererAgg = canvas.get_renderer()
    return renderer


@cache
def _letter_width(letter: str, size: float, weight: str) -> float:
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    # Twenty of them, since the width of one is rounded to whole dots.
    measurer: Any = _measurer()
    width, _, _ = measurer.get_text_width_height_descent(letter * 20, font, ismath=False)
    return float(width) / DOTS_PER_INCH / 20


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of one line of text in inches, at `size` points; letter by letter, so a hair too wide.

    Measuring whole lines would take a fifth of the time of all figures.
    """
    return sum(_letter_width(letter, size, weight) for letter in text) * 1.015


def wrap(text: str, width: float, size: float, weight: str = "normal", *, even: bool = False) -> list[str]:
    """Return `text` in lines no wider than `width` inches; a single longer word keeps its own line.

    `even` lines are of about the same length, so that no word stands alone in the last one.
    """
    if even:
        lines = wrap(text, width, size, weight)
        for share in range(49, 10, -1):
            tried = wrap(text, width * share / 50, size, weight)
            if len(tried) > len(lines) or len(lines) == 1:
                break
            lines = tried
        return lines
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@dataclass(frozen=True)
class Frame:
    """A figure with header and small print; the space between them is free. All lengths in inches."""

    figure: Figure
    width: float
    height: float
    top: float
    """From the lower edge of the paper to the upper end of the free space."""
    bottom: float
    """From the lower edge of the paper to the lower end of the free space."""

    def axes(self, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
        """Return new axes at a place given in inches from the lower left corner of the paper."""
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box, **options)

    def rows(
        self,
        shares: tuple[float, ...],
        *,
        left: float = 0.95,
        right: float = 0.45,
        gap: float = 0.62,
        foot: float = 0.32,
        head: float = 0.22,
        **options: Any,
    ) -> list[Axes]:
        """Return axes one under another, their heights in proportion to `shares`, top first."""
        free = self.top - head - self.bottom - foot - gap * (len(shares) - 1)
        tops, made = self.top - head, []
        for share in shares:
            height = free * share / sum(shares)
            made.append(self.axes(left, tops - height, self.width - left - right, height, **options))
            tops -= height + gap
        return made


def colour_of(code: str, colours: dict[str, str], number: int = 0) -> str:
    """Return the colour of a code, or the `number`-th free colour where the house has none for it."""
    return colours.get(code, CONTINGENT_COLOURS[number % len(CONTINGENT_COLOURS)])


def tint(colour: str, share: float) -> str:
    """Return a colour mixed with paper; `share` of it is left, [0, 1]."""
    red, green, blue = (share * part + (1 - share) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def frame(
    record: Dataset, title: str, *, note: str = "", height: float = 7.2, credit: str = "", notes_below: str = ""
) -> Frame:
    """Return an empty figure with title, subtitle and small print.

    `title` is a sentence about what is seen, `note` a second line under the subtitle, `credit` whom to name besides
    the record's own sources, `notes_below` how to read the figure.
    """
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    free = WIDTH_IN - 2 * MARGIN_IN

    def write(x: float, y: float, text: str, size: float, colour: str, weight: str, name: str) -> None:
        figure.text(
            x / WIDTH_IN, y / height, text, size=size, color=colour, weight=weight, va="top", ha="left", gid=name
        )

    y = height - 0.28
    for line in wrap(title, free, 14.5, "bold", even=True):
        write(MARGIN_IN, y, line, 14.5, INK, "bold", "title")
        y -= 0.27
    y -= 0.03
    for text in filter(None, [subtitle(record), note]):
        for line in wrap(text, free, 9.5):
            write(MARGIN_IN, y, line, 9.5, GREY, "normal", "subtitle")
            y -= 0.185
    small = small_print(record, credit, notes_below)
    lines = [line for text in small for line in wrap(text, free, 7.0)]
    bottom = 0.16 + 0.128 * len(lines)
    for number, line in enumerate(lines):
        write(MARGIN_IN, bottom - 0.128 * number, line, 7.0, GREY, "normal", "small-print")
    return Frame(figure, WIDTH_IN, height, top=y - 0.1, bottom=bottom + 0.1)


def number_axis(axes: Axes, unit: str) -> None:
    """Name the upright axis and write its numbers with commas and few ticks."""
    axes.set_ylabel(unit)
    height = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    axes.yaxis.set_major_locator(MaxNLocator(nbins=max(int(height / 0.3), 3), steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))


def panel_title(axes: Axes, text: str, unit: str = "") -> None:
    """Write what a panel shows, and in what unit, above its upper left corner."""
    tail = f", {unit}" if unit else ""
    axes.set_title(text + tail, loc="left", size=9.5, color=INK, weight="bold", pad=6)


def say_instead(axes: Axes, sentence: str) -> None:
    """Write a sentence where there is nothing to draw: an empty panel would leave the reader guessing."""
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_ylabel("")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_facecolor("#f6f6f6")
    width = axes.get_position().width * WIDTH_IN * 0.9
    text = "\n".join(wrap(sentence, width, 9.5))
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", size=9.5, color=GREY)


def save(framed: Frame, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG without dates or versions in them; return both paths."""
    png, svg = folder / f"{name}.png", folder / f"{name}.svg"
    framed.figure.savefig(png, dpi=DOTS_PER_INCH, metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    framed.figure.savefig(svg, dpi=DOTS_PER_INCH, metadata={"Date": None, "Creator": None})
    return [png, svg]
