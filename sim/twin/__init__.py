"""The twin: the rules of the mass again, one person and one unit at a time; see :class:`sim.twin.model.TwinModel`."""
