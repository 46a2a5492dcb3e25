"""One simulated life of a run, as text."""
