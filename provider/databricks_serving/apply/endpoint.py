"""A serving endpoint, from check to delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.plan.answered import still_answered
from databricks_serving.plan.canonical import (
    Canonical,
    Sealing,
    Tree,
    canonical,
    located,
    tree_of,
)
from databricks_serving.plan.change import Action
from databricks_serving.plan.endpoint import ENDPOINT_ID, REDEPLOY_ON
from databricks_serving.plan.operations import CancelStrategy
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import in_order_of
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.bag import Bag, section, text
from databricks_serving.state.derived import said_though_derived
from databricks_serving.state.endpoint import (
    EndpointInputs,
    endpoint_inputs,
    normal_inputs,
    visible_endpoint,
)
from databricks_serving_schema import (
    Endpoint,
    EndpointSettings,
    InvalidResource,
    Unknown,
    advise,
    fields_of,
    inference_table_name,
    seconds,
)

from .context import Checked, Context, Created, LeftUnfinished, Reading, Stack, Verdict
from .declarations import claims_of
from .deletion import delete_and_wait
from .endpoint_outputs import invocation_url, outputs_of, seen_of, stamps_of, with_filled_prefix
from .executor import Convergence
from .naming import with_name
from .observed import read_tree
from .ownership import is_marked, owner_of
from .parsed import Parsed
from .patience import DELETE, patience
from .recorded import applied_of, credentials_in, key_of, new_key, picked, recorded_settings
from .refusals import endpoint_of_others, endpoint_taken, refusal
from .verdict import verdict
from .wait import Deadline

if TYPE_CHECKING:
    from databricks_serving_schema import EndpointAnswer

RECORDED_SETTINGS = recorded_settings(EndpointSettings)
_PARSED = Parsed()


def check(recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs in normal form, or what is wrong with them.

    Calls nothing, needs no credentials.
    """
    said = with_name(recorded, said, stack)
    strays = said_though_derived(Endpoint, recorded, said)
    try:
        inputs = endpoint_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, (*strays, *invalid.problems))
    normal = normal_inputs(said, inputs)
    name, before = text(normal, "name"), text(recorded, "invocation_url")
    if before is not None and name == text(recorded, "name"):
        # The same host under another spelling is no change; another workspace is an error later.
        normal["invocation_url"] = before
    elif stack.host is not None and name is not None:
        normal["invocation_url"] = invocation_url(stack.host, name)
    table = inference_table_name(inputs.endpoint)
    if table is not None:
        normal["inference_table"] = table
    _PARSED.keep(normal, stack.settings.allowances, inputs)
    return Checked(normal, strays, advise(inputs.endpoint))


def diff(recorded: Bag, said: Bag, stack: Stack) -> Verdict:
    """Whether anything differs. Raises `Refused` for a change that no call makes. Calls nothing."""
    allowances = stack.settings.allowances
    inputs = _PARSED.take(said, allowances) or endpoint_inputs(said, allowances)
    applied = applied_of(Endpoint, recorded)
    sealing = Sealing(_key(recorded), _marked(inputs) | _sealed_paths(applied))
    desired = desired_of(inputs, sealing)
    update = section(recorded, "state").get("config_update")
    actual = Actual(
        Endpoint,
        {**read_tree(visible_endpoint(with_filled_prefix(recorded)), sealing), **_id_of(recorded)},
        updating=update == "IN_PROGRESS",
        ever_ready=recorded.get("config_version") is not None,
    )
    plan = make_plan(
        applied=applied, desired=desired, actual=actual, orders=orders_of(inputs, None)
    )
    if plan.of(Action.REFUSE):
        raise refusal(text(recorded, "name") or "", plan)
    return verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("name",))


def _id_of(recorded: Bag) -> dict[str, str]:
    known = text(recorded, ENDPOINT_ID)
    return {ENDPOINT_ID: known} if known is not None else {}


def create(said: Bag, context: Context) -> Created:
    """Create the endpoint, or take back, or over, one that is there; wait until it serves.

    Raises `TakenAlready` where somebody else's endpoint has the name, `LeftUnfinished` where
    something went wrong after the workspace had changed.
    """
    inputs = endpoint_inputs(said, context.stack.settings.allowances)
    name = str(inputs.endpoint.name)
    context.recorded()
    found = context.api.get_endpoint(name)
    if found is not None and not inputs.adopt and not is_marked(found, context.mark):
        raise endpoint_taken(name, owner_of(found))
    owner = owner_of(found)
    if owner not in (None, context.mark):
        context.note(
            f"endpoint {name} was made by another resource ({owner}) and is taken over as "
            f"adopt=True says; where that one still manages it, the two undo each other's changes"
        )
    outputs = _converge(name, inputs, said, context, key=new_key(), applied=None, found=found)
    for notice in diff(outputs, said, context.stack).notices:
        context.note(notice)
    return Created(name, outputs)


def read(id_: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The endpoint as it is, or None where it is gone. `said`: the recorded inputs."""
    context.same_workspace(recorded)
    answer = context.api.get_endpoint(id_)
    if answer is None:
        return None
    applied = applied_of(Endpoint, recorded)
    sealing = Sealing(_key(recorded), _sealed_paths(applied))
    shape: dict[str, Tree] = applied.tree if applied is not None else {"name": id_}
    shown = read_tree(visible_endpoint(said or recorded), sealing)
    seen = seen_of(Canonical(Endpoint, in_order_of(shape, shown)), answer, sealing)
    kept = {name: value for name, value in recorded.items() if name not in fields_of(Endpoint)}
    inputs = {name: value for name, value in said.items() if name not in fields_of(Endpoint)}
    waiting = section(recorded, "deploy").get("wait") != "accepted"
    unfinished = f"endpoint {id_} is still being updated" if answer.stamps.updating else None
    return Reading(
        outputs={**kept, **seen, **stamps_of(answer, context)},
        inputs={**inputs, **seen},
        unfinished=unfinished if waiting else None,
    )


def update(id_: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Do what is left to get to what the program says; the outputs afterwards."""
    context.same_workspace(recorded)
    inputs = endpoint_inputs(said, context.stack.settings.allowances)
    key, applied = key_of(recorded), applied_of(Endpoint, recorded)
    found = context.api.get_endpoint(id_)
    return _converge(id_, inputs, said, context, key=key, applied=applied, found=found)


def delete(id_: str, recorded: Bag, context: Context) -> None:
    """Delete the endpoint and return once its name is free; one that is gone is deleted.

    One that another resource declares now is left as it is. Raises `Refused` where it is not the
    endpoint that is recorded.
    """
    context.same_workspace(recorded)
    found = context.api.get_endpoint(id_)
    if found is None or context.left_to_another(*claims_of("ServingEndpoint", {"name": id_})):
        return
    applied = applied_of(Endpoint, recorded)
    # Not the visible id, which a refresh just before this may have overwritten.
    known = applied.tree.get(ENDPOINT_ID) if applied is not None else None
    if known is not None and found.stamps.id != known and not is_marked(found, context.mark):
        raise endpoint_of_others(id_)
    delete_and_wait(
        id_, context, Deadline.after(context.clock, _delete_patience(recorded, context))
    )


def _delete_patience(recorded: Bag, context: Context) -> float:
    said = text(section(recorded, "deploy"), "timeout")
    if said is not None:
        return float(seconds(said))
    return context.timeout if context.timeout is not None else DELETE


def _converge(
    name: str,
    inputs: EndpointInputs,
    said: Bag,
    context: Context,
    *,
    key: str,
    applied: Canonical | None,
    found: EndpointAnswer | None,
) -> Bag:
    sealing = Sealing(bytes.fromhex(key), _marked(inputs) | _sealed_paths(applied))
    settings = picked(said, RECORDED_SETTINGS)
    desired = desired_of(inputs, sealing)
    convergence = Convergence(
        name=name,
        desired=desired,
        orders=orders_of(inputs, context.mark),
        sealing=sealing,
        context=context,
        deadline=Deadline.after(context.clock, patience(inputs, context.timeout)),
        wait=inputs.deploy.wait != "accepted",
        written=None if applied is None else _still_applied(applied, desired),
        answer=found,
    )
    try:
        convergence.run()
    except ServingError as failed:
        # The service's words may repeat what was sent.
        reason = failed.without(credentials_in(desired.tree))
        ours = found is not None and is_marked(found, context.mark)
        if not convergence.sent and (applied is not None or not ours):
            raise reason from None
        if convergence.look_again() and applied is not None:
            _tell_how_far(convergence, applied.tree)
        raise LeftUnfinished(
            reason, name, outputs_of(convergence, settings, key, context)
        ) from None
    return outputs_of(convergence, settings, key, context)


def _tell_how_far(convergence: Convergence, applied: Mapping[str, Tree]) -> None:
    """Which parts an update that failed has written; the error itself says what failed."""
    written = convergence.written.tree if convergence.written is not None else {}
    left = dict.fromkeys(change.path[0] for change in convergence.plan().of(Action.UPDATE))
    new = (part for part in fields_of(Endpoint) if written.get(part) != applied.get(part))
    done = [part for part in new if part not in left]
    if done and left:
        convergence.context.note(
            f"Written before that: {', '.join(done)}. Left for the next `pulumi up`: "
            f"{', '.join(left)}."
        )


def _still_applied(applied: Canonical, desired: Canonical) -> Canonical:
    # The id is recorded with the outputs; whoever writes now writes to the endpoint that is there.
    tree = {name: value for name, value in applied.tree.items() if name != ENDPOINT_ID}
    return Canonical(Endpoint, still_answered(tree, desired.tree))


def _key(recorded: Mapping[str, object]) -> bytes:
    return bytes.fromhex(key_of(recorded))


def _marked(inputs: EndpointInputs) -> frozenset[tuple[str, ...]]:
    return frozenset(located(inputs.endpoint, path) for path in inputs.marked)


def _sealed_paths(applied: Canonical | None) -> frozenset[tuple[str, ...]]:
    return frozenset() if applied is None else applied.sealed


def desired_of(inputs: EndpointInputs, sealing: Sealing) -> Canonical:
    """The endpoint as its program wants it, with what a redeployment depends on."""
    desired = canonical(inputs.endpoint, sealing)
    redeploy_on = inputs.deploy.redeploy_on
    if redeploy_on is None or isinstance(redeploy_on, Unknown):
        return desired
    triggers = tree_of(redeploy_on, sealing, ("deploy", REDEPLOY_ON))
    return Canonical(Endpoint, {**desired.tree, REDEPLOY_ON: triggers})


def orders_of(inputs: EndpointInputs, mark: str | None) -> Orders:
    """How its program wants it rolled out; `mark`: what a create leaves among its tags."""
    said = inputs.deploy.on_update_in_progress
    strategy = CancelStrategy(said) if isinstance(said, str) else CancelStrategy.SUPERSEDE
    replace_on = inputs.deploy.replace_on
    fields = replace_on if isinstance(replace_on, tuple) else ()
    return Orders(strategy, frozenset(f for f in fields if isinstance(f, str)), mark)


__all__ = ["check", "create", "delete", "diff", "invocation_url", "read", "update"]
