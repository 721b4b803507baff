"""Waiting for conditions, never for time to pass."""
import os
import time

# A sanitizer build is several times slower; so is a busy machine.
SLOW = float(os.environ.get("OUTRIGGER_E2E_SLOW", "0")) or 1.0
DEADLINE = 15.0


class Timeout(AssertionError):
    """A condition did not come true in time."""


def set_slow(factor):
    global SLOW
    if not os.environ.get("OUTRIGGER_E2E_SLOW"):
        SLOW = factor


def scaled(seconds):
    """A deadline for this build: `seconds` for a release build."""
    return seconds * SLOW


def eventually(condition, what="the condition", deadline=DEADLINE, pause=0.01):
    """Polls until condition() is truthy and returns that value."""
    end = time.monotonic() + scaled(deadline)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"{what}: not within {scaled(deadline):.1f} s")
        time.sleep(pause)
