"""Scenario tables about people: who comes, how they travel, what the cold does, what aid there is.

Each field holds its unit, bounds, meaning and a sourced default; a scenario overrides what it changes.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sim.scenario.quantity import Quantity, Row, Section, number

__all__ = ["Aid", "Arrivals", "Exposure", "InitialPeople", "Migrants", "Route", "RouteWeek"]


# fmt: off
# Declarations of numbers read as tables: value, unit, meaning, source, range, sentence, bounds.

class Migrants(Section):
    """The journey of a person, from Minsk to a fate."""

    title: ClassVar[str] = "Migrants"

    enabled: bool = Field(default=True, description="off: nobody arrives and nobody is there at the start")
    people_scale: Quantity = number(
        1.0, "1", "Share of the people simulated, for tests and stress runs; guards are scaled alike",
        source="assumed", low=0.001, high=2000.0, because="1 is the whole population", ge=0.0001, le=2000.0,
    )
    alone_share: Quantity = number(
        0.30, "1", "Share of parties that are one person alone", source="assumed", low=0.15, high=0.5,
        because="with friends and families this gives about 2.6 people a party, as in the Amnesty sample (B041)",
        ge=0, le=1,
    )
    friends_share: Quantity = number(
        0.47, "1", "Share of parties that are two or more adults", source="assumed", low=0.3, high=0.65,
        because="82 % of returnees were men, 60 % unmarried (B081); the rest are families", ge=0, le=1,
    )
    friends_extra_mean: Quantity = number(
        1.0, "persons", "Mean of the exponential that adds adults to a pair of friends (at most 4 more)",
        source="assumed", low=0.5, high=2.0, because="cars carry about four (B191), covert groups are larger (B252)",
        ge=0, le=10,
    )
    family_extra_mean: Quantity = number(
        1.2, "persons", "Mean of the exponential that adds children to a couple with one child (at most 4 more)",
        source="assumed", low=0.6, high=2.0, because="families in procedure averaged 3.7 persons (B108)", ge=0, le=10,
    )
    resolve_sigma: Quantity = number(
        0.4, "1", "Spread (log standard deviation) of how readily a person acts; a party is as willing as its "
        "least willing member", source="assumed", low=0.0, high=0.8,
        because="some tried daily (B111), others once in weeks (B115)", ge=0, le=2,
    )
    wait_in_minsk_hours: Quantity = number(
        96.0, "h", "Mean stay in Minsk or another town before a ride to the line", source="estimated",
        low=24.0, high=168.0,
        because="packages held five hotel nights (B012); one to seven days in a hotel (A268)", ge=3.9, le=2000,
    )
    ride_hours: Quantity = number(
        6.0, "h", "Ride from Minsk to a stretch of the line, a whole number of hours", source="B231",
        low=4.0, high=8.0, because="about four hours to Grodno, then on by road and on foot", ge=1, le=48,
    )
    attempt_interval_hours: Quantity = number(
        24.0, "h", "Mean stay at the line before a party of average resolve attempts to cross, where no guard is in "
        "sight", source="estimated", low=12.0, high=72.0,
        because="daily for one group (B111), more than five in twenty days for a family (B115), with guards in sight "
        "for part of the time; after returns people were held outdoors for days or weeks (B235)", ge=3.4, le=2000,
    )
    night_attempt_factor: Quantity = number(
        1.8, "1", "How many times readier people are to attempt in full darkness than by day", source="assumed",
        low=1.0, high=4.0, because="most reported attempts fall between dusk and the small hours",
        ge=1, le=10,
    )
    family_attempt_factor: Quantity = number(
        0.7, "1", "Readiness of families with children to attempt, against others", source="assumed",
        low=0.4, high=1.0, because="families made fewer tries in the accounts collected (B115, B116)", ge=0, le=2,
    )
    camp_attempt_factor: Quantity = number(
        0.1, "1", "Readiness to attempt by oneself from the camp, against from the woods", source="A170+assumed",
        low=0.0, high=0.5, because="services held people there (B022) and drove them to other stretches (B113, B131); "
        "of some 2,000 at the crossing about 100 pressed on", ge=0, le=2,
    )
    exhaustion_per_attempt: Quantity = number(
        0.01, "1", "Rise, per attempt made, of the rate at which a party that would attempt gives up instead",
        source="assumed", low=0.0, high=0.05,
        because="returnees told of three to five tries before they gave up (B115, B116)",
        ge=0, le=2,
    )
    give_up_per_day: Quantity = number(
        0.012, "1/day", "Chance a day that a party at the line wants to go back, at 0 °C", source="estimated",
        low=0.004, high=0.03,
        because="a tenth to a quarter of the stock wished to return by late November (B076, B061)",
        ge=0, le=1,
    )
    rest_per_day: Quantity = number(
        0.6, "1/day", "Chance a day that a party at the line would rest in a town before its next try, at 0 °C; the "
        "services let through the share whom they do not refuse the way back", source="S092+B018+B112+estimated",
        low=0.0, high=2.0,
        because="of 15,000 in Belarus 2,000 stood near the borders (S092), some 5,000 in towns (B018), at most 4,000 "
        "along the Polish line with the camp (B112); held outdoors for days or weeks where not let back (B235, A266)",
        ge=0, le=7,
    )
    give_up_minsk_per_day: Quantity = number(
        0.006, "1/day", "Chance a day that a party waiting in Minsk decides to fly home", source="assumed",
        low=0.0, high=0.02, because="individual returns on scheduled flights were common (B143)", ge=0, le=1,
    )
    give_up_centre_per_day: Quantity = number(
        0.035, "1/day", "Chance a day that a party in the Bruzgi centre registers to go home", source="estimated",
        low=0.01, high=0.08, because="1,872 were flown home by 30 November from the centre and the towns (A206)",
        ge=0, le=1,
    )
    leave_centre_per_day: Quantity = number(
        0.02, "1/day", "Chance a day that a party in the centre goes back to the line", source="assumed",
        low=0.0, high=0.1, because="groups left the centre for other stretches (B131)", ge=0, le=1,
    )
    fly_home_hours: Quantity = number(
        240.0, "h", "Mean wait of those who gave up for a seat on a scheduled flight home", source="estimated",
        low=96.0, high=720.0, because="118 left on scheduled flights one day (B143), of a thousand who wished (B076)",
        ge=3.4,
        le=5000,
    )
    pick_up_hours: Quantity = number(
        36.0, "h", "Mean time from crossing unseen to being picked up by a driver, where couriers are at full strength",
        source="estimated", low=12.0, high=96.0,
        because="12 km on foot, then a taxi (B048); missed rendezvous (B201); days in the forest (B119)",
        ge=10, le=1000,
    )
    found_inland_hours: Quantity = number(
        220.0, "h", "Mean time until people inside are found by patrols or police, at 2,500 guards on the Polish line",
        source="estimated", low=100.0, high=400.0,
        because="a third of those past the strip: 4,355 handed over by police against about 8,500 in Germany (B192)",
        ge=3.4, le=5000,
    )
    ask_for_asylum_hours: Quantity = number(
        500.0, "h", "Mean time until people hiding inside come out and ask for protection", source="assumed",
        low=200.0, high=2000.0, because="few came out, since most were returned (B196, B197)", ge=10, le=10000,
    )
    stranded_hours: Quantity = number(
        120.0, "h", "Mean time until people inside whom nobody comes to fetch come out", source="B033+B115", low=72.0,
        high=200.0, because="four and five days without food", ge=10, le=10000,
    )
    transit_hours: Quantity = number(
        10.0, "h", "Drive from the border to Germany, a whole number of hours", source="assumed", low=8.0,
        high=24.0, because="about 700 km by car with stops", ge=1, le=72,
    )
    stopped_on_road_chance: Quantity = number(
        0.11, "1", "Chance that a driver is stopped before Germany", source="B102", low=0.05, high=0.2,
        because="about 1,300 people with 316 couriers, against some 10,100 arrivals in Germany", ge=0, le=1,
    )
    return_hours: Quantity = number(
        8.0, "h", "From being caught to being back on the Belarusian side, a whole number of hours",
        source="assumed", low=2.0, high=24.0, because="most were returned the same night (B253)", ge=1, le=72,
    )
    carried_elsewhere_chance: Quantity = number(
        0.4, "1", "Chance that a returned party is taken to, or walks to, another stretch", source="assumed",
        low=0.1, high=0.8, because="people were driven some 40 km and sent back to the line (B210)", ge=0, le=1,
    )
    hospital_days: Quantity = number(
        4.0, "day", "Stay in hospital, a whole number of days", source="assumed", low=2.0, high=10.0,
        because="about 250 admissions in five months with a dozen in at a time (B034, B211)", ge=1, le=60,
    )
    procedure_days: Quantity = number(
        60.0, "day", "Mean stay in an asylum procedure before people go on west", source="B169", low=20.0, high=180.0,
        because="258 of 286 left an open centre, presumably to other EU states, within months", ge=1, le=1000,
    )
    custody_days: Quantity = number(
        90.0, "day", "Mean stay in a guarded centre", source="B019", low=45.0, high=180.0, ge=1, le=1000,
    )


class Arrivals(Section):
    """How many of the seats to Minsk carry people bound for the line: at most three free numbers."""

    title: ClassVar[str] = "Arrivals"

    share_of_seats_first: Quantity = number(
        0.05, "1", "Share of seats on the listed routes taken by people bound for the line on 1 August 2021",
        source="estimated", low=0.04, high=0.2,
        because="the year's mean is near 0.20 of seats (B245), with a peak of 1,500 to 2,500 a week in autumn (B246); "
        "near the median of the fit to 31 October",
        ge=0, le=1,
    )
    share_of_seats_peak: Quantity = number(
        0.32, "1", "The same share on the peak day", source="estimated", low=0.22, high=0.6,
        because="1,500 to 2,500 a week of about 6,300 seats (B002, B246); German services spoke of 800 to 1,000 people "
        "a day (B133), which would be nearly all seats; median of the fit to 31 October", ge=0, le=1,
    )
    peak_day: Quantity = number(
        50.0, "day", "Day after 1 August 2021 on which the share peaks; it stays there", source="estimated",
        low=45.0, high=105.0, because="the Damascus service began on 10 September (B079), flights were full by late "
        "October (B006); median of the fit to 31 October", ge=1, le=400,
    )
    growth: Quantity = number(
        4.0, "1", "How the share rises to its peak: the exponent of the share of the way there; 1 is a straight line, "
        "more is slow at first and steep later", source="estimated", low=1.0, high=6.0,
        because="direct flights from Iraq ended on 6 August (B128), agencies and lines by other countries took their "
        "place by and by (B079, B005); set by hand on attempts of August to October", ge=0.2, le=10,
    )


class RouteWeek(Row):
    """A timetable from a date on: flights a week and seats a flight."""

    since: date
    flights_per_week: float = Field(ge=0, le=500, description="flights a week")
    seats_per_flight: float = Field(ge=1, le=600, description="seats")


class Route(Section):
    """A way to Minsk: a flight route, overland from Russia, or people who are there at the start."""

    name: str = Field(min_length=2, max_length=40)
    kind: Literal["flight", "overland"] = "flight"
    iraqi_share: float = Field(ge=0, le=1, description="share of its travellers from Iraq")
    syrian_share: float = Field(ge=0, le=1, description="share of its travellers from Syria")
    source: str = "assumed"
    because: str = "composition of the route's travellers"
    timetable: tuple[RouteWeek, ...] = Field(min_length=1, strict=False)


class InitialPeople(Row):
    """People who are somewhere when the run begins."""

    place: str = Field(description="'Minsk', 'camp', 'centre' or the name of a guard post")
    people: float = Field(ge=0, le=1e7, description="persons")
    attempts: int = Field(default=0, ge=0, le=100, description="attempts already made")
    iraqi_share: float = Field(default=0.7, ge=0, le=1, description="share of them from Iraq")
    syrian_share: float = Field(default=0.15, ge=0, le=1, description="share of them from Syria")


class Exposure(Section):
    """What cold, wet and wind do to people, as a dose against a person's tolerance."""

    title: ClassVar[str] = "Exposure"

    harm_per_day: Quantity = number(
        0.0038, "1/day", "Chance a day of illness or injury that needs care, outdoors with fires at 0 °C, dry and calm",
        source="B249", low=0.002, high=0.005, ge=0, le=1,
    )
    cold_scale_c: Quantity = number(
        8.0, "°C", "Fall of the effective temperature that multiplies harm by e", source="assumed", low=5.0,
        high=15.0, because="survival times fall about 2.7-fold from 0 to −15 °C in the Tikuisis model (A118)",
        ge=1, le=50,
    )
    wet_factor: Quantity = number(
        1.5, "1", "How much full wetness adds to harm (1 adds as much again)", source="A120", low=0.5, high=3.0,
        because="eleven of eighteen stopped within five hours of wet-cold walking", ge=0, le=10,
    )
    forest_factor: Quantity = number(
        2.0, "1", "Harm when hiding inside the EU without fire, against the camp", source="assumed", low=1.2,
        high=4.0, because="seven of eight rescued from one marsh went to hospital (B099)", ge=0, le=20,
    )
    line_factor: Quantity = number(
        1.5, "1", "Harm in the woods on the Belarusian side, against the camp", source="assumed", low=1.0,
        high=3.0, because="fires but no tents or aid (B235)", ge=0, le=20,
    )
    indoors_factor: Quantity = number(
        0.25, "1", "Harm indoors (Bruzgi centre), against the camp", source="B183", low=0.1, high=0.5,
        because="ten of about 2,000 residents were in hospital at once", ge=0, le=5,
    )
    hunger_factor: Quantity = number(
        0.25, "1", "Harm of hunger and thirst in the woods on both sides, whatever the weather, as a share of the harm "
        "at 0 °C", source="estimated", low=0.0, high=0.6,
        because="dehydration leads one hospital's causes (B211); four to eight days without food or water (B033, B234)",
        ge=0, le=10,
    )
    child_susceptibility: Quantity = number(
        1.6, "1", "Susceptibility of a child against an adult's", source="B034", low=1.0, high=2.5,
        because="children were 15–33 % of patients (B034, B036, B037) and about 17–20 % of people (B184)",
        ge=0.1, le=10,
    )
    susceptibility_sigma: Quantity = number(
        0.3, "1", "Spread (log standard deviation) of susceptibility among adults", source="assumed", low=0.0,
        high=0.6, because="age, clothing and health differ", ge=0, le=2,
    )
    weakened_factor: Quantity = number(
        1.3, "1", "Susceptibility after an untreated illness, against before", source="assumed", low=1.0, high=2.0,
        because="repeated exposure wears people down", ge=1, le=5,
    )
    death_chance: Quantity = number(
        0.008, "1", "Chance that an episode of illness outdoors ends in death", source="estimated", low=0.003,
        high=0.02, because="5e-5 deaths a person-day in the forest (B250) over about 0.006 episodes a person-day",
        ge=0, le=1,
    )
    hypothermia_odds: Quantity = number(
        0.6, "1", "Odds that an episode outdoors at 0 °C, dry and calm, is hypothermia; they rise as the dose does",
        source="estimated", low=0.3, high=1.2,
        because="hypothermia is the leading cause, not the only one (B034, B037, B211)",
        ge=0, le=100,
    )
    hypothermia_step: Quantity = number(
        0.2, "1", "Odds of each graver class of hypothermia, against those of the class before", source="assumed",
        low=0.05, high=0.5,
        because="two of 250 patients were in intensive care (B211), one known core was at 34 °C (B123)",
        ge=0, le=1,
    )
    hypothermia_lethality: Quantity = number(
        3.0, "1", "Lethality of each class of hypothermia, against that of the class before; the total stays as it is",
        source="assumed", low=1.5, high=6.0,
        because="hypothermia and exhaustion make the majority of deaths (B158, B214) and severe stages most of those",
        ge=0.01, le=100,
    )
    reached_by_help_chance: Quantity = number(
        0.5, "1", "Chance that an episode of illness outdoors reaches a hospital", source="assumed", low=0.25,
        high=0.8, because="half of those seen at Hajnówka hospital were admitted (B211)", ge=0, le=1,
    )
    drowning_chance: Quantity = number(
        0.0027, "1", "Chance that a person drowns in an attempt over a wide river", source="A211+B213", low=0.0005,
        high=0.006, because="one drowned in about 370 attempts over the Bug in 2021", ge=0, le=1,
    )
    handling_injury_chance: Quantity = number(
        0.03, "1", "Chance that a person is injured when handed over, returned or moved by any service",
        source="assumed", low=0.0, high=0.1,
        because="beatings are alleged of Belarusian services (B210, B235, A266) and by Minsk of Polish forces (B188); "
        "one number is used for all sides", ge=0, le=1,
    )
    handling_robbery_chance: Quantity = number(
        0.03, "1", "Chance that a party's money is taken when it is handed over, returned or moved by any service",
        source="assumed", low=0.0, high=0.2,
        because="people returned allege that Belarusian services took money (A267); nobody counted how often; "
        "one number is used for all sides", ge=0, le=1,
    )
    handling_separation_chance: Quantity = number(
        0.01, "1", "Chance that an adult is parted from the party when handed over, returned or moved by a service",
        source="assumed", low=0.0, high=0.05,
        because="people returned allege that Polish guards parted families (A267); nobody counted how often; "
        "one number is used for all sides", ge=0, le=1,
    )


class Aid(Section):
    """Aid groups who find people hiding inside the EU."""

    title: ClassVar[str] = "Aid"

    contact_hours: Quantity = number(
        150.0, "h", "Mean time until people hiding inside meet an aid group", source="estimated", low=60.0,
        high=400.0, because="5,370 requests for help in two and a half months (B030)", ge=10, le=10000,
    )
