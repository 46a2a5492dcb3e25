"""Scenario tables about those who hold the line: strength, guards, barriers."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = [
    "Barriers",
    "Country",
    "CustodyPolicy",
    "ExistingBarrier",
    "Force",
    "Guards",
    "Layer",
    "Service",
]

Country = Literal["PL", "LT", "LV"]
Service = Literal["border_guard", "army", "police", "territorial"]
Layer = Literal["low_coil", "wire_fence", "steel_wall", "electronics"]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Force(Row):
    """Strength of one service at the line on a date; between dates it is interpolated."""

    day: date
    country: Country
    service: Service
    persons: float = Field(ge=0, le=200_000, description="persons")


class Guards(Section):
    """Patrols on the EU side: detect, delay, respond."""

    title: ClassVar[str] = "Border guards"

    enabled: bool = Field(default=True, description="off: nobody watches and nobody responds")
    persons_per_unit: Quantity = number(
        4.0, "persons", "Persons in one patrol", source="assumed", low=2.0, high=8.0,
        because="seven to eight soldiers of strength per patrol and day in April 2022 (A175), over two shifts",
        ge=1, le=50,
    )
    available_share: Quantity = number(
        0.6, "1", "Share of the strength that stands for patrol; the rest builds, rests, supplies", source="assumed",
        low=0.4, high=0.8, because="soldiers were mostly busy building in September (A190)", ge=0, le=1,
    )
    army_weight: Quantity = number(
        0.5, "1", "What a unit of soldiers or police sees, against one of border guards", source="assumed", low=0.2,
        high=1.0, because="soldiers hold positions behind the coil (A178) and may not search", ge=0, le=2,
    )
    diminishing_power: Quantity = number(
        0.35, "1", "Power of the number of watchers in detection, above the reference density", source="assumed",
        low=0.1, high=1.0, because="soldiers rose fourfold while the share that got through did not fall (A089)",
        ge=0, le=1,
    )
    reference_units_per_km: Quantity = number(
        0.5, "1/km", "Watching units on duty per km below which detection grows in proportion", source="assumed",
        low=0.2, high=1.5, because="about 1.9 border guards a km in peacetime (A039), four to a unit", ge=0.01, le=20,
    )
    watch_depth_km: Quantity = number(
        0.21, "km", "Depth of the strip that patrols search", source="estimated", low=0.05, high=0.5,
        because="patrols keep to the border road and the strip behind it; median of the fit to 31 "
        "October", ge=0.02, le=10,
    )
    seen_from_km: Quantity = number(
        0.25, "km", "How far along the line people see a unit on duty; while one is that near they keep back and wait",
        source="assumed", low=0.0, high=0.4,
        because="soldiers stood some 15 m behind the coil, in sight (A178), others went by vehicle and with lights "
        "(A176); nobody has published from how far they are seen; 0 is no effect", ge=0, le=5,
    )
    patrol_speed_kmh: Quantity = number(
        3.0, "km/h", "Speed of a searching patrol", source="A016", low=2.0, high=4.0, ge=0.1, le=60,
    )
    sweep_open_day_m: Quantity = number(
        300.0, "m", "Sweep width by day in the open", source="A012", low=150.0, high=600.0, ge=1, le=5000,
    )
    sweep_forest_day_m: Quantity = number(
        60.0, "m", "Sweep width by day in forest", source="A013", low=25.0, high=120.0, ge=1, le=5000,
    )
    sweep_open_night_m: Quantity = number(
        40.0, "m", "Sweep width by night in the open, unaided", source="A014", low=15.0, high=100.0, ge=1, le=5000,
    )
    sweep_forest_night_m: Quantity = number(
        12.0, "m", "Sweep width by night in forest, unaided", source="A014", low=5.0, high=25.0, ge=1, le=5000,
    )
    thermal_open_m: Quantity = number(
        800.0, "m", "Sweep width by night in the open with hand-held thermal imagers", source="A015", low=400.0,
        high=1500.0, ge=1, le=5000,
    )
    thermal_forest_m: Quantity = number(
        60.0, "m", "Sweep width by night in forest with hand-held thermal imagers", source="A015", low=20.0,
        high=120.0, ge=1, le=5000,
    )
    thermal_share: Quantity = number(
        0.3, "1", "Share of patrols with thermal imagers", source="assumed", low=0.1, high=0.7,
        because="soldiers had night vision and thermal imagers (A015), how many is not published", ge=0, le=1,
    )
    party_size_power: Quantity = number(
        0.4, "1", "Power of party size in the sweep width (a larger party is easier to see)", source="assumed",
        low=0.0, high=0.8, because="search theory gives sweep width by target; groups leave more trace", ge=0, le=1,
    )
    response_minutes: Quantity = number(
        15.0, "min", "Mean time for a quick-reaction force of the post to arrive", source="A176", low=11.0, high=19.0,
        ge=0, le=600,
    )
    vehicle_response_factor: Quantity = number(
        0.8, "1", "Response time of a vehicle patrol, against a quick-reaction force", source="assumed", low=0.4,
        high=1.2, because="already out, at 20 km/h where the road is drivable (A016, A039): five to ten minutes were "
        "planned behind the wall (A177)", ge=0.1, le=10,
    )
    foot_response_factor: Quantity = number(
        1.3, "1", "Response time of a foot patrol, against a quick-reaction force", source="assumed", low=0.8,
        high=3.0, because="a kilometre at 3 km/h takes twenty minutes (A016)", ge=0.1, le=10,
    )
    vehicle_share: Quantity = number(
        0.4, "1", "Share of border guards' units that patrol by vehicle", source="assumed", low=0.2, high=0.6,
        because="quads and four-wheel drives at a post (A036); 10 of 26 km drivable at another (A039)", ge=0, le=1,
    )
    vehicle_share_others: Quantity = number(
        0.15, "1", "The same for soldiers and police", source="assumed", low=0.0, high=0.4,
        because="soldiers mostly stood and walked behind the coil (A178); some patrolled by vehicle (A176)", ge=0, le=1,
    )
    quick_reaction_share: Quantity = number(
        0.1, "1", "Share of units that wait at the post as a quick-reaction force and do not watch", source="assumed",
        low=0.0, high=0.25, because="one was kept ready on the Bug (A176); how large is not published", ge=0, le=1,
    )
    vehicle_watch: Quantity = number(
        1.2, "1", "What a vehicle patrol sees, against a foot patrol", source="assumed", low=0.5, high=3.0,
        because="several times faster (A016), but bound to drivable road and noisy", ge=0, le=10,
    )
    focus_share: Quantity = number(
        0.3, "1", "Share of a post's watch that goes where, within its stretch, people were lately seen",
        source="assumed", low=0.0, high=0.7,
        because="patrols answer to yesterday's attempts; the rest keep the whole stretch", ge=0, le=1,
    )
    focus_prior_persons: Quantity = number(
        5.0, "persons", "Persons seen on a kilometre that draw the watch as much as routine holds it",
        source="assumed", low=1.0, high=30.0, because="a party or two", ge=0.1, le=1000,
    )
    neighbour_speed_kmh: Quantity = number(
        20.0, "km/h", "Speed of units that come from a neighbouring post", source="A016", low=10.0, high=30.0,
        ge=1, le=120,
    )
    persons_per_claim: Quantity = number(
        5.0, "persons", "Persons whom one unit can stop at once", source="assumed", low=3.0, high=10.0,
        because="a patrol of four handles a car load (B191)", ge=1, le=100,
    )
    persons_per_claim_in_group: Quantity = number(
        10.0, "persons", "Persons whom one unit can hold back in a group crossing", source="assumed", low=5.0,
        high=25.0, because="200 of 500 got over against a few hundred in line (A169)", ge=1, le=200,
    )
    handling_hours: Quantity = number(
        4.0, "h", "Hours for which a stop ties a unit up, a whole number", source="assumed", low=2.0, high=8.0,
        because="search, papers and transport to the line; cover of a repair took 4.5 hours (A205)", ge=1, le=48,
    )
    strip_hours: Quantity = number(
        0.4, "h", "Time in the watched strip behind the line", source="assumed", low=0.2, high=1.0,
        because="half a kilometre of forest by night at 1.5 km/h (A016)", ge=0, le=10,
    )
    approach_hours: Quantity = number(
        0.3, "h", "Time near the line before the barrier in which people can be seen", source="assumed", low=0.1,
        high=0.8, because="people wait for a gap between patrols", ge=0, le=10,
    )
    fatigue: Quantity = number(
        0.5, "1", "How much less a post's units see when they have been busy without a break (0: not at all)",
        source="assumed", low=0.0, high=2.0,
        because="long deployments and nightly alarms were reported to wear guards out",
        ge=0, le=10,
    )
    fatigue_hours: Quantity = number(
        48.0, "h", "Half-life of a post's fatigue", source="assumed", low=12.0, high=168.0,
        because="units rotate and rest within days", ge=1, le=2000,
    )
    mobile_share: Quantity = number(
        0.3, "1", "Share of soldiers and police that headquarters moves to where attempts were", source="assumed",
        low=0.0, high=0.7, because="forces concentrated at Kuźnica within days (A062)", ge=0, le=1,
    )
    memory_days: Quantity = number(
        3.0, "day", "Half-life of headquarters' memory of attempts", source="assumed", low=1.0, high=10.0,
        because="daily bulletins drove daily decisions", ge=0.1, le=100,
    )


class CustodyPolicy(Row):
    """What happens to people caught inside, from a date on."""

    since: date
    country: Country
    custody_share: float = Field(ge=0, le=1, description="share taken to a guarded centre; the rest are returned")
    family_factor: float = Field(ge=0, le=20, description="the same for families with children, as a factor")


class ExistingBarrier(Row):
    """Barrier that stands when the run begins, or that is there from a date on without anybody having raised it."""

    since: date | None = Field(default=None, description="first day on which it stands; from the start if not given")
    country: Country
    layer: Layer
    km: float = Field(ge=0, le=700, description="km")
    from_segment: int = Field(default=0, ge=0, le=1269)
    end_segment: int = Field(default=1270, ge=1, le=1270)


class Barriers(Section):
    """What each layer of barrier does: one range of delay per class of layer, and what it adds to detection."""

    title: ClassVar[str] = "Barriers"

    low_coil_minutes: Quantity = number(
        4.0, "min", "Mean delay at a single low coil", source="assumed", low=1.0, high=10.0,
        because="crossed with boards or clothes within minutes in the reports", ge=0, le=600,
    )
    wire_fence_minutes: Quantity = number(
        12.0, "min", "Mean delay at the 2.5 m coil fence", source="assumed", low=4.0, high=30.0,
        because="cutting or bridging three layers of coil takes minutes, not hours (E087)", ge=0, le=600,
    )
    steel_wall_minutes: Quantity = number(
        40.0, "min", "Mean delay at the 5.5 m steel wall", source="assumed", low=10.0, high=120.0,
        because="ladders, cutting and tunnelling were reported daily (A229)", ge=0, le=1440,
    )
    electronics_minutes: Quantity = number(
        0.0, "min", "Mean delay at electronics", source="assumed", low=0.0, high=0.1,
        because="cameras and cables see, they do not stop", ge=0, le=10,
    )
    electronics_detection: Quantity = number(
        2.0, "1", "How many times wider the sweep is where electronics stand", source="assumed", low=1.2, high=5.0,
        because="57 % stopped with steel and electronics in 2023 (A030)", ge=1, le=20,
    )
    observation_post_detection: Quantity = number(
        1.5, "1", "How many times wider the sweep is on a kilometre with an observation post", source="assumed",
        low=1.1, high=3.0, because="a raised and lasting view of the strip, without the electronics", ge=1, le=20,
    )
    tree_fall_chance: Quantity = number(
        0.01, "1", "Chance that on a day with gusts of 90 km/h a tree falls on a kilometre of barrier in forest",
        source="assumed", low=0.001, high=0.05,
        because="trees are uprooted at Beaufort 10 (89 km/h and more); how many fell on the barrier is not published",
        ge=0, le=1,
    )
    tree_gust_scale_kmh: Quantity = number(
        10.0, "km/h", "Rise of gusts that multiplies that chance by e", source="assumed", low=5.0, high=20.0,
        because="damage grows steeply with gusts", ge=1, le=100,
    )
    tree_damage: Quantity = number(
        0.02, "1", "Share of each layer's integrity on the kilometre that a fallen tree takes", source="assumed",
        low=0.005, high=0.05, because="a trunk of 20 m in a kilometre", ge=0, le=1,
    )
    stream_minutes: Quantity = number(
        6.0, "min", "Mean delay at a stream or small river", source="assumed", low=2.0, high=20.0,
        because="the Świsłocz was waded, swum or rafted", ge=0, le=600,
    )
    wide_river_minutes: Quantity = number(
        45.0, "min", "Mean delay at a wide river (Bug, Neman, Daugava, Neris)", source="assumed", low=20.0, high=120.0,
        because="by dinghy or swimming (A211)", ge=0, le=1440,
    )
    wetland_minutes: Quantity = number(
        15.0, "min", "Mean delay at a bog", source="assumed", low=5.0, high=60.0,
        because="people were rescued from marshes (B099)", ge=0, le=1440,
    )
    patience_hours: Quantity = number(
        0.75, "h", "Longest delay that an unaided party bears before it turns back", source="assumed", low=0.3,
        high=4.0, because="patrols pass and nights end", ge=0.05, le=48,
    )
    wear_per_crossing: Quantity = number(
        0.02, "1", "Share of a layer's integrity on the segment lost when a party gets over", source="assumed",
        low=0.0, high=0.1, because="two to five damaged sectors a day in winter (A052)", ge=0, le=0.9,
    )
