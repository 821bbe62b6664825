"""Runs the service: sockets, certificates, signals, and clients that say nothing."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from risicoscreener.errors import ServiceError
from risicoscreener.serve.app import make_app
from risicoscreener.serve.logs import Log, ServerLines
from risicoscreener.serve.settings import Settings, is_this_machine

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from risicoscreener.serve.edge import Edge

KEEP_ALIVE_SECONDS = 15
COLLECT_AFTER = (50_000, 20, 50)
"""Objects of a request are gone without the collector; to look for circles after each 700 of them
takes a twentieth of its time."""
MOST_CONNECTIONS = 1_000


def run(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8443,
    certificate: str | None = None,
    key: str | None = None,
    behind_proxy: bool = False,
) -> None:
    """Serve until asked to stop (SIGTERM or SIGINT): what runs is finished, what comes is refused.

    Parameters
    ----------
    settings
        What the service is told.
    host, port
        Where it listens.
    certificate, key
        Files with the certificate and its key, for TLS.
    behind_proxy
        That TLS ends before the service; without it nothing is served in the clear to others.

    Raises
    ------
    ServiceError
        If it would serve in the clear, or cannot listen there.
    RisicoscreenerError
        As `Service.start`.
    """
    check_place(settings, host, certificate, key, behind_proxy=behind_proxy)
    log = Log()
    app = make_app(settings, log=log)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_protocol(settings.head_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.stop_seconds) or 1,
        limit_concurrency=MOST_CONNECTIONS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        h11_max_incomplete_event_size=32_768,
    )
    server = _Server(config, app)
    try:
        with ServerLines(log):
            server.run()
    except SystemExit as stop:
        if app.failed is not None:
            raise app.failed from None
        raise ServiceError(f"{host}:{port}: the service could not listen there") from stop
    if app.failed is not None:
        raise app.failed
    if not server.started:
        raise ServiceError("the service did not start; what it wrote before this says why")


def check_place(
    settings: Settings,
    host: str,
    certificate: str | None,
    key: str | None,
    *,
    behind_proxy: bool,
) -> None:
    """Raise ServiceError where something would be served that should not be, or to whom."""
    if (certificate is None) != (key is None):
        raise ServiceError("expected a certificate with its key, or neither")
    for name, file in (("certificate", certificate), ("key", key)):
        if file is not None and not Path(file).is_file():
            raise ServiceError(f"{name}: there is no file {file}")
    if is_this_machine(host):
        return
    if settings.demo:
        raise ServiceError(
            f"a demonstration on {host}; expected 127.0.0.1, since it asks nobody who they are"
        )
    if certificate is None and not behind_proxy:
        raise ServiceError(
            f"{host} without a certificate; expected one, or --behind-proxy where TLS ends before "
            "the service"
        )


class _Server(uvicorn.Server):
    """A server that tells the application to refuse what comes once it is to stop."""

    def __init__(self, config: uvicorn.Config, app: Edge) -> None:
        super().__init__(config)
        self._edge = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.set_threshold(*COLLECT_AFTER)
        gc.freeze()  # models and policies stay; to look through them again and again takes time

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._edge.stopping = True
        super().handle_exit(sig, frame)


class _Protocol(H11Protocol):
    """HTTP/1.1 by uvicorn, in which the head of a request has to come within a time.

    uvicorn has a time for silence between requests and none for a head that comes letter by letter.
    """

    head_seconds: float
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and not self._busy():
            self._expect()
        super().data_received(data)
        if self._busy():
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong, or only close where an answer has begun that this would spoil."""
        if self._busy() and self.cycle.response_started:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._busy() and not self.transport.is_closing():
            self.transport.close()


def _protocol(head_seconds: float) -> type[asyncio.Protocol]:
    """The protocol with the time that a head may take."""
    return type("Protocol", (_Protocol,), {"head_seconds": head_seconds})


def default_port(certificate: str | None) -> int:
    """The port where none was named."""
    return 8443 if certificate else 8080
