"""The world people meet: the border, its barriers, the calendar, daylight and weather."""
