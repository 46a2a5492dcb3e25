"""Snapshots: what a run has become, written to a file, taken up again, or let go another way from a day on."""
