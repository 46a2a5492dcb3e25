"""The people, units and deciders of the stand-off."""
