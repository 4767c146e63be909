"""Describes the sessions' operations in the OpenAPI document."""

from typing import Any


def describe(document: dict[str, Any]) -> None:
    """Later."""
