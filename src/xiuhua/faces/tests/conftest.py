"""Lamps in two towns and people of both, as the readings' own tests have them."""

from xiuhua.readings.tests.conftest import lamps, lights, line, sign_in

__all__ = ["lamps", "lights", "line", "sign_in"]
