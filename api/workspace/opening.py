"""Opens the workspace as the settings say."""

from __future__ import annotations

from api.settings import Settings
from api.workspace.database import open_engine
from api.workspace.migration import migrate
from api.workspace.store import Workspace


def open_workspace(settings: Settings) -> Workspace:
    """The workspace, its tables brought up to date.

    Raises:
        WorkspaceError: if it cannot be reached or written, or a newer version of the program has been here.
    """
    url = settings.database_url
    engine = open_engine(None if url is None else url.get_secret_value(), settings.workspace)
    migrate(engine)
    return Workspace(engine, settings.session_events)
