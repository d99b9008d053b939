"""The gateway of an endpoint that somebody else may have made, and its rate limits alone.

From check to delete; the endpoint itself is never created, deleted or reconfigured. An additive
gateway manages the sections that it declares, an authoritative one all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from databricks_serving.errors import InvalidRequest, PermissionDenied, ServingError
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import Canonical, Sealing, canonical, fingerprinted, located
from databricks_serving.plan.change import Reason
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.gateway import ENDPOINT_NAME, sections_of, undeclared
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import in_order_of, projected
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.bag import Bag, text
from databricks_serving.state.bag import said as said_by
from databricks_serving.state.derived import said_though_derived
from databricks_serving.state.endpoint import marked_paths
from databricks_serving.state.gateway import GatewayHow, GatewayModel, gateway_inputs
from databricks_serving.state.keys import BEFORE
from databricks_serving_schema import (
    AiGateway,
    EndpointAiGateway,
    EndpointRateLimits,
    GatewaySettings,
    InvalidResource,
    RateLimitsSettings,
    advise,
    fields_of,
    parse_answer,
)

from .context import Checked, Context, Created, LeftUnfinished, Reading, Stack, Verdict
from .declarations import claim_of_section
from .gateway_write import GatewayWrite
from .observed import found_before, gateway_of, read_tree, table_of
from .recorded import applied_of, credentials_in, hidden, key_of, new_key, picked, recorded_settings
from .refusals import not_given_back
from .turns import look
from .verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving.plan.canonical import Tree
    from databricks_serving_schema import EndpointAnswer

INFERENCE_TABLE = "inference_table"
_TABLE_SECTION = "inference_table_config"
_FORGOTTEN = "What stood there before this stack set it is forgotten."
_AUTHORITATIVE = "authoritative"
#: The address is the resource's id, which stands in the state in clear anyway.
_NEVER_SEALED = frozenset({(ENDPOINT_NAME,)})


class _Wanted(NamedTuple):
    """What a program says, and the sections that it removes without saying them."""

    desired: Canonical
    removed: frozenset[str]
    sealing: Sealing

    @property
    def name(self) -> str:
        return str(self.desired.tree[ENDPOINT_NAME])


@dataclass(frozen=True)
class GatewayVerbs:
    """The verbs of a kind whose inputs are sections of an endpoint's gateway."""

    model: type[GatewayModel]
    settings: type[GatewayHow]

    def check(self, recorded: Bag, said: Bag, stack: Stack) -> Checked:
        """The inputs in normal form, or what is wrong with them. Calls nothing."""
        strays = said_though_derived(self.model, recorded, said)
        try:
            value, _ = gateway_inputs(self.model, self.settings, said, stack.settings.allowances)
        except InvalidResource as invalid:
            return Checked(said, (*strays, *invalid.problems))
        normal = {**said, **said_by(value)}
        table = table_of(normal.get(ENDPOINT_NAME), value)
        if table is not None:
            normal[INFERENCE_TABLE] = table
        return Checked(normal, strays, advise(value))

    def diff(self, recorded: Bag, said: Bag, stack: Stack) -> Verdict:
        """Whether anything differs. Calls nothing."""
        applied = applied_of(self.model, recorded)
        desired, removed, sealing = self._wanted(said, stack, key_of(recorded), applied)
        tree = self._shown(recorded, applied, sealing)
        if (id_ := text(recorded, ENDPOINT_ID)) is not None:
            tree[ENDPOINT_ID] = id_
        plan = make_plan(
            applied=applied,
            desired=desired,
            actual=Actual(self.model, tree),
            orders=Orders(removed=removed),
        )
        found = verdict(
            plan,
            recorded,
            said,
            settings=recorded_settings(self.settings),
            identity=(ENDPOINT_NAME,),
        )
        if not removed or recorded.get("mode") == _AUTHORITATIVE:
            return found
        notice = (
            "mode: authoritative from now on: sections that are not declared here are removed; "
            "only a refresh after this run can show them beforehand"
        )
        return replace(found, notices=(*found.notices, notice))

    def create(self, said: Bag, context: Context) -> Created:
        """Bring the sections to what the program says, and remember what stood there.

        Raises `Refused` where there is no such endpoint, `LeftUnfinished` where something went
        wrong after the gateway had changed.
        """
        context.recorded()
        key = new_key()
        wanted = self._wanted(said, context.stack, key, None)
        return Created(wanted.name, self._write(wanted, said, context, key, applied=None))

    def read(self, id_: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
        """The managed sections as they are, or None where the endpoint is gone."""
        context.same_workspace(recorded)
        with context.alone_with("endpoint", id_) as turn:
            answer = look(id_, context, turn)
        if answer is None:
            return None
        applied = applied_of(self.model, recorded) or Canonical(self.model, {ENDPOINT_NAME: id_})
        sealing = Sealing(bytes.fromhex(key_of(recorded)), fingerprinted(applied.tree))
        before = said or recorded
        shape = in_order_of(applied.tree, self._shown(before, applied, sealing))
        seen = self._visible(shape, answer, sealing, before)
        own = (*fields_of(self.model), *sections_of(applied.tree))
        kept = {name: value for name, value in recorded.items() if name not in own}
        inputs = {name: value for name, value in said.items() if name not in own}
        return Reading(
            outputs={**kept, **seen, **self._stamps(answer, applied.tree), **context.recorded()},
            inputs={**inputs, **seen},
        )

    def update(self, id_: str, recorded: Bag, said: Bag, context: Context) -> Bag:
        """Do what is left to get to what the program says; the outputs afterwards."""
        context.same_workspace(recorded)
        key, applied = key_of(recorded), applied_of(self.model, recorded)
        wanted = self._wanted(said, context.stack, key, applied)
        before = found_before(recorded, wanted.sealing)
        outputs = self._write(wanted, said, context, key, applied=applied, before=before)
        written_to = applied.tree.get(ENDPOINT_ID) if applied is not None else None
        if written_to not in (None, outputs.get(ENDPOINT_ID)) and written_to == text(
            recorded, ENDPOINT_ID
        ):
            # No refresh has seen it, so no preview has said it.
            context.note(f"endpoint {id_}: {Reason.RECREATED.value}")
        return outputs

    def delete(self, id_: str, recorded: Bag, context: Context) -> None:
        """Take the own sections back as `on_delete` says, others untouched.

        Nothing is done where the endpoint is gone, or another one than was written to.
        """
        context.same_workspace(recorded)
        applied = applied_of(self.model, recorded)
        on_delete = recorded.get("on_delete") or "restore"
        if applied is None or on_delete == "keep":
            return
        sealing = Sealing(bytes.fromhex(key_of(recorded)), fingerprinted(applied.tree))
        own = [
            name
            for name in sections_of(applied.tree)
            if not context.left_to_another(claim_of_section(id_, name), and_so=_FORGOTTEN)
        ]
        nothing: dict[str, Tree] = {name: {} for name in own}
        before = nothing if on_delete == "clear" else found_before(recorded, sealing)
        if unknown := [name for name in own if name not in before]:
            context.note(
                f"Endpoint {id_}: {', '.join(unknown)} left as it is: what stood there before is "
                f"not known, for the gateway was found as this stack would have written it, at "
                f"least in part. Change it by hand if it is not to stay."
            )
        there = {name: value for name, value in before.items() if name in own and value != {}}
        write = GatewayWrite(
            name=id_,
            desired=Canonical(self.model, {ENDPOINT_NAME: id_, **there}),
            removed=frozenset(name for name in own if before.get(name) == {}),
            sealing=sealing,
            context=context,
            applied=applied,
        )
        try:
            write.give_back()
        except ServingError as failed:
            reason = failed.without(credentials_in(write.desired.tree))
            if isinstance(reason, (InvalidRequest, PermissionDenied)):
                raise not_given_back(id_, reason) from None
            raise reason from None

    def _wanted(self, said: Bag, stack: Stack, key: str, applied: Canonical | None) -> _Wanted:
        value, authoritative = gateway_inputs(
            self.model, self.settings, said, stack.settings.allowances
        )
        marked = frozenset(located(value, path) for path in marked_paths(said))
        was = frozenset[tuple[str, ...]]() if applied is None else fingerprinted(applied.tree)
        sealing = Sealing(bytes.fromhex(key), (marked | was) - _NEVER_SEALED)
        desired = canonical(value, sealing)
        removed = undeclared(desired.tree) if authoritative else frozenset()
        return _Wanted(desired, removed, sealing)

    def _write(
        self,
        wanted: _Wanted,
        said: Bag,
        context: Context,
        key: str,
        *,
        applied: Canonical | None,
        before: dict[str, Tree] | None = None,
    ) -> Bag:
        write = GatewayWrite(
            name=wanted.name,
            desired=wanted.desired,
            removed=wanted.removed,
            sealing=wanted.sealing,
            context=context,
            applied=applied,
            before=before or {},
        )
        try:
            write.run()
        except ServingError as failed:
            # The service's words may repeat what was sent.
            reason = failed.without(credentials_in(wanted.desired.tree))
            if not write.sent:
                raise reason from None
            outputs = self._outputs(write, write.left_applied, said, key)
            raise LeftUnfinished(reason, write.name, outputs) from None
        tree = write.applied.tree if write.applied is not None else {}
        return self._outputs(write, tree, said, key)

    def _outputs(self, write: GatewayWrite, tree: dict[str, Tree], said: Bag, key: str) -> Bag:
        answer = write.answer
        outputs: Bag = {
            **picked(said, recorded_settings(self.settings)),
            ENDPOINT_NAME: write.name,
            **write.context.recorded(),
            BEFORE: wire(AiGateway, write.before),
        }
        if answer is not None:
            outputs |= self._visible(tree, answer, write.sealing, said)
            outputs |= self._stamps(answer, tree)
            if answer.stamps.id is not None:
                tree = {**tree, ENDPOINT_ID: answer.stamps.id}
        return {**outputs, **hidden(tree, key)}

    def _visible(
        self, shape: dict[str, Tree], answer: EndpointAnswer, sealing: Sealing, said: Bag
    ) -> Bag:
        """The managed sections as they are; one that nobody says, where there is something."""
        own = {name: value for name, value in shape.items() if name != ENDPOINT_ID}
        actual = gateway_of(self.model, answer, sealing)
        seen = projected(self.model, shape=own, actual=actual.tree)
        return {
            name: value for name, value in seen.items() if name in said or value not in ({}, [])
        }

    def _stamps(self, answer: EndpointAnswer, applied: Mapping[str, Tree]) -> Bag:
        stamps: Bag = {ENDPOINT_ID: answer.stamps.id}
        if _TABLE_SECTION in fields_of(self.model):
            managed = _TABLE_SECTION in applied
            gateway = answer.settings.ai_gateway if managed else None
            stamps[INFERENCE_TABLE] = table_of(answer.stamps.name, gateway)
        return stamps

    def _shown(self, bag: Bag, applied: Canonical | None, sealing: Sealing) -> dict[str, Tree]:
        """What a bag shows of the managed sections: what the last read or write saw."""
        sections = sections_of(applied.tree) if applied is not None else {}
        names = tuple(dict.fromkeys((*fields_of(self.model), *sections)))
        return read_tree(parse_answer(self.model, picked(bag, names)), sealing)


AI_GATEWAY = GatewayVerbs(EndpointAiGateway, GatewaySettings)
RATE_LIMITS = GatewayVerbs(EndpointRateLimits, RateLimitsSettings)
