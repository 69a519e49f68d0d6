"""What the Python programs share: PROGRAM BROKER SCENARIO runs one scenario, which ends with an exception when a check fails."""

import sys
import time

LIMIT_S = 15


def until(condition, what):
    limit = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < limit, f"waited in vain: {what()}"


def equal(actual, expected):
    assert actual == expected, f"{actual!r}, not {expected!r}"


def main(library, scenarios):
    broker, name = sys.argv[1:]
    {s.__name__: s for s in scenarios}[name](broker)
    print(f"{library}: {name} ok")
