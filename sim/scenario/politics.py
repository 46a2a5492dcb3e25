"""Scenario tables about governments: dated actions, who reacts to what, tension and how acts are observed."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = [
    "ACTION_KINDS",
    "Action",
    "Corridor",
    "Coverage",
    "Governments",
    "Habit",
    "Network",
    "Observation",
    "Readiness",
    "Tension",
]

ActionKind = Literal[
    "statement",
    "protest",
    "threat",
    "sanctions",
    "reinforce",
    "deploy",
    "law",
    "emergency",
    "close_crossing",
    "open_crossing",
    "flight_ban",
    "gather_camp",
    "clear_camp",
    "group_crossing",
    "repatriation_flight",
    "phone_call",
    "support",
    "incident",
    "let_back",
    "drill",
]
ACTION_KINDS: tuple[str, ...] = ActionKind.__args__  # type: ignore[attr-defined]

Side = Literal[
    "Minsk", "Moscow", "Warsaw", "Vilnius", "Riga", "London", "NATO", "EU", "Baghdad", "Ankara", "Damascus", "Kyiv"
]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Action(Row):
    """Something a party did on a date; replayed, and what follows from it acted out."""

    day: date
    clock: str = Field(default="12:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Warsaw clock")
    actor: Side
    target: Side | Literal[""] = ""
    kind: ActionKind
    place: str = ""
    size: float = Field(default=0.0, ge=0, le=1e7, description="persons, seats, soldiers, or share, by kind")
    routes: tuple[str, ...] = Field(default=(), strict=False)
    goldstein: float = Field(default=0.0, ge=-10, le=10, description="Goldstein weight")
    claimant: str = Field(default="", description="who says so, where it is disputed")
    text: str = ""


class Coverage(Row):
    """How much of what a side does the evidence holds: dated acts are a sample of what the press covered."""

    actor: Side
    share: float = Field(ge=0.05, le=1, description="share of its acts that are among the dated ones")


class Habit(Row):
    """How often a side did a kind of act while it had reason to: what its own choices after the replay go by."""

    actor: Side
    kind: ActionKind
    n_reported: float = Field(ge=0, le=1000, description="acts of this kind among the dated ones")
    days_open: float = Field(gt=0, le=2000, description="days on which its menu would have allowed the act")


class Readiness(Row):
    """How one side's readiness differs from the common numbers of `[tension]`, in every pair of which it is an end."""

    side: Literal["Minsk", "Moscow", "Warsaw", "Vilnius", "Riga", "NATO", "EU"]
    reaction_factor: float = Field(ge=0, le=10, description="factor on reaction_per_day (k or l)")
    decay_factor: float = Field(gt=0, le=10, description="factor on decay_per_day (a or b)")
    grievance_factor: float = Field(ge=0, le=20, description="factor on grievance_per_day (g or h)")


class Corridor(Row):
    """A place where people at the line may come over to have their claim heard, from a date on."""

    since: date
    until: date
    post: str = Field(description="guard post")
    people_per_day: float = Field(ge=0, le=100_000, description="persons a day")


class Governments(Section):
    """How governments act by their own rules after the replayed history ends."""

    title: ClassVar[str] = "Governments"

    enabled: bool = Field(default=True, description="off: no dated action and no reaction")
    reacts: bool = Field(default=True, description="off: after the replayed history governments do nothing")
    reaction_hours: Quantity = number(
        24.0, "h", "Usual lag between an act and the answer to it", source="A113", low=0.0, high=72.0, ge=0, le=720,
    )
    reinforce_step: Quantity = number(
        2500.0, "soldiers", "Soldiers that Warsaw adds when it reinforces", source="A189", low=1000.0, high=3000.0,
        ge=0, le=50000,
    )
    reinforce_most: Quantity = number(
        10000.0, "soldiers", "Most soldiers that a government adds in all beyond the dated levels", source="A256",
        low=4000.0, high=15000.0, because="the army could send up to 9,000 soldiers in spring 2022", ge=0, le=100000,
    )
    reinforce_rung: Quantity = number(
        6.0, "rung", "Rung of the ladder from which Warsaw reinforces", source="assumed", low=4.0, high=8.0,
        because="12,000 became 15,000 within two days of the gathering at Kuźnica (A113)", ge=1, le=12,
    )
    answer_factor: Quantity = number(
        1.0, "1", "How much faster governments act than their habits say (0: never)", source="assumed", low=0.5,
        high=2.0, because="habits are counted over five months of which three were quiet", ge=0, le=1000,
    )
    corrects_coverage: bool = Field(default=True, description="off: dated acts are taken for all that was done")
    orders_drills: bool = Field(
        default=True, description="off: governments order no drills of their own (channel from tension closed)"
    )


class Tension(Section):
    """Richardson action and reaction between sides, with a ladder; an index without data."""

    title: ClassVar[str] = "Tension"

    reaction_per_day: Quantity = number(
        0.25, "1/day", "How fast one side's readiness answers the other's (k, l)", source="assumed", low=0.05,
        high=0.6, because="smaller than the decay, so that the system is stable (A207)", ge=0, le=5,
    )
    decay_per_day: Quantity = number(
        0.40, "1/day", "How fast readiness fades (a, b)", source="assumed", low=0.1, high=1.0,
        because="long but decaying memory in event series (A209)", ge=0.001, le=5,
    )
    lag_hours: Quantity = number(
        24.0, "h", "Lag of the reaction", source="A113", low=0.0, high=72.0, ge=0, le=240,
    )
    grievance_per_day: Quantity = number(
        0.10, "1/day", "Standing grievance (g, h)", source="assumed", low=0.0, high=0.3,
        because="relations were poor before the events", ge=0, le=5,
    )
    event_scale: Quantity = number(
        0.07, "1", "Rise of the actor's readiness per point of Goldstein weight", source="assumed", low=0.02, high=0.15,
        because="sets the unit of the index", ge=0, le=5,
    )
    rung_width: Quantity = number(
        0.35, "1", "Readiness per rung of the ladder", source="assumed", low=0.2, high=0.8,
        because="the events of 2021 span rungs two to eight (A155)", ge=0.01, le=10,
    )
    asymmetric: bool = Field(
        default=True, description="off: both ends of every pair have the same numbers, whatever [[readiness]] says"
    )
    decision_delay: bool = Field(default=True, description="off: tension does not slow response (channel closed)")
    delay_per_rung: Quantity = number(
        0.03, "1", "Longer response per rung above four, as a share", source="assumed", low=0.0, high=0.1,
        because="units ask before they act when soldiers face them", ge=0, le=1,
    )
    incidents_per_day: Quantity = number(
        0.12, "1/day", "Incidents (shots, intrusions, dazzling) a day at rung six, Polish line", source="estimated",
        low=0.05, high=0.4, because="four armed incidents in four days at the peak, a handful before (A152, A153)",
        ge=0, le=50,
    )
    incident_per_rung: Quantity = number(
        0.5, "1", "Log rise of the incident rate per rung", source="assumed", low=0.1, high=1.0,
        because="incidents cluster when tension is high (A153)", ge=0, le=5,
    )


class Network(Section):
    """What people hear from others about stretches of the line."""

    title: ClassVar[str] = "Network"

    memory_days: Quantity = number(
        10.0, "day", "Half-life of what the network remembers of a stretch", source="assumed", low=3.0, high=30.0,
        because="news of gaps spreads and dates within days", ge=0.1, le=365,
    )
    learning_strength: Quantity = number(
        1.0, "1", "How strongly a better chance to get on draws people to a stretch (power of the share of attempts "
        "that led on)", source="assumed", low=0.0, high=2.0,
        because="one is the matching law: tries in proportion to what they yield; attempts shifted to gaps (A031)",
        ge=0, le=10,
    )
    follow_couriers: bool = Field(
        default=True,
        description="off: those who choose for themselves where to go do not ask where drivers would fetch them; on: "
        "the fetch is arranged before the attempt (B048, B080, B198)",
    )
    hear_of_admission: bool = Field(
        default=True,
        description="off: to get on is to be fetched by a driver; on: people hear as well of those who were caught and "
        "not turned back (assumed; Lithuania admitted 36 on the first day of turning people back and 27 in the rest of "
        "August: O097, O110)",
    )
    leave_poor_stretches: bool = Field(
        default=True,
        description="off: a party that was turned back goes to another stretch with the same chance everywhere; on: "
        "the likelier, the less attempts lead on where it is, against the whole line",
    )
    hope_strength: Quantity = number(
        2.0, "1", "How strongly what is heard of getting on hastens or holds back attempts (log rate per unit of the "
        "share of attempts that led on)", source="assumed", low=0.0, high=6.0,
        because="calls for help and tries fell as fewer got in (B194, A031)", ge=0, le=50,
    )
    prior_attempts: Quantity = number(
        50.0, "attempts", "Weight of the general impression against what is known of one stretch", source="assumed",
        low=10.0, high=200.0, because="single stories count for little", ge=0.1, le=10000,
    )
    barrier_aversion: Quantity = number(
        1.5, "1/h", "How strongly a visible barrier repels (log weight per hour of delay)", source="assumed", low=0.0,
        high=5.0, because="attempts fell in proportion to the barrier's progress (A031)", ge=0, le=50,
    )
    wide_river_weight: Quantity = number(
        0.02, "1", "Attractiveness of a km of wide river, against a km of land", source="A211", low=0.005, high=0.05,
        ge=0, le=1,
    )
    water_weight: Quantity = number(
        0.05, "1", "Attractiveness of a km of lake or built-up line", source="assumed", low=0.0, high=0.3,
        because="few reports from lakes and towns", ge=0, le=1,
    )
    access_scale_km: Quantity = number(
        45.0, "km", "Distance from a Belarusian city over which the appeal of a stretch falls by e", source="assumed",
        low=20.0, high=120.0, because="taxis from Grodno took half an hour and cost from 50 USD (B046, B047)",
        ge=1, le=1000,
    )


class Observation(Section):
    """How the model's truth becomes a published count."""

    title: ClassVar[str] = "Observation"

    group_recorded_share: Quantity = number(
        0.5, "1", "Share of people held back in a group crossing who are counted as attempts", source="estimated",
        low=0.2, high=1.0, because="gathered groups exceed the day's count (B221)", ge=0, le=1,
    )
    prevented_recorded_share: Quantity = number(
        0.9, "1", "Share of people stopped at the barrier who are counted", source="assumed", low=0.6, high=1.0,
        because="an attempt is every person seen at or over the line (B223)", ge=0, le=1,
    )
    registered_in_germany_share: Quantity = number(
        0.85, "1", "Share of arrivals in Germany that the federal police registers", source="assumed", low=0.6,
        high=1.0, because="some go on to other countries unseen (B084 is a lower bound)", ge=0, le=1,
    )
    deaths_found_share: Quantity = number(
        0.7, "1", "Share of deaths that become known", source="assumed", low=0.4, high=1.0,
        because="counts differ from 8 to 21 (B209, B212) and bodies were found much later (B097)", ge=0, le=1,
    )
    count_dispersion: Quantity = number(
        25.0, "1", "Size of the negative binomial by which a published day's count scatters about the model's m, with "
        "variance m + m²/size; used where runs are held against counts", source="assumed", low=5.0, high=100.0,
        because="counts of open days scatter by 15 to 20 % in autumn, of which the services' drive is a part",
        ge=0.5, le=10000,
    )
    camp_count_belarusian_factor: Quantity = number(
        0.75, "1", "People in the camp as Belarusian authorities count them, per person there", source="estimated",
        low=0.6, high=1.1, because="1,800 to 2,000 (S068, S069) where the Polish side saw 3,500 to 4,000", ge=0, le=10,
    )
    camp_count_polish_factor: Quantity = number(
        1.2, "1", "People in the camp and the woods around it as the Polish Border Guard counts them, per person there",
        source="estimated", low=0.8, high=1.6, because="3,500 to 4,000 (S066, S070) where Minsk counted 2,000",
        ge=0, le=10,
    )
