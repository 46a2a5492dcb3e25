"""Limits with known answers: what theory says, what the model does, and a picture of both that reads right or wrong.

Run by ``make verify``, apart from the tests: these look at distributions, take minutes, and are read by people.
"""
