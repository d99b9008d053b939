"""Refusals, in the error envelope of the service (contract §2, §15, §17)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from .wire import JsonObject, Response, json_response


class ApiError(Exception):
    """The service refuses: an HTTP status, an `error_code` and a message."""

    def __init__(
        self,
        status: int,
        code: str | int,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self, request_id: str | None = None) -> Response:
        """The refusal as an answer; every one but the integer-coded kind has a request id.

        request_id: None makes one up
        """
        body: JsonObject = {"error_code": self.code, "message": self.message}
        if isinstance(self.code, str):
            body["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.RequestInfo",
                    "request_id": request_id or str(uuid.uuid4()),
                    "serving_data": "",
                }
            ]
        return json_response(body, self.status, self.headers)


class ConnectionLostError(Exception):
    """A planned fault: the client gets no answer.

    effect: whether the request was carried out
    delay: seconds that pass before the connection is cut
    """

    def __init__(self, *, effect: bool, delay: float = 0.0) -> None:
        super().__init__("the connection was lost, as planned by a fault")
        self.effect = effect
        self.delay = delay


class RefusedError(ValueError):
    """What somebody wants of the emulator itself, or does in its UI, cannot be done.

    sentence: why, in words for a person; the error's text when it is not given
    """

    def __init__(self, text: str, *, sentence: str = "") -> None:
        super().__init__(text)
        self.sentence = sentence or text


class StoreError(Exception):
    """A workspace cannot be kept in the file; the text is a sentence for a person."""


def invalid(message: str) -> ApiError:
    """400 INVALID_PARAMETER_VALUE."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def malformed(message: str) -> ApiError:
    """400 MALFORMED_REQUEST."""
    return ApiError(400, "MALFORMED_REQUEST", message)


def missing(message: str) -> ApiError:
    """404 RESOURCE_DOES_NOT_EXIST."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", message)


def conflict(message: str) -> ApiError:
    """409 RESOURCE_CONFLICT."""
    return ApiError(409, "RESOURCE_CONFLICT", message)


def denied(message: str) -> ApiError:
    """403 PERMISSION_DENIED."""
    return ApiError(403, "PERMISSION_DENIED", message)
