"""Runs: from a question to a results folder."""
