"""Download an official Pulumi release, checked against the digest that is published with it."""

from __future__ import annotations

import hashlib
import http.client
import platform
import queue
import re
import shutil
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from engine_surroundings import NotThisWayError, Surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES = "https://get.pulumi.com/releases/sdk"


def from_release(here: Surroundings, target: Path) -> str:
    """Put the programs of a release into `target`; say where they are from."""
    site = here.env.get("DBSERVING_PULUMI_RELEASES", RELEASES).rstrip("/")
    archive = f"pulumi-v{here.version}-{release_platform()}.tar.gz"
    web = opener(here.env)
    try:
        sums = read_soon(web, f"{site}/pulumi-{here.version}-checksums.txt", here.patience)
        wanted = published_digest(sums.decode("ascii", "replace"), archive)
        here.say(f"release: downloading {site}/{archive}")
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            packed = Path(folder) / archive
            if download(here, web, f"{site}/{archive}", packed) != wanted:
                raise NotThisWayError(f"{archive} is not what its checksum says: discarded")
            unpack(packed, target)
    except (OSError, EOFError, ValueError, http.client.HTTPException, tarfile.TarError) as exc:
        if isinstance(exc, urllib.error.HTTPError):
            exc.close()
        # `URLError` prints as `<urlopen error …>` around the reason that counts.
        reason = getattr(exc, "reason", exc)
        raise NotThisWayError(f"cannot download from {site}: {reason}") from exc
    return f"the official release from {site}"


def release_platform() -> str:
    """Name this machine as the release archives do."""
    arch = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}
    machine = platform.machine().lower()
    if sys.platform not in {"linux", "darwin"} or machine not in arch:
        raise NotThisWayError(f"no archive for {sys.platform} on {machine} is known here")
    return f"{sys.platform}-{arch[machine]}"


def opener(env: Mapping[str, str]) -> urllib.request.OpenerDirector:
    """Open addresses through the proxies that the environment names."""
    proxies = {
        kind: proxy
        for kind in ("http", "https")
        if (proxy := env.get(f"{kind}_proxy") or env.get(f"{kind.upper()}_PROXY"))
    }
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies))


def read_soon(web: urllib.request.OpenerDirector, url: str, patience: float) -> bytes:
    """Read a small file within `patience` seconds."""
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def read() -> None:
        try:
            with web.open(url, timeout=patience) as response:
                answers.put(response.read())
        except (OSError, ValueError, http.client.HTTPException) as exc:
            answers.put(exc)

    # A thread, because a socket's timeout covers neither the name look-up nor the sum of several
    # addresses tried in turn: behind a firewall that drops packets they add up to minutes.
    threading.Thread(target=read, daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        raise TimeoutError(f"no answer in {patience:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def published_digest(sums: str, archive: str) -> str:
    """Find an archive's SHA-256 in the vendor's list."""
    for line in sums.splitlines():
        digest, _, name = line.partition(" ")
        if name.strip(" *") == archive:
            return digest.lower()
    raise NotThisWayError(f"the published checksums do not list {archive}")


def download(here: Surroundings, web: urllib.request.OpenerDirector, url: str, target: Path) -> str:
    """Write a large file to `target` and return its SHA-256."""
    digest, size, told = hashlib.sha256(), 0, time.monotonic()
    with web.open(url, timeout=here.patience) as response, target.open("wb") as file:
        while chunk := response.read(1 << 18):
            digest.update(chunk)
            size += file.write(chunk)
            if time.monotonic() - told > here.heartbeat / 3:
                told = time.monotonic()
                here.say(f"  {size / 1e6:.0f} MB so far")
    return digest.hexdigest()


def unpack(archive: Path, target: Path) -> None:
    """Write the programs of a release archive into `target`, flat; nothing else is unpacked."""
    with tarfile.open(archive, "r:gz") as packed:
        for member in packed:
            program = re.fullmatch(r"(?:\./)?pulumi/(?:bin/)?(pulumi[\w.-]*)", member.name)
            content = packed.extractfile(member) if program and member.isfile() else None
            if program and content:
                with content, (target / program[1]).open("wb") as file:
                    shutil.copyfileobj(content, file)
                (target / program[1]).chmod(0o755)
