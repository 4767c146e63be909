"""Names and sources with which an answer is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kb.records import Vocabulary
from kb.records.words import cite

if TYPE_CHECKING:
    from kb.records import Article


class Context:
    """What is needed to say an answer in words."""

    def __init__(
        self, name: str, vocabulary: Vocabulary, articles: Mapping[str, Article], labels: Mapping[str, str]
    ) -> None:
        self.name, self.vocabulary, self.articles, self.labels = name, vocabulary, articles, labels

    def cite(self, source: str) -> str:
        """Name a source as people do: an article by first author and year."""
        article = self.articles.get(source)
        return source.removeprefix("later source: ") if article is None else cite(article)
