"""What is measured: one run as an ``xarray.Dataset`` with named dimensions, long names and units, and its chronicle.

The record is made from integer books and series that the model keeps as it runs; it never holds the population.
"""

from sim.record.chronicle import chronicle_table
from sim.record.make import make_record

__all__ = ["chronicle_table", "make_record"]
