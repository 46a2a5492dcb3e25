"""Comparisons: two scenarios under the same lucks, what differs between them, and what a placebo would have moved."""
