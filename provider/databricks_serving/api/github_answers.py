"""What GitHub's answers mean: errors with their remedy, and what is worth asking again, and when.

The waits are those of docs.github.com, "Rate limits for the REST API": Retry-After where it is
said, `x-ratelimit-reset` where nothing remains, else a minute, and twice as long each time.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted, ServingError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from databricks_serving.clock import Clock

T = TypeVar("T")

#: How long one call may wait in all: a job of a workflow should end in minutes.
BUDGET_SECONDS = 300.0
_MINUTE = 60.0
#: Answers of a proxy or of a passing fault, worth four attempts.
_MAY_PASS = (500, 502, 503, 504)
_ATTEMPTS = 4
_LONGEST_MESSAGE = 300

_REMEDIES = {
    401: "Set GITHUB_TOKEN (or --token-env) to a token that is valid.",
    404: (
        "Check the repository and the number; a token without access to a private repository gets "
        "the same answer."
    ),
    410: "Issues are switched off in this repository, or it was deleted.",
    422: "That is a defect of dbserving; please report it with this line.",
}


#: Of an answer, the status is the id: its words are GitHub's.
_IDS = {
    401: "github-bad-token",
    403: "github-forbidden",
    404: "github-not-found",
    410: "github-gone",
    422: "github-invalid",
}


class GitHubError(ServingError):
    """A call to GitHub failed; `status` None: it gave no answer that could be understood."""

    def __init__(self, text: str, status: int | None = None, *, id: str) -> None:  # noqa: A002 - as every raise says it
        super().__init__(text, id=id)
        self.status = status


class Forbidden(GitHubError):
    """403: this token may not do it (the token of a pull request from a fork may only read)."""


class Lost(GitHubError):
    """No answer came."""

    def __init__(self, call: str, why: str) -> None:
        super().__init__(
            f"{call}: GitHub cannot be reached ({why}). Run it again later.",
            id="github-unreachable",
        )


class Unanswered(GitHubError):
    """A write whose effect may have come: look before it is sent again."""

    def __init__(self, call: str, why: str) -> None:
        super().__init__(
            f"{call}: GitHub gave no sure answer ({why}). What it asked for may have been done; "
            f"running it again is safe.",
            id="github-not-sure",
        )


class TryLater(Exception):
    """An attempt failed in a way that may pass. `after`: seconds that GitHub asked for."""

    def __init__(
        self, error: GitHubError, after: float | None = None, *, throttled: bool = False
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.throttled = throttled


def refusal(call: str, status: int | None, message: str) -> GitHubError:
    """An answer other than success as an error: one paragraph with the remedy."""
    said = message[:_LONGEST_MESSAGE].rstrip(". ")
    answered = f"GitHub answered {status}: {said}" if status else said
    kind = Forbidden if status == 403 else GitHubError
    text = f"{call}: {answered}. {_REMEDIES.get(status or 0, '')}".rstrip()
    return kind(text, status, id=_IDS.get(status or 0, "github-odd-answer"))


def worth_repeating(status: int) -> bool:
    """Whether an answer may be gone in a moment."""
    return status in _MAY_PASS


def asks_to_wait(response: httpx.Response, error: GitHubError) -> TryLater | None:
    """What a rate limit asks for; None where the answer is no rate limit.

    Both limits answer 403 or 429, as a missing right does: headers and words tell them apart.
    """
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0"
    if response.status_code not in (403, 429):
        return None
    if response.status_code == 403 and not (
        spent or "retry-after" in headers or "rate limit" in str(error).lower()
    ):
        return None
    told = GitHubError(
        f"{error} The rate limit lasts longer than this command waits "
        f"({BUDGET_SECONDS / _MINUTE:.0f} minutes). Run it again later.",
        response.status_code,
        id="github-rate-limit",
    )
    after = _seconds(headers.get("retry-after"))
    if after is None and spent:
        after = _until(headers.get("x-ratelimit-reset"), headers.get("date"))
    return TryLater(told, after, throttled=True)


def json_of(response: httpx.Response) -> object:
    """The JSON of an answer; None where it is none (a proxy's page)."""
    try:
        return response.json()
    except ValueError:
        return None


def message_of(response: httpx.Response) -> str:
    """What an error answer says: its message, and those of the single fields."""
    said = json_of(response)
    if not isinstance(said, dict) or not isinstance(said.get("message"), str):
        return response.reason_phrase
    fields = said.get("errors")
    more = [
        str(one.get("message") or one.get("code") or "") if isinstance(one, dict) else str(one)
        for one in (fields if isinstance(fields, list) else ())
    ]
    return ": ".join([said["message"], "; ".join(filter(None, more))]).rstrip(": ")


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.strip().isdigit() else None


def _until(reset: str | None, date: str | None) -> float | None:
    """Seconds until a moment, by the clock of GitHub itself: this machine's may be wrong."""
    moment = _seconds(reset)
    if moment is None or date is None:
        return None
    try:
        now = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
    return max(1.0, moment - now + 1)


def patiently(
    attempt: Callable[[], T], clock: Clock, waiting: Callable[[str], None] | None = None
) -> T:
    """The first result of `attempt`. Raises the error inside the last `TryLater`."""

    def sleep(seconds: float | None) -> None:
        try:
            clock.wait(seconds or 0.0)
        except CalledOff:
            raise Interrupted(
                "Stopped while GitHub was waited for.", id="stopped-at-github"
            ) from None

    def tell(state: RetryCallState) -> None:
        again = _failed(state)
        if waiting is not None and again.throttled:
            waiting(f"GitHub asks to slow down; waiting {_wait(state):.0f} s.")

    try:
        return Retrying(
            retry=retry_if_exception_type(TryLater),
            wait=_wait,
            stop=_over,
            sleep=sleep,
            before_sleep=tell,
            reraise=True,
        )(attempt)
    except TryLater as again:
        raise again.error from None


def until_sure(work: Callable[[], T], clock: Clock) -> T:
    """The first result of `work`; a doubtful write is looked for, not repeated.

    work: begins by looking what is there

    Raises `Unanswered` after three of them.
    """
    return Retrying(
        retry=retry_if_exception_type(Unanswered),
        wait=wait_exponential(multiplier=2),
        stop=stop_after_attempt(3),
        sleep=clock.wait,
        reraise=True,
    )(work)


def _failed(state: RetryCallState) -> TryLater:
    failed = state.outcome.exception() if state.outcome else None
    assert isinstance(failed, TryLater)  # noqa: S101 - nothing else is retried
    return failed


def _wait(state: RetryCallState) -> float:
    again = _failed(state)
    if again.after is not None:
        return again.after
    doubled = float(2 ** (state.attempt_number - 1))
    return _MINUTE * doubled if again.throttled else doubled


def _over(state: RetryCallState) -> bool:
    if not _failed(state).throttled and state.attempt_number >= _ATTEMPTS:
        return True
    return state.idle_for + _wait(state) > BUDGET_SECONDS
