"""What the model costs, and what its parts do: measured as ratios in one run, never asserted."""
