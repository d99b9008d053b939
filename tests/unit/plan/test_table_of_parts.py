"""What a difference takes, for every place of the schema where one can be.

The places come from the schema, and so do the values that stand there; what is expected of them is
in the tables below.
"""

from __future__ import annotations

import pytest

from databricks_serving.apply.observed import read_tree
from databricks_serving.plan.canonical import canonical
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.endpoint import endpoint_changes
from databricks_serving.plan.parts import part_changes, part_paths
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual, Orders
from databricks_serving_schema import (
    RESOURCES,
    UNKNOWN,
    Endpoint,
    OnChange,
    Readback,
    SecretScope,
    Shape,
    fields_of,
    parse_answer,
)
from support.endpoints import SEALING
from unit.plan.places import NOTHING, PLACES, Element

# --- the tables ----------------------------------------------------------------------------------
# `v` is what is desired, `w` something else, `e` is {} or [], `.` is nothing at all, `?` is not yet
# known; the last three columns are what is expected where actual is `.`, `v`, `w`. `record` sends
# nothing: program and workspace have come to the same without each other, or the program has come
# to say what was there. What was applied has to follow, or `drift` tells it for ever, or never.


def table(text: str) -> dict[tuple[str, str], list[str]]:
    rows = [line.split() for line in text.strip().splitlines()]
    return {(applied, desired): expected for applied, desired, *expected in rows}


#: A part: an object, a list or a map that is written as one.
PART = table("""
    .  .  .       .       .
    v  .  notice  notice  notice
    w  .  notice  notice  notice
    e  .  notice  notice  notice
    .  e  record  edited  edited
    v  e  record  edited  both
    w  e  record  both    edited
    e  e  there   drifted drifted
    .  v  edited  .       edited
    v  v  drifted .       drifted
    w  v  both    record  edited
    e  v  edited  record  edited
""")
#: A part that is one value.
PART_OF_ONE_VALUE = {row: PART[row] for row in PART if "e" not in row}
PART_NEVER_SHOWN = table("""
    .  .  .           .       .
    v  .  notice      notice  notice
    w  .  notice      notice  notice
    .  v  edited      .       edited
    v  v  write-only  .       write-only
    w  v  edited      edited  edited
""")
PART_SAID_AS_ITS_DEFAULT = {
    **PART_OF_ONE_VALUE,
    (".", "v"): ["record", ".", "edited"],
    ("v", "v"): ["there", ".", "drifted"],
    ("w", "v"): ["record", "record", "edited"],
}
#: description and budget_policy_id: no call changes them.
REFUSED = table("""
    .  .  .        .       .
    v  .  notice   notice  notice
    w  .  notice   notice  notice
    .  v  refused  .       refused
    v  v  kept     .       kept
    w  v  refused  record  refused
""")
REFUSED_AND_NEVER_SHOWN = {**REFUSED, ("v", "v"): ["write-only", ".", "write-only"]}
REFUSED_AND_SAID_AS_ITS_DEFAULT = {
    **REFUSED,
    (".", "v"): ["record", ".", "refused"],
    ("v", "v"): ["there", ".", "kept"],
    ("w", "v"): ["record", "record", "refused"],
}
#: A leaf inside a part; or an object there, by one of its leaves.
LEAF = table("""
    .  .  .        undeclared  undeclared
    v  .  record   edited      both
    w  .  record   both        edited
    .  v  edited   record      edited
    v  v  drifted  .           drifted
    w  v  both     record      edited
""")
LEAF_FILLED_IN = {**LEAF, (".", "."): [".", "filled", "filled"]}
LEAF_SAID_AS_ITS_DEFAULT = table("""
    .  .  .       filled         filled
    v  .  there   filled         both
    w  .  record  record-filled  edited
    .  v  record  record         edited
    v  v  there   .              drifted
    w  v  record  record         edited
""")
#: `w` is what the service fills in.
LEAF_WITH_A_DEFAULT = {
    **LEAF_FILLED_IN,
    ("v", "."): ["record", "edited", "record-filled"],
    ("w", "."): ["there", "both", "filled"],
}
LEAF_NEVER_SHOWN = table("""
    .  .  .           write-only  write-only
    v  .  edited      edited      edited
    w  .  edited      edited      edited
    .  v  edited      edited      edited
    v  v  write-only  .           write-only
    w  v  edited      edited      edited
""")
#: An element of a list, a key of a map: somebody else's is a difference.
ELEMENT = {**LEAF, (".", "."): [".", "drifted", "drifted"]}
#: What stays where it is taken out, since its place cannot change, or its absence says nothing.
KEPT = table("""
    v  .  record   notice      notice
    w  .  record   notice      notice
""")
#: Whatever it is of: it may turn out to be anything.
NOT_YET_KNOWN = table("""
    .  ?  unknown  unknown     unknown
    v  ?  unknown  unknown     unknown
    w  ?  unknown  unknown     unknown
""")
MARK_NOT_YET_KNOWN = {row: ["mark"] * 3 for row in NOT_YET_KNOWN}
#: The key under which a create leaves its mark.
MARK = table("""
    .  .  .     mark  mark
    v  .  mark  mark  mark
    w  .  mark  mark  mark
    .  v  mark  mark  mark
    v  v  mark  .     mark
    w  v  mark  mark  mark
""")

UPDATES = {
    "edited": (Action.UPDATE, Reason.EDITED),
    "drifted": (Action.UPDATE, Reason.DRIFTED),
    "both": (Action.UPDATE, Reason.EDITED_AND_DRIFTED),
}
SAYS = {
    ".": None,
    "unknown": (Action.UPDATE, Reason.NOT_YET_KNOWN),
    **UPDATES,
    "notice": (Action.NOTE, Reason.NO_LONGER_MANAGED),
    "record": (Action.NOTE, Reason.ALREADY_THERE),
    "there": (Action.SKIP, Reason.ALREADY_THERE),
    "filled": (Action.SKIP, Reason.SERVER_DEFAULT),
    "record-filled": (Action.NOTE, Reason.SERVER_DEFAULT),
    "undeclared": (Action.SKIP, Reason.UNDECLARED),
    "write-only": (Action.SKIP, Reason.WRITE_ONLY),
    "kept": (Action.SKIP, Reason.NO_CALL_CHANGES_IT),
    "mark": (Action.SKIP, Reason.OWNERSHIP_MARK),
    "refused": (Action.REFUSE, Reason.NO_CALL_CHANGES_IT),
}
SAYS_OF_WHAT_REPLACES = {
    **SAYS,
    "unknown": (Action.REPLACE, Reason.NOT_YET_KNOWN),
    **{word: (Action.REPLACE, reason) for word, (_, reason) in UPDATES.items()},
}

#: By level, what a change takes, and what GET says: where neither value is the default, where `v`
#: is, where `w` is.
ECHOED, DEFAULTED, NEVER = Readback.ECHOED, Readback.DEFAULTED, Readback.NEVER
TABLES = {
    ("part", ECHOED): (PART, None, None),
    ("part of one value", ECHOED): (PART_OF_ONE_VALUE, None, None),
    ("part of one value", DEFAULTED): (
        PART_OF_ONE_VALUE,
        PART_SAID_AS_ITS_DEFAULT,
        PART_OF_ONE_VALUE,
    ),
    ("part of one value", NEVER): (PART_NEVER_SHOWN, None, None),
    ("refused", DEFAULTED): (REFUSED, REFUSED_AND_SAID_AS_ITS_DEFAULT, REFUSED),
    ("refused", NEVER): (REFUSED_AND_NEVER_SHOWN, None, None),
    ("object", ECHOED): (LEAF, None, None),
    ("object", DEFAULTED): (LEAF_FILLED_IN, None, None),
    ("object", NEVER): (LEAF_NEVER_SHOWN, None, None),
    ("leaf", ECHOED): (LEAF, None, None),
    ("leaf", DEFAULTED): (LEAF_FILLED_IN, LEAF_SAID_AS_ITS_DEFAULT, LEAF_WITH_A_DEFAULT),
    ("leaf", NEVER): (LEAF_NEVER_SHOWN, None, None),
    ("element", ECHOED): (ELEMENT, None, None),
    ("element", DEFAULTED): (ELEMENT, None, None),
    ("map key", ECHOED): (ELEMENT, None, None),
    ("mark", ECHOED): (MARK, None, None),
}

# --- the three states ----------------------------------------------------------------------------


def bag(steps, value):
    """A property bag with `value` where the steps lead, and something beside it at each of them."""
    if not steps:
        return value
    step, *rest = steps
    gone = not rest and value is NOTHING
    if isinstance(step, Element):
        if gone:
            return [step.other]
        one = {**step.said, **bag(rest, value)} if isinstance(step.said, dict) else step.said
        return [step.other, one]
    return {"newer": "1"} if gone else {"newer": "1", step: bag(rest, value)}


def state(place, letter, v, w):
    empty = [] if place.field.shape is Shape.KEYED_LIST else {}
    value = {"v": v, "w": w, ".": NOTHING, "e": empty, "?": UNKNOWN}[letter]
    steps = (*place.steps, *place.on) if letter in "vw" else place.steps
    return bag(steps, value)


def changes(place, applied, desired, actual):
    was, wanted = (
        canonical(parse_answer(place.kind, said), SEALING) for said in (applied, desired)
    )
    there = read_tree(parse_answer(place.kind, actual), SEALING)
    if place.kind is Endpoint:
        return endpoint_changes(
            applied=was, desired=wanted, actual=Actual(Endpoint, there), orders=Orders()
        )
    return [
        change
        for part in part_paths(place.kind, was.tree, wanted.tree)
        for change in part_changes(
            place.kind, part, applied=was.tree, desired=wanted.tree, actual=there
        )
    ]


def verdict(place, *states):
    """What is said of the place: of its leaf, or of it as a whole. Nothing else may differ."""
    found = {
        change.path: (change.action, change.reason)
        for change in changes(place, *states)
        # That the first external model comes, or the last goes, is told beside what it is made of.
        if change.reason is not Reason.KIND_CHANGED
    }
    whole = place.path(place.steps)
    assert all(path[: len(whole)] == whole for path in found)
    return found.get(place.leaf, found.get(whole))


def expected(place, v, w):
    plain, where_v, where_w = TABLES[place.level, place.field.policy.readback]
    default = None if place.on else place.field.policy.default
    chosen = {**({v: where_v, w: where_w}.get(default, plain)), **_also(place)}
    costs = place.field.policy.on_change
    says = SAYS_OF_WHAT_REPLACES if costs is OnChange.REPLACE else SAYS
    return {
        f"{applied} {desired} {actual}": says[words[".vw".index(actual)]]
        for (applied, desired), words in chosen.items()
        for actual in ".vw"
        if w is not NOTHING or "w" not in (applied, desired, actual)
    }


def _also(place):
    """Rows that stand in no table of their own."""
    policy = place.field.policy
    kept = place.level in ("leaf", "object") and (policy.kept or policy.while_on)
    rows = KEPT if kept else {}
    if place.level == "element":
        return rows  # an element of which nothing is known is another element
    unknown = MARK_NOT_YET_KNOWN if place.level == "mark" else NOT_YET_KNOWN
    return {**rows, **unknown}


@pytest.mark.parametrize("place", PLACES, ids=map(str, PLACES))
def test_a_difference_takes_what_the_tables_say(place):
    for v, w in place.pairs:
        rows = expected(place, v, w)

        said = {
            row: verdict(place, *(state(place, one, v, w) for one in row.split())) for row in rows
        }

        assert said == rows, (v, w)


OF_AN_ENDPOINT = [place for place in PLACES if place.kind is Endpoint]


@pytest.mark.parametrize("place", OF_AN_ENDPOINT, ids=map(str, OF_AN_ENDPOINT))
def test_a_difference_that_is_an_update_has_a_call_that_brings_it(place):
    v, w = place.pairs[0]
    named = {"name": "chat"}
    for row in ("v v w", ". v ."):
        was, wanted, there = ({**named, **state(place, one, v, w)} for one in row.split())
        made = make_plan(
            applied=canonical(parse_answer(Endpoint, was), SEALING),
            desired=canonical(parse_answer(Endpoint, wanted), SEALING),
            actual=Actual(Endpoint, read_tree(parse_answer(Endpoint, there), SEALING)),
        )

        assert bool(made.operations) is (made.action is Action.UPDATE), row


def every_field(model):
    for name, field in fields_of(model).items():
        yield model, name
        if field.model is not None:
            yield from every_field(field.model)


def test_every_field_is_at_one_of_the_places():
    settable = {one for resource in RESOURCES for one in every_field(resource.model)}
    # Their own fields are parts.
    hold_parts = {(Endpoint, "ai_gateway"), (SecretScope, "backend_azure_keyvault")}

    assert {one for place in PLACES for one in place.fields} == settable - hold_parts


def test_every_table_has_its_places():
    assert {(place.level, place.field.policy.readback) for place in PLACES} == set(TABLES)
