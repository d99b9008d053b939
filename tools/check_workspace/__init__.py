"""Holds a real workspace against the emulator: the emulator's own tests, asked of both.

`python -m check_workspace --host HOST` (`make check-workspace HOST=…`); docs/check-workspace.md is
the page for those who run it.
"""
