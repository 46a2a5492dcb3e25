"""What a run is told: scenario files, the numbers in them, and the evidence those numbers rest on."""
