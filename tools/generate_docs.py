"""The reference of the fields, for people: what may be said, and what is known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from schema_facts import Description, Entry, Thing
from schema_types import Either, Leaf, ListOf, MapOf, ObjectOf, Type
from typing_extensions import assert_never

from databricks_serving_schema import OnChange
from databricks_serving_schema.limits import (
    AtMost,
    Bounds,
    Deprecated,
    Doubtful,
    NamedAfterResource,
    NotFor,
    Spelled,
)

INTRODUCTION = """\
<!-- Generated from the schema by `make generate`: do not edit. -->

# Fields

What a program may say of each resource. Names and nesting are those of the Databricks REST API, so
that JSON from its documentation can be pasted. Every value may be an output of another resource,
except the settings that are `True` or `False`.

| column | says |
|---|---|
| Default | What the service takes where the program is silent; **required** where it must not be. |
| On change | What it takes to change the field of something that exists. |
| Readback | What GET tells of a field that was written. |
| Severity | How grave it is when somebody changed the field outside of the program. |
| Why | The numbers of the notes below the table. |

What spans fields, and which of them are required in some programs only, is said in the
[rules](rules.md).

On change:

- `update`: in place.
- `replace`: the resource is deleted and made anew.
- `replace while` a switch is on: in place while it is off; taken out of the program, it stays.
- `update`, a switch `off first`: two calls, for the service changes it only while that is off.
- `refuse`: an error, because no call changes the field. Where `deploy.replace_on` names it, the
  endpoint is replaced.
- `record`: a setting of this provider; it is remembered, and nothing is sent.
- `nothing`: a setting of this provider for a single run; a change of it is no difference.

Readback:

- `echoed`: what was written. A difference is drift.
- `defaulted`: what was written, or what the service filled in. Where the program is silent, that is
  no drift.
- `never`: nothing. Drift cannot be seen.
"""

HEAD = """\
| Field | Type | Default | On change | Readback | Severity | What it is | Why |
|---|---|---|---|---|---|---|---|"""

_PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`True` or `False`",
}


class _Notes:
    """The notes below one table: each once, numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of the note."""
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def lines(self) -> Iterator[str]:
        """All of them, as a numbered list."""
        for text, number in self._numbers.items():
            lead = f"{number}. "
            yield textwrap.fill(
                f"{lead}{text}", 100, subsequent_indent=" " * len(lead), break_on_hyphens=False
            )


def text(description: Description) -> str:
    """The whole page."""
    things = description.resources
    listed = (f"- {_link(each.name)}: {_inside_sentence(each.doc)}" for each in things)
    parts = [INTRODUCTION, "## Resources", "", *listed]
    for thing in things:
        parts += ["", f"## {thing.name}", "", *_section(thing)]
    parts += ["", "## Objects", "", "What stands inside the resources, by name."]
    for thing in sorted(description.nested, key=lambda each: each.name):
        holders = ", ".join(_link(each.name) for each in description.holders(thing))
        parts += ["", f"### {thing.name}", "", *_section(thing, f"It stands in {holders}.")]
    return "\n".join(parts) + "\n"


def _section(thing: Thing, where: str = "") -> Iterator[str]:
    yield " ".join(filter(None, (thing.doc, where)))
    yield ""
    yield HEAD
    notes = _Notes()
    yield from [_row(entry, notes) for entry in thing.entries]
    together = list(_together(thing))
    if together:
        yield from ("", *(f"- {line}" for line in together))
    lines = list(notes.lines())
    if lines:
        yield from ("", *lines)


def _row(entry: Entry, notes: _Notes) -> str:
    cells = [f"`{entry.name}`", _type(entry), _default(entry), *_policy(entry)]
    numbers = ", ".join(map(str, sorted(notes.number(note) for note in _reasons(entry))))
    doc = entry.doc if entry.field is not None else f"Older form. {entry.doc}"
    escaped = (cell.replace("|", "\\|") for cell in (*cells, doc, numbers))
    return f"| {' | '.join(escaped)} |"


def _policy(entry: Entry) -> tuple[str, str, str]:
    if entry.field is None:
        return "", "", ""
    policy = entry.field.policy
    on_change = policy.on_change.value
    if policy.while_on is not None:
        on_update = policy.on_change is OnChange.UPDATE
        on_change += (
            f", `{policy.while_on}` off first" if on_update else f" while `{policy.while_on}`"
        )
    if policy.on_change in (OnChange.RECORD, OnChange.NOTHING):
        return on_change, "", ""
    return on_change, policy.readback.value, policy.severity.value


def _default(entry: Entry) -> str:
    if entry.required:
        return "**required**"
    if entry.mark(NamedAfterResource):
        return "the resource's name"
    if entry.field is None:
        return ""
    policy = entry.field.policy
    if policy.default is not None:
        return f"`{policy.default!r}`".replace("'", '"')
    return policy.filled_with


def _type(entry: Entry) -> str:
    return ", ".join(filter(None, (_kind(entry.takes), *_limits(entry))))


def _kind(kind: Type) -> str:
    match kind:
        case Leaf():
            return _leaf(kind)
        case ListOf(element):
            return f"list of {_kind(element)}"
        case MapOf(value):
            return f"map of text to {_kind(value)}"
        case ObjectOf(name):
            return _link(name)
        case Either(kinds):
            return ", or ".join(map(_kind, kinds))
    assert_never(kind)


def _leaf(leaf: Leaf) -> str:
    if leaf.choices:
        return ", ".join(f"`{choice}`" for choice in leaf.choices)
    if leaf.form is not None:
        return leaf.form.value
    return f"{'secret ' if leaf.secret else ''}{_PLAIN.get(leaf.kind, 'anything')}"


def _limits(entry: Entry) -> Iterator[str]:
    """What limits the value beyond its type."""
    bounds, at_most, spelled = entry.mark(Bounds), entry.mark(AtMost), entry.mark(Spelled)
    if bounds is not None:
        yield f"{bounds.least} {'or more' if bounds.most is None else f'to {bounds.most}'}"
        if bounds.step is not None:
            yield f"a multiple of {bounds.step}"
    if at_most is not None:
        characters = " characters" if isinstance(entry.takes, Leaf) else ""
        yield f"at most {at_most.count}{characters}"
        if at_most.of_each is not None:
            yield f"each of at most {at_most.of_each} characters"
    if spelled is not None:
        yield spelled.says.removeprefix("takes a ").removesuffix(" are allowed")


def _reasons(entry: Entry) -> Iterator[str]:
    if entry.field is None:
        return
    policy = entry.field.policy
    yield _note(policy.because, policy.source)
    unfit: tuple[NotFor | Doubtful, ...] = (
        *entry.field.marks_of(NotFor),
        *entry.field.marks_of(Doubtful),
    )
    for mark in unfit:
        lead = "Not with" if isinstance(mark, NotFor) else "Doubtful with"
        kinds = ", ".join(each.value for each in mark.kinds)
        yield _note(f"{lead} {kinds}: {mark.why}", mark.source)
    deprecated = entry.mark(Deprecated)
    if deprecated is not None:
        yield _note(f"Deprecated: {deprecated.instead}", deprecated.source)


def _note(text: str, source: str) -> str:
    return f"{text[0].upper()}{text[1:]}. (Source: {source})"


def _together(thing: Thing) -> Iterator[str]:
    """What is said of fields together."""
    for names, needed in thing.one_of():
        said = ", ".join(f"`{name}`" for name in names)
        yield f"{'Exactly' if needed else 'At most'} one of {said}."
    goes_with: dict[str, list[str]] = {}
    for selects, value, name in thing.selected():
        goes_with.setdefault(selects, []).append(f"`{value}` with `{name}`")
    for selects, pairs in goes_with.items():
        yield f"Each `{selects}` has its own object: {', '.join(pairs)}."


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _inside_sentence(doc: str) -> str:
    return f"{doc[0].lower()}{doc[1:]}"
