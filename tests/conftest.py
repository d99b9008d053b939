"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure():
    """Let what tests start hear Ctrl-C: under `make test &` a shell has everything ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
