"""One run: what becomes of each resource. See `engine.py` for the sources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .calls import CallFailedError, Difference, Left, PartlyFailedError
from .programs import Registered, Registration
from .state import Resource, dependents, dependents_first
from .values import UNKNOWN, Json, differences

if TYPE_CHECKING:
    from .calls import Calls
    from .engine import Report


class StoppedError(Exception):
    """A step failed, and the run with it."""


@dataclass
class Deployment:
    """A run in progress. `state` is changed step by step, as the real engine saves it."""

    state: list[Resource]
    calls: Calls
    report: Report
    dry: bool
    seen: set[str] = field(default_factory=set)
    #: Deleted because of what they depend on; created again when the program comes to them.
    condemned: set[str] = field(default_factory=set)
    #: Why the run stopped; nothing is registered any more.
    failure: str | None = None

    # `pulumi refresh`, also before an update

    def refresh(self) -> None:
        """Read everything that is in the state."""
        for recorded in list(self.state):
            if not recorded.emptied:
                self._refresh_one(recorded)
        urns = {each.urn for each in self.state}
        for each in self.state:
            each.dependencies = tuple(urn for urn in each.dependencies if urn in urns)

    def _refresh_one(self, recorded: Resource) -> None:
        before, errors = recorded.inputs, []
        try:
            id_, outputs, inputs = self.calls.read(
                recorded.urn, recorded.id, recorded.outputs, recorded.inputs
            )
        except PartlyFailedError as partly:
            left = partly.left
            id_, outputs, inputs, errors = left.id, left.outputs, left.inputs, left.reasons
        if not id_:
            self.state.remove(recorded)
            self._did("delete", recorded)
            return
        recorded.id, recorded.outputs, recorded.init_errors = id_, outputs, errors
        recorded.inputs = before if inputs is None else inputs
        recorded.mark_secret_outputs()
        changed = self._differs(recorded, recorded.inputs, before)
        self._did("update" if changed.changes == "DIFF_SOME" else "same", recorded)

    # `pulumi up`, `pulumi preview`

    def register(self, wanted: Registration) -> Registered:
        """Bring one resource to what the program says. Raises `StoppedError`."""
        if self.failure is not None:
            raise StoppedError(self.failure)
        try:
            return self._registered(wanted)
        except (CallFailedError, StoppedError) as failed:
            self.failure = str(failed)
            raise StoppedError(self.failure) from None

    def _registered(self, wanted: Registration) -> Registered:
        recorded = self._recorded(wanted)
        again = wanted.urn in self.condemned
        olds = {} if recorded is None or again else recorded.inputs
        said = wanted.inputs if recorded is None else _ignoring(wanted, recorded)
        inputs = self._checked(wanted.urn, olds, said)
        self.seen.add(wanted.urn)
        if recorded is None:
            return self._create(wanted, inputs, None)
        if again:
            return self._create(wanted, inputs, recorded)
        return self._compare(wanted, recorded, inputs)

    def _recorded(self, wanted: Registration) -> Resource | None:
        for urn in (wanted.urn, *wanted.aliases):
            for each in self.state:
                if each.urn == urn and not each.doomed and urn not in self.seen:
                    self._rename(each, wanted.urn)
                    return each
        return None

    def _rename(self, recorded: Resource, urn: str) -> None:
        def renamed(urns: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(urn if each == recorded.urn else each for each in urns)

        for each in self.state:
            each.dependencies = renamed(each.dependencies)
            each.by_property = {name: renamed(urns) for name, urns in each.by_property.items()}
        recorded.urn = urn

    def _checked(self, urn: str, olds: Json, news: Json) -> Json:
        inputs, failures = self.calls.check(urn, olds, news)
        if failures:
            raise StoppedError("\n".join(failures))
        return inputs

    def _compare(self, wanted: Registration, recorded: Resource, inputs: Json) -> Registered:
        found = self._differs(recorded, recorded.inputs, inputs, wanted.ignored)
        if (found.changes == "DIFF_SOME" and found.replaces) or recorded.emptied:
            return self._replace(wanted, recorded, found)
        if found.changes == "DIFF_SOME" or recorded.init_errors:
            return self._update(wanted, recorded, inputs)
        self._did("same", recorded)
        self._put(wanted, recorded, replace(recorded, inputs=inputs))
        return Registered(recorded.id, recorded.outputs)

    def _differs(
        self, recorded: Resource, inputs: Json, news: Json, ignored: tuple[str, ...] = ()
    ) -> Difference:
        """What the provider says, or, where it leaves that to the engine, the inputs."""
        found = self.calls.diff(recorded.urn, recorded.id, recorded.outputs, inputs, news, ignored)
        paths = differences(inputs, news)
        if found.changes == "DIFF_UNKNOWN":
            self.report.paths.setdefault(recorded.name, set()).update(paths)
            found = replace(found, changes="DIFF_SOME" if paths else "DIFF_NONE")
        elif found.changes == "DIFF_SOME":
            self.report.paths.setdefault(recorded.name, set())
        return found

    def _create(self, wanted: Registration, inputs: Json, replaced: Resource | None) -> Registered:
        made = _of(wanted, inputs)
        self._did("create" if replaced is None else "replace", made)
        if self.dry:
            made.outputs = dict(inputs)
            self._put(wanted, replaced, made)
            return Registered("", made.outputs)
        failed = None
        try:
            made.id, made.outputs = self.calls.create(
                wanted.urn, inputs, wanted.timeouts.get("create", 0.0)
            )
        except PartlyFailedError as partly:
            failed = self._left(made, partly.left)
        if not made.id:
            raise StoppedError("the provider answered no id")
        made.mark_secret_outputs()
        if replaced is not None and not replaced.emptied:
            replaced.doomed = True
        self._put(wanted, replaced, made)
        if failed is not None:
            raise StoppedError(failed)
        return Registered(made.id, made.outputs)

    def _left(self, made: Resource, left: Left) -> str:
        made.id, made.outputs, made.init_errors = left.id, left.outputs, left.reasons
        return "\n".join(left.reasons)

    def _update(self, wanted: Registration, recorded: Resource, inputs: Json) -> Registered:
        self._did("update", recorded)
        made = replace(_of(wanted, inputs), id=recorded.id)
        if self.dry:
            made.outputs = dict(inputs)
            self._put(wanted, recorded, made)
            return Registered(made.id, made.outputs)
        failed = None
        try:
            made.outputs = self.calls.update(
                wanted.urn,
                recorded.id,
                recorded.outputs,
                recorded.inputs,
                inputs,
                wanted.timeouts.get("update", 0.0),
            )
        except PartlyFailedError as partly:
            failed = self._left(made, replace(partly.left, id=recorded.id))
            made.inputs = recorded.inputs
        made.mark_secret_outputs()
        self._put(wanted, recorded, made)
        if failed is not None:
            raise StoppedError(failed)
        return Registered(made.id, made.outputs)

    def _replace(self, wanted: Registration, recorded: Resource, found: Difference) -> Registered:
        if wanted.protect and recorded.protect:
            raise StoppedError(f"unable to replace resource {recorded.urn}: it is protected")
        inputs = self._checked(wanted.urn, {}, wanted.inputs)
        first = found.delete_first if wanted.delete_first is None else wanted.delete_first
        if first:
            for dependent in reversed(self._to_replace_with(recorded)):
                if dependent.protect:
                    raise StoppedError(f"unable to replace {dependent.urn}: it is protected")
                self._delete(dependent, "delete-replaced")
                dependent.emptied = True
                self.condemned.add(dependent.urn)
            if not recorded.emptied:
                self._delete(recorded, "delete-replaced")
                recorded.emptied = True
        return self._create(wanted, inputs, recorded)

    def _to_replace_with(self, root: Resource) -> list[Resource]:
        """The dependents that cannot outlive it: `calculateDependentReplacements`."""
        replaced, found = {root.urn}, []
        for each in dependents(self.state, root.urn):
            if each.urn in self.seen | self.condemned or each.doomed:
                continue
            hit = [n for n in each.inputs if replaced.intersection(each.by_property.get(n, ()))]
            if not hit:
                continue
            guess = {**each.inputs, **dict.fromkeys(hit, UNKNOWN)}
            answer = self.calls.diff(each.urn, each.id, each.outputs, each.inputs, guess)
            if answer.replaces:
                replaced.add(each.urn)
                found.append(each)
        return found

    def _put(self, wanted: Registration, before: Resource | None, made: Resource) -> None:
        """The resource's new state, at its place in the order of dependencies."""
        if before is not None and not before.doomed:
            self.state.remove(before)
        made.urn, made.dependencies = wanted.urn, wanted.dependencies
        made.by_property, made.secret_outputs = wanted.by_property, wanted.secret_outputs
        made.protect, made.retain = wanted.protect, wanted.retain
        made.delete_timeout = wanted.timeouts.get("delete", 0.0)
        # What this run has come to stands before what it has not.
        done = [each for each in self.state if each.urn in self.seen and not each.doomed]
        self.state.insert(1 + self.state.index(done[-1]) if done else 0, made)

    # What is in no program any more

    def delete_the_rest(self) -> None:
        """Delete what the program did not register, and what was replaced."""
        rest = [each for each in self.state if each.doomed or each.urn not in self.seen]
        for each in dependents_first(rest):
            if each.protect and not each.doomed:
                raise StoppedError(f"resource {each.urn} cannot be deleted: it is protected")
            if not each.emptied:
                self._delete(each, "delete-replaced" if each.doomed else "delete")
            self.state.remove(each)

    def _delete(self, recorded: Resource, step: str) -> None:
        self._did(step, recorded)
        if not self.dry and not recorded.retain:
            self.calls.delete(
                recorded.urn,
                recorded.id,
                recorded.outputs,
                recorded.inputs,
                recorded.delete_timeout,
            )

    def _did(self, step: str, resource: Resource) -> None:
        self.report.steps.append((step, resource.name))


def _of(wanted: Registration, inputs: Json) -> Resource:
    return Resource(wanted.urn, "", inputs, {}, secret_outputs=wanted.secret_outputs)


def _ignoring(wanted: Registration, recorded: Resource) -> Json:
    """The inputs with the recorded values of what `ignore_changes` names (whole inputs only)."""
    kept = {name: recorded.inputs[name] for name in wanted.ignored if name in recorded.inputs}
    rest = {name: value for name, value in wanted.inputs.items() if name not in wanted.ignored}
    return {**rest, **kept}
