"""The screener as an HTTP service: who may ask what for which purpose, and a record of each answer.

>>> from risicoscreener.serve import Settings, run
>>> run(Settings(demo=True), host="127.0.0.1", port=8080)               # doctest: +SKIP

Needs the extra ``serve``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from risicoscreener.errors import ServiceError

if TYPE_CHECKING:
    from risicoscreener.serve.app import make_app
    from risicoscreener.serve.openapi import openapi_document
    from risicoscreener.serve.server import run
    from risicoscreener.serve.settings import Settings, read_settings

__all__ = ["Settings", "make_app", "openapi_document", "read_settings", "run"]

_HOME = {
    "Settings": "settings",
    "make_app": "app",
    "openapi_document": "openapi",
    "read_settings": "settings",
    "run": "server",
}
_NEEDED = ("fastapi", "starlette", "uvicorn", "jwt")


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _NEEDED:
            raise
        raise ServiceError(
            f"the service needs the package {error.name}: install risicoscreener[serve]"
        ) from None
