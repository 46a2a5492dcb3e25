"""Ensembles: many runs of one scenario, each under luck of its own, kept on disk and told as medians and intervals."""
