"""Who may use the controls of a server: programs and people, but no page of somebody else.

Where only this machine reaches them, the controls need no token. A page in a browser on this
machine reaches them, too, wherever it came from: by a form, by a script, or by a name that is made
to mean this machine (DNS rebinding). A browser says in `Origin` whose page asks, and in `Host` by
which name.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .errors import ApiError
from .wire import Request, Response, json_response


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(request: Request, bound: str, token: str) -> Response | None:
    """The answer to a control request that may not be; None for every other request.

    bound: the address that the server listens on
    token: the admin's, which controls need where other machines reach them
    """
    if not request.path.startswith("/_emulator"):
        return None
    host, origin = request.header("host"), request.header("origin")
    if is_loopback(bound):
        if host and not _is_of(host, bound):
            return _foreign(f"it is addressed to {host} (header Host), which is not this machine")
    elif request.header("authorization") != f"Bearer {token}":
        return ApiError(401, "UNAUTHENTICATED", "The controls need the token, too.").response()
    if origin and origin.partition("://")[2].lower() != host.lower():
        return _foreign(f"a page of {origin} asks for it (header Origin)")
    return None


def _is_of(host: str, bound: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == bound or is_loopback(name)


def _foreign(why: str) -> Response:
    return json_response(
        {
            "error": f"The emulator refuses this, because {why}. A page that somebody else wrote "
            "could change the workspace and read its secrets. Use the controls from a program such "
            "as curl, which sends no Origin, at the URL that the emulator prints."
        },
        403,
    )
