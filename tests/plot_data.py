"""Made-up records for the tests of the figures: the shape of a record, deterministic, and no result of any run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from sim.world.border import load_border

STATES = (
    "minsk",
    "ride",
    "line",
    "camp",
    "centre",
    "inside",
    "road_west",
    "returning",
    "hospital_belarus",
    "hospital_eu",
    "custody",
    "going_home",
    "west",
    "home",
    "dead",
)
OUTCOMES = ("turned_back", "prevented", "caught", "seen_inside", "unseen_inside")
PAIRS = ("Minsk–Warsaw", "Minsk–Vilnius", "Minsk–Riga", "Moscow–NATO", "Minsk–EU")
LAYERS = ("low_coil", "wire_fence", "steel_wall", "electronics")
SERVICES = ("border_guard", "army", "police", "territorial")
OUTDOORS = ("line", "camp", "inside")
RUNGS = (
    "calm",
    "words",
    "protest notes",
    "sanctions",
    "troops to the line",
    "shows of force",
    "armed threats",
    "shots",
    "armed intrusion",
    "clash",
    "limited fighting",
    "war",
)
KINDS = ("alone", "friends", "family")
ORIGINS = ("Iraq", "Syria", "other")


def make_record(
    n_days: int = 23, start: str = "2021-11-08", *, people: float = 1.0, drills: bool = True, engineers: bool = True
) -> xr.Dataset:
    """Return a record of `n_days` from `start`; `people` scales every count of persons (0 leaves none)."""
    rng = np.random.default_rng(20211112)
    border = load_border()
    country = np.asarray(border.segments.country)
    days = np.datetime64(start) + np.arange(n_days)
    hours = (days[0].astype("datetime64[h]") - np.timedelta64(1, "h")) + np.arange(24 * n_days)
    posts = list(border.posts.name)
    contingents = (
        ["Polish sappers", "British reconnaissance", "Lithuanian army", "Estonian engineers"] if engineers else []
    )
    drill_names = ["Gozha airborne drop", "Bomber patrol of 10 November", "Activity near Lithuania"] if drills else []
    n_seg = len(country)

    # Attempts gather around two places of the Polish line.
    place = np.full(n_seg, 0.02)
    for centre, width, weight in ((363, 4, 3.0), (225, 18, 1.2), (335, 14, 0.7), (475, 30, 0.1), (1190, 15, 0.05)):
        place += weight * np.exp(-0.5 * ((np.arange(n_seg) - centre) / width) ** 2)
    place[country > 0] *= 0.25
    daily = 400 * people * np.exp(0.3 * rng.standard_normal(n_days))
    rate = daily[:, None] * place / place.sum()
    shares = np.array([0.34, 0.28, 0.24, 0.06, 0.08])
    attempts = rng.poisson(rate[:, :, None] * shares)
    group = np.zeros((n_days, n_seg), dtype=np.int64)
    for day in range(0, n_days, 4):
        size = int(rng.integers(40, 260) * people)
        at = int(rng.choice([363, 225, 335]))
        group[day, at] = size
        attempts[day, at, :2] += [size // 2, size - size // 2]
    by_country = np.stack([attempts[:, country == code].sum(axis=(1, 2)) for code in range(3)], axis=1)

    levels = np.array([3800, 120, 1500, 1800, 0, 260, 90, 220, 12, 8, 1250, 0, 0, 0, 0]) * people
    walk = np.cumsum(rng.normal(0, 0.03, (n_days, 15)), axis=0)
    stock = levels * np.exp(walk)
    ramp = np.linspace(0, 1, n_days) if n_days > 1 else np.array([0.2])
    stock[:, 4] = 1900 * people * np.clip(ramp * 3 - 1, 0, 1)
    stock[:, 3] = np.maximum(stock[:, 3] * np.clip(2 - ramp * 3, 0, 1), 0)
    stock[:, 11] = 240 * people * ramp
    stock[:, 12], stock[:, 13], stock[:, 14] = 1500 * people * ramp, 1800 * people * ramp**2, 5 * people * ramp
    stock = np.rint(stock)
    flow = np.zeros((15, 15))
    for origin, target, size in (
        (0, 1, 900),
        (1, 2, 880),
        (2, 5, 1900),
        (5, 7, 1350),
        (7, 2, 1340),
        (5, 6, 420),
        (6, 12, 380),
        (5, 10, 90),
        (2, 0, 210),
        (2, 3, 700),
        (3, 4, 1500),
        (3, 2, 300),
        (4, 11, 1100),
        (11, 13, 900),
        (0, 11, 300),
        (5, 9, 24),
        (2, 8, 33),
        (8, 2, 30),
        (8, 14, 2),
        (2, 14, 3),
        (6, 10, 30),
        (10, 2, 20),
    ):
        flow[origin, target] = np.rint(size * people * n_days / 23)
    fates = np.zeros((3, 3, 15), dtype=np.int64)
    fates[0, 0] = stock[-1]
    state_people = np.rint(stock).astype(np.int64)

    n_posts = len(posts)
    guard_total = np.array([[6000, 15000, 1500, 0], [600, 1000, 400, 0], [150, 200, 0, 0]])
    barrier_km = np.zeros((n_days, 3, 4))
    barrier_km[:, 0, 0] = 130
    barrier_km[:, 0, 1] = 165 + np.arange(n_days) * (0.5 if engineers else 0.0)
    barrier_km[:, 1, 1] = 40 + np.arange(n_days) * (0.3 if engineers else 0.0)
    barrier_km[:, 1, 0] = 100
    barrier_km[:, 2, 1] = 36
    delay = np.zeros((n_days, n_seg))
    delay[:, 206:330] = 4.0
    delay[:, 330:400] = 12.0
    for day in range(n_days):
        delay[day, 260 : 260 + min(int(day * 2), 68)] = 12.0
        delay[day, 440 : 470 + min(int(day), 60)] = 12.0
    hour_shape = (len(hours), len(PAIRS))
    swing = np.cumsum(rng.normal(0, 0.02, (*hour_shape, 2)), axis=0)
    ready = np.clip(
        1.4 + swing + 0.6 * np.exp(-(((np.arange(len(hours)) - 150) / 90.0) ** 2))[:, None, None], 0.1, None
    )
    rung = np.clip((ready.mean(axis=2) / 0.35).astype(np.int64), 1, 12)
    hour = np.arange(len(hours))
    temperature = (
        4 - 0.2 * hour[:, None] / 24 + 3 * np.cos((hour[:, None] - 14) / 24 * 2 * np.pi) + np.array([0, -0.5, -1])
    )

    def data(
        dims: tuple[str, ...], values: object, name: str, unit: str
    ) -> tuple[tuple[str, ...], object, dict[str, str]]:
        return dims, np.asarray(values), {"long_name": name, "units": unit}

    side, handler = ["Belarus", "EU"], ["Belarusian", "Polish", "Lithuanian", "Latvian"]
    poisson = rng.poisson
    variables = {
        "people": data(("day", "state"), state_people, "people by state", "persons"),
        "people_at_post": data(
            ("day", "post"), poisson(40 * people, (n_days, n_posts)), "people at the line", "persons"
        ),
        "arrivals": data(("day", "route"), poisson(35 * people, (n_days, 3)), "arrivals", "persons"),
        "attempts": data(("day", "segment"), attempts.sum(axis=2), "attempts", "person-attempts"),
        "attempts_by_outcome": data(
            ("day", "post", "outcome"),
            np.add.reduceat(attempts, border.posts.first_segment, axis=1),
            "attempts",
            "person-attempts",
        ),
        "group_attempts": data(("day", "segment"), group, "attempts in group crossings", "person-attempts"),
        "recorded_attempts": data(("day", "country"), rng.binomial(by_country, 0.9), "recorded attempts", "attempts"),
        "found_inland": data(("day", "country"), poisson(9 * people, (n_days, 3)), "found inland", "persons"),
        "returned": data(
            ("day", "country"), poisson(90 * people, (n_days, 3)), "returned without procedure", "persons"
        ),
        "custody_intake": data(("day", "country"), poisson(5 * people, (n_days, 3)), "custody", "persons"),
        "germany_arrivals": data(("day",), poisson(60 * people, n_days), "reached Germany", "persons"),
        "germany_registered": data(("day",), poisson(50 * people, n_days), "registered in Germany", "persons"),
        "harm_events": data(("day", "side"), poisson(np.array([14, 6]) * people, (n_days, 2)), "episodes", "episodes"),
        "hospital_admissions": data(
            ("day", "side"), poisson(np.array([3, 2]) * people, (n_days, 2)), "admissions", "persons"
        ),
        "deaths": data(("day", "side"), poisson(np.array([0.15, 0.1]) * people, (n_days, 2)), "deaths", "persons"),
        "deaths_found": data(("day", "side"), poisson(np.array([0.05, 0.1]) * people, (n_days, 2)), "found", "persons"),
        "handling_injuries": data(
            ("day", "handler"), poisson(np.array([5, 3, 0.4, 0.1]) * people, (n_days, 4)), "injuries", "persons"
        ),
        "person_nights_outdoors": data(
            ("day", "state"), state_people * np.isin(STATES, OUTDOORS), "nights", "person-nights"
        ),
        "flow": data(("from_state", "to_state"), flow.astype(np.int64), "moves", "moves"),
        "fates": data(("kind", "origin", "state"), fates, "fates", "persons"),
        "unit_hours_on_duty": data(("day", "post"), np.full((n_days, n_posts), 432.0), "unit-hours", "unit-hours"),
        "units_on_duty": data(("day", "post"), np.full((n_days, n_posts), 18.0), "units", "units"),
        "unit_hours_busy": data(("day", "post"), poisson(30 * people, (n_days, n_posts)), "busy", "unit-hours"),
        "unit_hours_pinned": data(("day", "post"), np.full((n_days, n_posts), 6.0 * drills), "pinned", "unit-hours"),
        "unit_hours_covering": data(
            ("day", "post"), np.full((n_days, n_posts), 2.0 * engineers), "covering", "unit-hours"
        ),
        "wire_cut": data(
            ("day", "country"), 5.0 * engineers * (np.arange(n_days)[:, None] % [2, 9, 4] == 0), "wire cut", "m"
        ),
        "guards": data(
            ("day", "country", "service"), np.broadcast_to(guard_total, (n_days, 3, 4)), "guards", "persons"
        ),
        "barrier_km": data(("day", "country", "layer"), barrier_km, "barrier standing", "km"),
        "barrier_delay_minutes": data(("day", "segment"), delay, "delay", "min"),
        "readiness": data(("hour", "pair", "end"), ready, "readiness", "1"),
        "rung": data(("hour", "pair"), rung, "rung", "1"),
        "incidents": data(("day", "pair"), poisson(0.1, (n_days, len(PAIRS))), "incidents", "incidents"),
        "temperature_c": data(("hour", "country"), temperature, "air temperature", "°C"),
        "effective_temperature_c": data(("hour", "country"), temperature - 4, "effective temperature", "°C"),
        "wind_kmh": data(
            ("hour", "country"), np.abs(12 + 5 * np.sin(hour / 9.0))[:, None] * np.ones(3), "wind", "km/h"
        ),
        "wet": data(("hour", "country"), ((hour // 11) % 3 == 0)[:, None] * 0.7 * np.ones(3), "wet", "1"),
        "darkness": data(
            ("hour", "country"), (np.cos((hour - 23.5) / 24 * 2 * np.pi) > -0.4)[:, None] * np.ones(3), "darkness", "1"
        ),
        "drill_pinned": data(("day", "drill"), poisson(40, (n_days, len(drill_names))) * 1.0, "pinned", "unit-hours"),
    }
    for name, unit, level in (
        ("metres_mended", "m", 60),
        ("crew_hours", "h", 900),
        ("km_surveyed", "km", 3),
        ("road_metres", "m", 40),
    ):
        size = (n_days, len(contingents))
        variables[name] = data(
            ("day", "contingent"), rng.poisson(level, size).astype(float), name.replace("_", " "), unit
        )
    built = rng.poisson(450, (n_days, len(contingents), len(LAYERS))) * np.array([0.4, 1.0, 0.0, 0.0])
    variables["metres_built"] = data(("day", "contingent", "layer"), built, "barrier raised", "m")
    record = xr.Dataset(
        variables,
        coords={
            "day": days.astype("datetime64[ns]"),
            "hour": hours.astype("datetime64[ns]"),
            "segment": np.arange(n_seg),
            "post": posts,
            "country": ["PL", "LT", "LV"],
            "state": list(STATES),
            "outcome": list(OUTCOMES),
            "side": side,
            "handler": handler,
            "kind": list(KINDS),
            "origin": list(ORIGINS),
            "layer": list(LAYERS),
            "contingent": contingents,
            "pair": list(PAIRS),
            "end": ["first", "second"],
            "drill": drill_names,
            "route": ["Istanbul", "Damascus", "overland"],
            "service": list(SERVICES),
            "from_state": list(STATES),
            "to_state": list(STATES),
        },
        attrs={
            "title": "The stand-off of November 2021",
            "scenario": "standoff-november-2021",
            "seed": "20211112",
            "question": "What happened on the line between 8 and 30 November 2021?",
            "sources": "evidence, observed series and geography of seeds/, each row with its source (CC BY 4.0)",
            "start": str(days[0]),
            "until": str(days[-1]),
        },
    )
    record["rung"].attrs["flag_meanings"] = " ".join(name.replace(" ", "_") for name in RUNGS)
    record["rung"].attrs["flag_values"] = np.arange(1, len(RUNGS) + 1, dtype=np.int32)
    return record


def make_chronicle(record: xr.Dataset, *, empty: bool = False) -> pd.DataFrame:
    """Return a chronicle that suits `record`: one to three entries a day."""
    columns = ["hour_utc", "day", "kind", "actor", "place", "size", "claimant", "text"]
    if empty:
        return pd.DataFrame({name: [] for name in columns})
    kinds = (
        ("group_crossing", "Minsk", "Kuźnica", 400.0, "Polish Border Guard", "A group presses on the fence at Kuźnica"),
        ("reinforce", "Warsaw", "", 3000.0, "", "Poland raises its soldiers at the line to 15,000"),
        ("statement", "EU", "", 0.0, "", "The Council widens the reasons for sanctions"),
        ("drill", "Moscow", "Gozhsky training range", 250.0, "", "Airborne drop near Grodno"),
        ("phone_call", "EU", "", 0.0, "", "Acting chancellor telephones Minsk"),
        ("incident", "Minsk", "Białowieża", 0.0, "Polish Border Guard", "Patrol is dazzled"),
        ("flight_ban", "Ankara", "", 0.0, "", "Flights closed to citizens of three countries"),
        ("clear_camp", "Minsk", "Bruzgi camp at the line", 1500.0, "", "People are led from the camp to the centre"),
        ("repatriation_flight", "Baghdad", "", 431.0, "", "First flight home"),
        ("support", "London", "", 10.0, "", "British reconnaissance team arrives"),
    )
    rows = []
    for number, day in enumerate(record["day"].values.astype("datetime64[D]")):
        for extra in range(1 + number % 3):
            kind, actor, place, size, claimant, text = kinds[(number * 2 + extra) % len(kinds)]
            hour = day.astype("datetime64[h]") + np.timedelta64(5 + 6 * extra, "h")
            rows.append((f"{hour}:00Z", str(day), kind, actor, place, size, claimant, text))
    return pd.DataFrame(rows, columns=columns)
