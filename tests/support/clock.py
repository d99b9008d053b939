"""A clock that moves only when somebody waits."""

from __future__ import annotations

from databricks_serving.clock import CalledOff

NEW_YEAR = 1_767_571_200.0  # seconds since the epoch


class FakeClock:
    """The provider's clock and the emulator's at once.

    called_off_after: how many waits go well before Ctrl-C ends one; None: all
    """

    def __init__(self, *, called_off_after=None):
        self.seconds = NEW_YEAR
        self.waits = []
        self.called_off_after = called_off_after

    def now(self):
        return self.seconds

    def wait(self, seconds):
        if self.called_off_after is not None and len(self.waits) >= self.called_off_after:
            raise CalledOff
        self.waits.append(seconds)
        self.advance(seconds)

    def advance(self, seconds):
        self.seconds += seconds

    @property
    def passed(self):
        """Seconds since the test began."""
        return self.seconds - NEW_YEAR
