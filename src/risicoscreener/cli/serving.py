"""The command `serve`: the HTTP service, its description, and whether its settings can be used."""

from __future__ import annotations

import argparse
from typing import Any

from risicoscreener.cli.arguments import add_command, add_sources, as_path
from risicoscreener.cli.common import say_json


def _serve(arguments: argparse.Namespace) -> int:
    from risicoscreener.serve import openapi_document, run
    from risicoscreener.serve.server import check_place, default_port

    settings = _settings(arguments)
    if arguments.describe:
        say_json(openapi_document(settings, arguments.lang))
        return 0
    settings = settings.checked()
    place = {
        "certificate": arguments.certificate,
        "key": arguments.key,
        "behind_proxy": arguments.behind_proxy,
    }
    check_place(settings, arguments.host, **place)
    if arguments.check:
        _check(settings, arguments)
        return 0
    port = default_port(arguments.certificate) if arguments.port is None else arguments.port
    run(settings, host=arguments.host, port=port, **place)
    return 0


def _check(settings: Any, arguments: argparse.Namespace) -> None:
    """Start everything but the server, and stop it again."""
    from risicoscreener.serve.app import Service
    from risicoscreener.serve.logs import Log

    service = Service(settings, Log())
    service.check_usable()
    service.start()
    service.stop()
    said = {"usable": True, "bundle": service.screener.bundle.id, "demo": settings.demo}
    if arguments.json:
        say_json(said)
    else:
        print(f"the service can start, with the models of {service.screener.bundle.id}")


def _settings(arguments: argparse.Namespace) -> Any:
    import msgspec

    from risicoscreener.serve import Settings, read_settings

    given = read_settings(arguments.settings) if arguments.settings else Settings()
    names = ("record", "bundle", "policies", "issuer", "audience")
    said = {name: getattr(arguments, name) for name in names if getattr(arguments, name)}
    if arguments.jwks:
        said["keys"] = arguments.jwks
    if arguments.demo:
        said["demo"] = True
    return msgspec.structs.replace(given, **said)


def _as_port(text: str) -> int:
    """A port as it is typed."""
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 0 to 65535")
    return port


def add_serve(commands: Any) -> None:
    """Declare the command that serves."""
    about = (
        "Serve screenings and explanations over HTTP, to who has a token, each in the record "
        "before its answer is sent; or with --demo try made-up cases on a page, on this machine."
    )
    parser = add_command(commands, "serve", _serve, about)
    add_sources(parser)
    add = parser.add_argument
    add("--settings", type=as_path, metavar="FILE", help="settings as TOML; see docs/service.md")
    add("--demo", action="store_true", help="no tokens and no record, with pages, for this machine")
    add(
        "--record",
        type=as_path,
        metavar="RECORD",
        help="a file, or postgresql://user@host/database",
    )
    add("--issuer", metavar="URL", help="who issues tokens")
    add("--audience", metavar="NAME", help="what tokens call this service")
    add("--jwks", type=as_path, metavar="KEYS", help="keys of the issuer: a file, or https://…")
    add("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    add("--port", type=_as_port, metavar="N", help="port (8443 with a certificate, 8080 without)")
    add("--certificate", type=as_path, metavar="FILE", help="certificate for TLS")
    add("--key", type=as_path, metavar="FILE", help="key of the certificate")
    add("--behind-proxy", action="store_true", help="TLS ends before the service")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--check", action="store_true", help="say whether it can start, and end")
    group.add_argument(
        "--describe", action="store_true", help="print the description (OpenAPI), and end"
    )
