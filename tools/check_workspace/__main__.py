"""The command line; exit codes 0: the same, 2: differences, 1: an error, 130: interrupted."""

from __future__ import annotations

import signal
import sys

from .command import main

if __name__ == "__main__":
    # What is stopped by SIGTERM cleans up, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
