"""The people: from the flight to a fate. Arrays for the many; the rules are in ``docs/odd.md``."""
