"""One provider for each kind: translates Pulumi's calls to `apply/`, and nothing more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, ClassVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Checked, Context, LeftUnfinished, Stack, Verdict
from databricks_serving.apply.declarations import claims_of
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.apply.ownership import ownership_mark
from databricks_serving.apply.verbs import Verbs
from databricks_serving.apply.verdict import unsayable
from databricks_serving.errors import ServingError
from databricks_serving.state.bag import Bag
from databricks_serving.state.keys import PROVIDER
from databricks_serving.state.settings import SETTING_NAMES, StackSettings, stack_settings
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_schema import InvalidResource, Problem, identified

from . import server
from .bags import asked, incoming, outgoing
from .unknowns import to_pulumi
from .workspaces import CLOCK, DECLARATIONS, TURNS, known_host, told_apart, watch, workspace

LOG = server.EngineLog(sys.argv[-1])


class Provider(ResourceProvider):
    """What all kinds share. Holds the stack's settings only, and is never pickled by value."""

    kind: ClassVar[str]
    verbs: ClassVar[Verbs]

    def __init__(self) -> None:
        super().__init__()
        self._config: Mapping[str, object] = {}

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's configuration; it is read when a resource needs it."""
        server.prepare()
        said = {name: req.config.get(name) for name in SETTING_NAMES}
        self._config = {name: value for name, value in said.items() if value is not None}
        vars(self).pop("_settings", None)

    def check(self, olds: Bag, news: Bag) -> CheckResult:
        """Problems as failures without a property: a named one makes the engine print its value."""
        with self._translated():
            recorded, said = asked("olds", olds), asked("news", news)
            stack = self._stack(said)
            checked = self._checked(recorded, said, stack)
            for warning in checked.warnings:
                LOG.warning(stack.urn, warning.told)
            problems = (*checked.problems, *self._declared_twice(checked.inputs, stack))
            failures = [CheckFailure("", problem.told) for problem in problems]
            return CheckResult(to_pulumi(checked.inputs), failures)

    def _declared_twice(self, inputs: Bag, stack: Stack) -> tuple[Problem, ...]:
        if stack.urn is None:
            return ()
        place = told_apart(inputs, stack.settings)
        claims = claims_of(self.kind, inputs) if place is not None else ()
        return DECLARATIONS.declare(stack.urn, place or "", claims)

    def diff(self, _id: str, olds: Bag, news: Bag) -> DiffResult:
        """None where the engine can render the difference from the inputs, else True or False."""
        with self._translated():
            recorded, said = asked("olds", olds), asked("news", news)
            stack = self._stack(said)
            try:
                verdict = self._verdict(recorded, said, stack)
            except InvalidResource:
                verdict = unsayable(said)
            for notice in verdict.notices:
                LOG.notice(stack.urn, notice)
            for warning in verdict.warnings:
                LOG.warning(stack.urn, warning.told)
            return DiffResult(
                changes=_changes(verdict, said),
                replaces=list(verdict.replaces),
                delete_before_replace=verdict.delete_first,
            )

    def _checked(self, recorded: Bag, said: Bag, stack: Stack) -> Checked:
        return self.verbs.check(recorded, said, stack)

    def _verdict(self, recorded: Bag, said: Bag, stack: Stack) -> Verdict:
        return self.verbs.diff(recorded, said, stack)

    def create(self, props: Bag) -> CreateResult:
        """Create; what is there when something goes wrong stays in the state."""
        with self._translated():
            said = incoming("properties", props)
            created = self.verbs.create(said, self._context(said))
            return CreateResult(created.id, outgoing(created.outputs))

    def read(self, id_: str, props: Bag) -> ReadResult:
        """What is there, as outputs and as inputs; no id where it is gone."""
        with self._translated():
            recorded, said = incoming("properties", props), incoming("inputs", {})
            reading = self.verbs.read(id_, recorded, said, self._context(recorded))
            if reading is None:
                return ReadResult("", {})
            outputs = outgoing(reading.outputs)
            inputs = reading.inputs if said else None
            if reading.unfinished is not None:
                server.fail_partially(
                    identified(reading.unfinished, "still-being-updated"),
                    id_,
                    {**outputs, PROVIDER: props[PROVIDER]},
                    None if inputs is None else {**inputs, PROVIDER: props[PROVIDER]},
                )
            return ReadResult(id_, outputs, inputs)

    def update(self, id_: str, olds: Bag, news: Bag) -> UpdateResult:
        """Do what is left; what is there when something goes wrong stays in the state."""
        with self._translated():
            recorded, said = incoming("olds", olds), incoming("news", news)
            outputs = self.verbs.update(id_, recorded, said, self._context(said))
            return UpdateResult(outgoing(outputs))

    def delete(self, id_: str, props: Bag) -> None:
        """Delete; what is gone is deleted."""
        with self._translated():
            recorded = incoming("properties", props)
            self.verbs.delete(id_, recorded, self._context(recorded))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Our errors as Pulumi shows them: one paragraph, no class, no traceback."""
        try:
            yield
        except LeftUnfinished as left:
            outputs = {**outgoing(left.outputs), PROVIDER: PROVIDER_OF[self.kind]}
            server.fail_partially(identified(str(left), left.id), left.name, outputs)
        except ServingError as error:
            server.fail(identified(str(error), error.id))
        except InvalidResource as invalid:
            server.fail(invalid.told)

    @cached_property
    def _settings(self) -> StackSettings:
        return stack_settings(self._config)

    def _stack(self, bag: Mapping[str, Any]) -> Stack:
        settings, urn = self._settings, _urn()
        return Stack(settings, _resource_name(urn), known_host(bag, settings), urn)

    def _context(self, bag: Bag) -> Context:
        call, stack = server.current_rpc(), self._stack(bag)
        return Context(
            api=workspace(bag, stack.settings, _waiting),
            clock=CLOCK,
            say=_progress(stack.urn),
            note=lambda message: LOG.notice(stack.urn, message),
            environment=os.environ,
            stack=stack,
            mark=ownership_mark(stack.urn) if stack.settings.ownership_tag else None,
            timeout=call.timeout if call is not None else None,
            turns=TURNS,
            watch=watch(bag, stack.settings),
            inputs=incoming("old_inputs", {}),
            declared_elsewhere=partial(
                DECLARATIONS.elsewhere, stack.urn or "", told_apart(bag, stack.settings) or ""
            ),
        )


class ServingEndpointProvider(Provider):
    """Serving endpoints."""

    kind = "ServingEndpoint"
    verbs: ClassVar[Verbs] = endpoint


class SecretScopeProvider(Provider):
    """Secret scopes."""

    kind = "SecretScope"
    verbs: ClassVar[Verbs] = scope


class SecretProvider(Provider):
    """Secrets."""

    kind = "Secret"
    verbs: ClassVar[Verbs] = secret

    def _checked(self, recorded: Bag, said: Bag, stack: Stack) -> Checked:
        return secret.check(recorded, said, stack, os.environ)

    def _verdict(self, recorded: Bag, said: Bag, stack: Stack) -> Verdict:
        return secret.diff(recorded, said, stack, os.environ, incoming("old_inputs", {}))


class AiGatewayProvider(Provider):
    """AI Gateway settings of anybody's endpoints."""

    kind = "AiGateway"
    verbs: ClassVar[Verbs] = AI_GATEWAY


class RateLimitsProvider(Provider):
    """Rate limits of anybody's endpoints."""

    kind = "RateLimits"
    verbs: ClassVar[Verbs] = RATE_LIMITS


class SecretAclProvider(Provider):
    """Access to secret scopes."""

    kind = "SecretAcl"
    verbs: ClassVar[Verbs] = acl


class EndpointPermissionsProvider(Provider):
    """Grants on endpoints."""

    kind = "EndpointPermissions"
    verbs: ClassVar[Verbs] = permissions


PROVIDERS: dict[str, type[Provider]] = {
    provider.kind: provider
    for provider in (
        ServingEndpointProvider,
        AiGatewayProvider,
        RateLimitsProvider,
        SecretScopeProvider,
        SecretProvider,
        SecretAclProvider,
        EndpointPermissionsProvider,
    )
}


def _changes(verdict: Verdict, said: Bag) -> bool | None:
    if not verdict.changed and not verdict.replaces:
        return False
    if verdict.recorded_only and not _is_said_by_a_program(verdict.recorded_only):
        return False
    before = incoming("old_inputs", {})
    # The engine renders a difference of inputs exactly, and takes equal inputs for "no change". One
    # that does not say what they were gets the wordier rendering.
    return None if before and before != said else True


def _is_said_by_a_program(inputs: frozenset[str]) -> bool:
    """Whether the inputs of this `diff` are a program's, and not what a refresh has put there.

    Of what `ignore_changes` names, they stay what a refresh has put there.
    """
    if (call := server.current_rpc()) is None or call.urn is None:
        return True
    return DECLARATIONS.has(call.urn) and not inputs <= call.ignored


def _urn() -> str | None:
    call = server.current_rpc()
    return call.urn if call is not None else None


def _resource_name(urn: str | None) -> str | None:
    return urn.rsplit("::", 1)[-1] if urn else None


def _waiting(message: str) -> None:
    # One client serves many resources: the line belongs to the one whose call waits.
    LOG.progress(_urn(), message)


def _progress(urn: str | None) -> Callable[[str], None]:
    return lambda message: LOG.progress(urn, message)
