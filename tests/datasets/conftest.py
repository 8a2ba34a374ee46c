"""A server of our own on the loopback, an empty cache, and no way out: a test that asks for another host fails."""

from __future__ import annotations

import http.server
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

INSTANCES = Path(__file__).parents[2] / ".." / "shared" / "instances"
needs_instances = pytest.mark.skipif(not INSTANCES.is_dir(), reason="../shared/instances is not on this machine")


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch) -> Path:
    """The cache folder; nothing else is searched, nobody else is asked."""
    for name in ("OPTIKIT_INSTANCES", "OPTIKIT_MIRRORS", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPTIKIT_DATA_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch):
    connect = socket.socket.connect

    def checked(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            raise OSError(f"a test asked for {address}: network is unreachable")
        return connect(self, address)

    def resolved(host, *arguments, **options):
        if host not in ("127.0.0.1", "::1"):
            raise socket.gaierror(f"a test asked for {host}")
        return resolve(host, *arguments, **options)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", checked)
    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def instances(monkeypatch) -> Path:
    monkeypatch.setenv("OPTIKIT_INSTANCES", str(INSTANCES))
    return INSTANCES


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Server:
    """Answers by path; what was asked for is in ``asked``."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.answers.get(self.path, status(404))(self)

            def log_message(self, *arguments) -> None:
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def body(content: bytes, claimed: int | None = None, length: bool = True) -> Answer:
    """An answer, possibly of another length than it claims, or of none."""

    def answer(handler) -> None:
        handler.send_response(200)
        if length:
            handler.send_header("Content-Length", str(len(content) if claimed is None else claimed))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return answer


def status(code: int) -> Answer:
    return lambda handler: handler.send_error(code)


def in_turn(*answers: Answer) -> Answer:
    """One after the other; the last for ever."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """How long pooch would have waited between its attempts."""
    core = pytest.importorskip("pooch.core", reason="pooch is not installed")
    waits: list[float] = []
    monkeypatch.setattr(core, "time", SimpleNamespace(sleep=waits.append))
    return waits


def leftovers(cache: Path) -> list[str]:
    """Everything in the cache folder."""
    return sorted(os.path.relpath(os.path.join(place, name), cache) for place, _, names in os.walk(cache) for name in names)
