"""Moves a Python program's monotonic clock by the seconds in the file RECIPE_CLOCK names, so that waiting costs no time."""

import os
import time

real = time.monotonic


def monotonic():
    with open(os.environ["RECIPE_CLOCK"]) as ahead:
        return real() + float(ahead.read())


time.monotonic = monotonic
