"""The engine's answers over HTTP: match, recommend, explain, compare, plan, ask."""

from api.web.answers.document import describe
from api.web.answers.routes import router

__all__ = ["describe", "router"]
