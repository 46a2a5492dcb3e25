"""From many runs to an answer: calibrate, validate, sensitivity, discover, sweep, and tables for other programs.

Each command of that name is a function of that name here, which returns pandas tables or xarray datasets.
"""
