"""What a person has to mend in what they gave to a report: a file, a threshold, a selection."""

from __future__ import annotations


class ReportMistake(Exception):
    """One paragraph with the place, the reason and the remedy; exit code 64.

    id: its entry in the catalogue of errors
    """

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - as every raise says it
        super().__init__(text)
        self.id = id
