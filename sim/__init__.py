"""An agent-based model of the stand-off on Belarus's borders in 2021."""

__version__ = "0.1.0"
