"""Packs the catalogue's folder and the site's sources into the wheel, but not into an editable install, which reads the checkout's."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataHook(BuildHookInterface):
    """Adds ``data/`` as ``kb/_data`` and ``site/`` as ``api/_site``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say what to include."""
        if version != "editable":
            build_data["force_include"] |= {"data": "kb/_data", "site": "api/_site"}
