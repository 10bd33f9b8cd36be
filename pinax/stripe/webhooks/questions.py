"""Questions to the mirror: if rows of other objects answer one with yes, an event has something to read first.

For one event they are a condition of the statement that stores it, or queries; for many, one query for all of a kind.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import router

from ..models.mirror import MirroredObject
from ..prepared_statements import Statement
from ..statements import fetched

T = TypeVar("T")


class Question(ABC):
    """A question to the rows of one table."""

    @property
    @abstractmethod
    def model(self) -> type[MirroredObject]:
        """The table."""

    @property
    @abstractmethod
    def kind(self) -> Hashable:
        """What the questions have in common that one query answers."""

    @abstractmethod
    def statement(self, using: str) -> Statement:
        """A query that returns a row if the answer is yes."""

    @staticmethod
    @abstractmethod
    def answers(questions: Sequence[Any]) -> list[bool]:
        """The answers to questions of one kind, in their order, by one query."""


def is_any_true(questions: Iterable[Question]) -> bool:
    """Whether the answer to one of these is yes."""
    statements = (question.statement(router.db_for_read(question.model)) for question in questions)
    return any(fetched(statement.using, statement.text, statement.parameters) for statement in statements)


def is_none_true(questions: Sequence[Question], using: str) -> Statement | None:
    """A query that returns a row if the answer to none of these is yes; None without any."""
    if not questions:
        return None
    statements = [question.statement(using) for question in questions]
    conditions = " AND ".join(f"NOT EXISTS ({statement.text})" for statement in statements)
    parameters = [value for statement in statements for value in statement.parameters]
    return Statement(using=using, text=f"SELECT 1 WHERE {conditions}", parameters=parameters)


def those_with_yes(questions: Mapping[T, Sequence[Question]]) -> set[T]:
    """Which of many have a question of which the answer is yes: one query for each kind."""
    by_kind: dict[Hashable, list[tuple[T, Question]]] = defaultdict(list)
    for each, some in questions.items():
        for question in some:
            by_kind[type(question), question.kind].append((each, question))
    found: set[T] = set()
    for pairs in by_kind.values():
        answers = pairs[0][1].answers([question for _each, question in pairs])
        found |= {each for (each, _question), is_true in zip(pairs, answers, strict=True) if is_true}
    return found
