"""Planning sessions over HTTP: commands in, events out, as they happen."""

from api.web.sessions.document import describe
from api.web.sessions.routes import router

__all__ = ["describe", "router"]
