"""A run that may be ended before it is done: by Ctrl-C, by SIGTERM, or by its own time.

What was found by then is still told, so nothing here raises into the middle of anything: whoever
waits looks up now and then. A second signal ends the process at once.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar, cast

from databricks_serving.clock import CalledOff, SystemClock
from databricks_serving.errors import Interrupted

from .pulumi import kill_all

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
_CALLED_OFF = (CalledOff, Interrupted)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: How often a waiting run looks up.
_LOOK_SECONDS = 0.1
#: How long what is under way may take to notice that it is called off.
_GRACE_SECONDS = 1.0
#: What a shell reports for a process that a signal ended.
_SIGNALLED = 128


@dataclass(frozen=True)
class _Made(Generic[T]):
    """What a thread has made: an item, or that it made the last one."""

    items: tuple[T, ...] = ()
    last: bool = False
    error: Exception | None = None


class Watch:
    """Watches over one run; `clock` waits no longer once the run has to end.

    timeout: seconds from now; None: as long as it takes
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._called_off = threading.Event()
        self.clock = SystemClock(self._called_off)
        self.timed_out = False
        #: 130 or 143 after a signal, else None.
        self.interrupted: int | None = None
        #: Whether a thread still hangs in a call.
        self.left_behind = False
        self._before: dict[signal.Signals, object] = {}
        self._timer = None if timeout is None else threading.Timer(timeout, self._time_is_up)
        self._ends = None if timeout is None else time.monotonic() + timeout

    def __enter__(self) -> Self:
        """Begin to watch. Signals are heard in the main thread alone."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._heard)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave signals to whoever had them before."""
        self.done()
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # as `signal` itself gave it

    def done(self) -> None:
        """The work is done: its time can be up no more."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def ended(self) -> bool:
        """Whether the run has to end."""
        return self._called_off.is_set()

    def time_left(self) -> float | None:
        """Seconds until the time is up; None where it is not limited."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())

    def each(self, items: Callable[[], Iterable[T]], tick: Callable[[], None]) -> Iterator[T]:
        """The items as they come, made in another thread: a hanging call cannot hold up the end.

        tick: called in between, in this thread. Whatever making them raises is raised here, but
        for being called off.
        """
        made: queue.SimpleQueue[_Made[T]] = queue.SimpleQueue()
        maker = threading.Thread(target=_make, args=(items, made), name="survey", daemon=True)
        maker.start()
        until: float | None = None
        while True:
            if self.ended:
                until = until or time.monotonic() + _GRACE_SECONDS
                if time.monotonic() >= until:
                    self.left_behind = maker.is_alive()
                    return
            try:
                one = made.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                tick()
                continue
            if one.last:
                if one.error is not None and not (
                    self.ended and isinstance(one.error, _CALLED_OFF)
                ):
                    raise one.error
                return
            yield from one.items

    def call(self, make: Callable[[], T]) -> T:
        """What is made, in another thread, as `each` does. Raises whatever making it raises.

        Raises `Interrupted` where the run has to end and it hangs in a call.
        """

        def made() -> tuple[tuple[T | None, Exception | None]]:
            try:
                return ((make(), None),)
            except Exception as error:  # noqa: BLE001 - raised below
                return ((None, error),)

        for value, error in self.each(made, lambda: None):
            if error is not None:
                raise error
            return cast("T", value)
        raise Interrupted(
            "The run was ended while the workspace or GitHub had not answered. What had been sent "
            "by then may still take effect.",
            id="ended-before-answer",
        )

    def leave(self, code: int) -> int:
        """The exit code; where a thread still hangs in a call, the process ends here with it."""
        if self.left_behind:
            _leave_at_once(code)
        return code

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        if self.interrupted is not None:
            _leave_at_once(_SIGNALLED + number)
        self.interrupted = _SIGNALLED + number
        self._called_off.set()

    def _time_is_up(self) -> None:
        self.timed_out = True
        self._called_off.set()


def _make(items: Callable[[], Iterable[T]], made: queue.SimpleQueue[_Made[T]]) -> None:
    try:
        for item in items():
            made.put(_Made((item,)))
    except Exception as error:  # noqa: BLE001 - raised where somebody hears it
        made.put(_Made(last=True, error=error))
    else:
        made.put(_Made(last=True))


def _leave_at_once(code: int) -> NoReturn:
    kill_all()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            stream.flush()
    os._exit(code)
