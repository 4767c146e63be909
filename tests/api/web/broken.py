"""The real application over a shelf whose release cannot be read any more: whatever is asked fails inside.

`python -m tests.api.web.broken` serves it.
"""

from __future__ import annotations

from api.commands.serve import _bind, _run_one, _url
from api.publication import Publication, Shelf
from api.settings import read_settings
from api.web.app import create_app
from api.web.logs import configuration
from api.web.protocol import Config, Protocol
from kb.home import build_folder, default_data


class Breaking(Shelf):
    """Breaks once it is told to."""

    broken = False
    _held: Publication

    @property
    def current(self) -> Publication:
        """The release, or a failure with a path in its message."""
        if self.broken:
            raise OSError(f"{self.folder}/catalogue.json: kummerspeck")
        return self._held

    @current.setter
    def current(self, publication: Publication) -> None:
        self._held = publication


def main() -> None:
    settings = read_settings()
    shelf = Breaking(build_folder(settings.data or default_data()))
    app = create_app(settings, shelf)
    shelf.broken = True
    config = Config(
        app,
        settings,
        http=Protocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        log_config=configuration("info"),
        proxy_headers=False,
    )
    listening = _bind(settings.host, settings.port)
    raise SystemExit(_run_one(config, listening, lambda: print(_url(listening), flush=True)))


if __name__ == "__main__":
    main()
