"""The pages of a demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

if TYPE_CHECKING:
    from risicoscreener.serve.app import Service


def add_pages(api: FastAPI, service: Service) -> None:
    """Declare the pages."""
