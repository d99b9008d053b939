"""What a person has to mend in what they gave to a report: a file, a threshold, a selection."""

from __future__ import annotations


class ReportMistake(Exception):
    """One paragraph with the place, the reason and the remedy; exit code 64."""
