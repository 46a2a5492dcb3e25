"""What happened, counted: integer books by day that rules write and the record reads."""

from __future__ import annotations

import numpy as np

from sim.agents.states import N_STATES, Outcome
from sim.world.border import COUNTRIES

__all__ = ["HANDLERS", "HYPOTHERMIA", "PAYMENTS", "SIDES", "UNIT_KINDS", "Tally"]

SIDES = ("Belarus", "EU")
HANDLERS = ("Polish", "Lithuanian", "Latvian", "Belarusian")
HYPOTHERMIA = ("mild", "moderate", "severe")
"""Classes of hypothermia: Swiss stages I, II, and III and worse (Brown et al. 2012, NEJM 367: 1930–1938)."""
PAYMENTS = ("ride", "courier", "flight")
UNIT_KINDS = ("vehicle_patrol", "quick_reaction", "foot_patrol")
"""Kinds of patrol unit, in the order in which a post sends them."""


class Tally:
    """Counts by day of the run (persons unless said), int32, spin-up included; metres of wire cut are float64."""

    def __init__(self, n_days: int, n_segments: int, n_posts: int, n_routes: int) -> None:
        n_countries = len(COUNTRIES)
        self.attempts = np.zeros((n_days, n_segments, len(Outcome)), dtype=np.int32)
        self.group_attempts = np.zeros((n_days, n_segments), dtype=np.int32)
        self.counted = np.zeros((n_days, n_posts), dtype=np.int32)
        self.counted_prevented = np.zeros((n_days, n_posts), dtype=np.int32)
        self.orders_to_leave = np.zeros(n_days, dtype=np.int32)
        self.no_place = np.zeros((n_days, n_countries), dtype=np.int32)
        self.arrivals = np.zeros((n_days, n_routes), dtype=np.int32)
        self.picked_up = np.zeros((n_days, n_posts), dtype=np.int32)
        self.admitted = np.zeros((n_days, n_posts), dtype=np.int32)
        self.found_inland = np.zeros((n_days, n_countries), dtype=np.int32)
        self.returned = np.zeros((n_days, n_countries), dtype=np.int32)
        self.custody = np.zeros((n_days, n_countries), dtype=np.int32)
        self.asylum_asked = np.zeros((n_days, n_countries), dtype=np.int32)
        self.heard_at_corridor = np.zeros(n_days, dtype=np.int32)
        self.aid_contacts = np.zeros(n_days, dtype=np.int32)
        self.refused_back = np.zeros(n_days, dtype=np.int32)
        self.germany = np.zeros(n_days, dtype=np.int32)
        self.germany_registered = np.zeros(n_days, dtype=np.int32)
        self.harm = np.zeros((n_days, len(SIDES)), dtype=np.int32)
        self.hospital = np.zeros((n_days, len(SIDES)), dtype=np.int32)
        self.deaths = np.zeros((n_days, len(SIDES)), dtype=np.int32)
        self.deaths_found = np.zeros((n_days, len(SIDES)), dtype=np.int32)
        self.hypothermia = np.zeros((n_days, len(SIDES), len(HYPOTHERMIA)), dtype=np.int32)
        self.handling = np.zeros((n_days, len(HANDLERS)), dtype=np.int32)
        self.robbed = np.zeros((n_days, len(HANDLERS)), dtype=np.int32)
        self.separated = np.zeros((n_days, len(HANDLERS)), dtype=np.int32)
        self.cannot_pay = np.zeros((n_days, len(PAYMENTS)), dtype=np.int32)
        self.flow = np.zeros((n_days, N_STATES, N_STATES), dtype=np.int32)
        self.people = np.zeros((n_days, N_STATES), dtype=np.int32)
        self.people_at_post = np.zeros((n_days, n_posts), dtype=np.int32)
        self.nights_outdoors = np.zeros((n_days, N_STATES), dtype=np.int32)
        self.unit_hours_on_duty = np.zeros((n_days, n_posts), dtype=np.int32)
        self.unit_hours_by_kind = np.zeros((n_days, len(UNIT_KINDS)), dtype=np.int32)
        self.unit_hours_busy = np.zeros((n_days, n_posts), dtype=np.int32)
        self.unit_hours_covering = np.zeros((n_days, n_posts), dtype=np.int32)
        self.metres_cut = np.zeros((n_days, n_countries))
