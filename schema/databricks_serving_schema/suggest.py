"""The nearest known word, for "did you mean"."""

from __future__ import annotations

#: A word this near to a known one is a misspelling, never a field of a newer API.
NEAR = 2


def among(word: str, choices: tuple[str, ...]) -> str | None:
    """The choice within edit distance 2 of `word` (case ignored), the nearest first."""
    folded = word.casefold()
    near = sorted(
        (distance(folded, choice.casefold()), choice)
        for choice in choices
        if abs(len(folded) - len(choice.casefold())) <= NEAR
    )
    return near[0][1] if near and near[0][0] <= NEAR else None


def distance(left: str, right: str) -> int:
    """How many insertions, deletions and substitutions of a character lie between two words."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        above, row = row, [i]
        for j, b in enumerate(right, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b)))
    return row[-1]
