"""Where Pulumi's internals are not as expected, the plain behaviour stays."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

from databricks_serving.dynamic import server


def test_outside_a_call_there_is_none():
    found = server.current_rpc()

    assert found is None


def test_an_error_outside_a_call_is_raised_with_our_sentence_and_a_short_class():
    with pytest.raises(Exception, match="just this") as raised:
        server.fail("just this")

    assert f"{type(raised.value).__module__}.{type(raised.value).__qualname__}" == (
        "builtins.PlainError"
    )


def test_a_partial_failure_outside_a_call_is_an_ordinary_error():
    with pytest.raises(Exception, match="half done"):
        server.fail_partially("half done", "x", {"name": "x"})


def test_without_a_server_in_sight_the_pool_stays_as_it_is():
    widened = server.widen(sys._getframe(), 64)

    assert widened is False


class Waiting:
    """A server whose pool has one thread, which is busy, and calls in its queue."""

    def __init__(self, calls):
        self.thread_pool = ThreadPoolExecutor(max_workers=1)
        self.met = threading.Barrier(calls + 1)
        self.done = [self.thread_pool.submit(self.met.wait, 30) for _ in range(calls)]

    @property
    def _state(self):
        return self


def test_calls_that_stand_in_the_queue_get_threads_too():
    server_ = Waiting(calls=5)

    def main(server):  # noqa: ARG001 - a local of the frame, as in the real one
        return sys._getframe()

    widened = server.widen(main(server_), 64)
    server_.met.wait(30)

    assert widened is True
    assert all(call.result() is not None for call in server_.done)
    server_.thread_pool.shutdown()


def test_without_the_servicer_cancel_stays_as_it_is():
    heard = server.hear_cancel(ModuleType("__main__"))

    assert heard is False


def test_a_cancel_of_another_signature_stays_as_it_is():
    main = ModuleType("__main__")

    class DynamicResourceProviderServicer:
        def Cancel(self, request):  # noqa: N802 - gRPC's name
            return request

    main.DynamicResourceProviderServicer = DynamicResourceProviderServicer
    main.empty_pb2 = object()

    heard = server.hear_cancel(main)

    assert heard is False
    assert DynamicResourceProviderServicer().Cancel("as before") == "as before"


def test_a_log_without_an_engine_says_nothing_and_raises_nothing():
    log = server.EngineLog("-q")

    log.progress("urn", "to nobody")

    assert log._stub is None
