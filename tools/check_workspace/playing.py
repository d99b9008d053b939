"""One conversation, asked of both sides in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from databricks_serving.clock import Clock

from .comparing import Sight, differences
from .conversations import Conversation, Step
from .differing import Difference, Kind, strange
from .findings import Findings
from .guard import Bounds, UntouchableError
from .naming import Model, NobodyError, People, placed
from .redaction import known
from .sides import ENDPOINTS, Answer, Side, StrangeAnswerError, emulator

#: A gateway shows after 20 to 60 seconds (AI Gateway documentation), and access lists are late too.
_LATE = (2.0, 8.0, 20.0, 40.0)
#: Without these nothing can be compared.
_NEEDED = (ENDPOINTS, "/api/2.0/secrets/scopes/create")
#: Longer tests fill a workspace up to a limit, and others want to work in it.
_MOST_REQUESTS = 40


class NotAllowedError(RuntimeError):
    """The caller lacks a right without which nothing can be compared."""


@dataclass(frozen=True)
class Planned:
    """A conversation that can be asked.

    head: what its names begin with; case: the test it is of
    """

    case: str
    head: str
    steps: tuple[Step, ...]

    @property
    def endpoint_writes(self) -> int:
        """How many of its requests count for the workspace's limit of writes."""
        return sum(
            not step.is_read and step.method != "DELETE" and "/2.0/serving-endpoints" in step.path
            for step in self.steps
        )


def planned(
    conversations: Iterable[Conversation],
    bounds: Bounds,
    people: People,
    clock: Clock,
    model: Model | None = None,
) -> Iterator[tuple[Conversation, Planned | str]]:
    """Each conversation with its plan, or with the reason why it is left out."""
    for number, conversation in enumerate(conversations, 1):
        head = f"{bounds.prefix}{number:03d}-"
        try:
            there = placed(conversation, head, people, model)
        except NobodyError as nobody:
            yield conversation, conversation.unusual or str(nobody)
            continue
        reasons = (bounds.why_not(step.method, step.path, step.body) for step in there.steps)
        reason = conversation.unusual or next(filter(None, reasons), None)
        if len(there.steps) > _MOST_REQUESTS:
            reason = "it would fill the workspace up to a limit"
        if reason is None and not _repeats(there, people, clock):
            reason = "its requests alone do not repeat it in the emulator"
        yield conversation, reason or Planned(conversation.case, head, there.steps)


def _repeats(there: Conversation, people: People, clock: Clock) -> bool:
    """Whether a fresh emulator answers as it did in the test."""
    with (side := emulator(people.caller, clock)).client:
        return all(side.ask(step).status == step.status for step in there.steps)


def play(
    plan: Planned, workspace: Side, findings: Findings, people: People, private: tuple[str, ...]
) -> None:
    """Ask both sides, and add what differs. Raises `NotAllowedError` and `LostError`."""
    findings.asked += 1
    with (ours := emulator(people.caller, workspace.clock)).client:
        for number, step in enumerate(plan.steps, 1):
            findings.requests += 1
            try:
                # What comes during an update in the emulator comes during one there, too.
                if not step.is_read:
                    workspace.settle(but=ours.under_way)
                one, other = ours.ask(step), workspace.ask(step)
                _check_right(step, one, other)
                sight = _sight(plan, people, private, one)
                found = list(differences(step, one, other, sight))
                fresh = (_may_be_late(new) and not findings.knows(new) for new in found)
                if step.is_read and any(fresh):
                    found = _looked_at_again(step, one, found, workspace, sight)
                goes_on = step.is_read or one.is_accepted == other.is_accepted
            except UntouchableError:
                # All else was judged before: only an id comes from an answer.
                found, goes_on = [strange(step, "without an id to ask by")], False
            except StrangeAnswerError as unusable:
                found, goes_on = [strange(step, unusable.why)], False
            findings.add(plan.case, number, step, found)
            if not goes_on:
                findings.cut_short += number < len(plan.steps)
                return


def _sight(plan: Planned, people: People, private: tuple[str, ...], one: Answer) -> Sight:
    asked = [step.body for step in plan.steps]
    sight = Sight(plan.head, people.caller.name, known([], None, ()))
    plain = sight.plain(Answer(200, [asked, one.content])).content
    named = (*people.users, *people.groups)
    return replace(sight, known=known(plain[0], plain[1], private, named))


def _check_right(step: Step, one: Answer, other: Answer) -> None:
    if one.is_accepted and other.status in (401, 403) and step.path in _NEEDED:
        what = " ".join((step.method, "/".join(step.path.split("/")[:4])))
        raise NotAllowedError(
            f"The workspace refuses {what} with {other.status}: the caller lacks a right that the"
            f" check needs. docs/check-workspace.md lists them."
        )


def _may_be_late(difference: Difference) -> bool:
    if difference.kind is Kind.MORE:
        return difference.path.endswith("[]")  # an element that was taken away
    return difference.kind in (Kind.STATUS, Kind.VALUE, Kind.MISSING, Kind.ORDER)


def _looked_at_again(
    step: Step, one: Answer, found: list[Difference], workspace: Side, sight: Sight
) -> list[Difference]:
    """What still differs after a while; what does not, as shown late."""
    first = found
    for pause in _LATE:
        workspace.clock.wait(pause)
        found = list(differences(step, one, workspace.ask(step), sight))
        if not any(_may_be_late(difference) for difference in found):
            break
    late = [
        replace(difference, kind=Kind.LATE)
        for difference in first
        if _may_be_late(difference) and difference not in found
    ]
    return [*found, *late]
