"""Conditions about rows of the mirror under which an event has something to read before it is mirrored.

For one event they are a part of the statement that stores it, or queries; for many, one query for all of a kind.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import router
from django.db.models import QuerySet

from ..models.mirror import MirroredObject
from ..prepared_statements import Statement
from ..statements import compiled_select, fetched, prepared

T = TypeVar("T")


class ReadingCondition(ABC):
    """A condition about rows of one table."""

    @property
    @abstractmethod
    def model(self) -> type[MirroredObject]:
        """The model whose rows decide."""

    @property
    @abstractmethod
    def kind(self) -> Hashable:
        """Equal for those conditions of a class, about one model, that one query decides together."""

    @property
    @abstractmethod
    def values(self) -> dict[str, Any]:
        """What `rows` filters by, in that order: values by the names of the model's attributes."""

    @abstractmethod
    def rows(self) -> "QuerySet[Any, Any]":
        """The rows of which one is enough for the condition to be met."""

    def statement(self, using: str) -> Statement:
        """A query that returns a row if the condition is met."""
        text = compiled_select(using, (type(self), self.model, self.kind), self.rows)
        return Statement(
            using=using, text=text, parameters=prepared(self.model, using, tuple(self.values), self.values)
        )

    @staticmethod
    @abstractmethod
    def are_met(conditions: Sequence[Any]) -> list[bool]:
        """Whether each of some conditions of one kind is met, in their order, by one query."""


def is_any_met(conditions: Iterable[ReadingCondition]) -> bool:
    """Whether one of these is met."""
    statements = (condition.statement(router.db_for_read(condition.model)) for condition in conditions)
    return any(fetched(statement.using, statement.text, statement.parameters) for statement in statements)


def query_if_none_met(conditions: Sequence[ReadingCondition], using: str) -> Statement | None:
    """A query that returns a row if none of these is met; None without any."""
    if not conditions:
        return None
    statements = [condition.statement(using) for condition in conditions]
    text = " AND ".join(f"NOT EXISTS ({statement.text})" for statement in statements)
    parameters = [value for statement in statements for value in statement.parameters]
    return Statement(using=using, text=f"SELECT 1 WHERE {text}", parameters=parameters)


def those_with_one_met(conditions: Mapping[T, Sequence[ReadingCondition]]) -> set[T]:
    """Which of many have a condition that is met: one query for each kind."""
    by_kind: dict[Hashable, list[tuple[T, ReadingCondition]]] = defaultdict(list)
    for each, some in conditions.items():
        for condition in some:
            by_kind[type(condition), condition.model, condition.kind].append((each, condition))
    found: set[T] = set()
    for pairs in by_kind.values():
        met = pairs[0][1].are_met([condition for _each, condition in pairs])
        found |= {each for (each, _condition), is_met in zip(pairs, met, strict=True) if is_met}
    return found
