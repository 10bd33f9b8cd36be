"""Reads of many tables in few queries: what a page shows of twenty tables need not be twenty round trips.

A reading is a generator that yields what it wants of the database, is sent the answers, and returns what it makes of
them:

    def names(model):
        rows, total = yield [Rows(model.objects.values_list("name")[:10]), NumberOf(model.objects.all())]
        return [name for (name,) in rows], total

    products, customers = run(together(names(Product), names(Customer)))

Readings go on in step: what they want at the same time is one query. Its columns are subqueries, each with a plan, an
order and a limit of its own, whose rows come as JSON.
"""

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import update_wrapper
from typing import Any, ClassVar, Generic, ParamSpec, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import JSONField, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a kind of database makes JSON."""

    #: Functions that make an array of all rows, in the order of the subquery, and one of the columns of a row.
    rows: str
    columns: str
    #: Whether a column has the type of its field; the fields read others from texts and numbers by themselves.
    has_types: bool


#: Vendor -> its JSON. In other databases everything that is wanted is a query of its own.
DIALECTS = {
    "postgresql": Dialect(rows="json_agg", columns="json_build_array", has_types=True),
    "sqlite": Dialect(rows="json_group_array", columns="json_array", has_types=False),
}


@dataclass(frozen=True)
class Rows:
    """The rows of a queryset as a list: of models, or tuples of a `values_list`; no bytes are among them."""

    queryset: QuerySet[Any]
    #: Whether it is a query of its own, for rows with select_related, or where the database reads many rows: PostgreSQL
    #: then may use several processes, and does not compile the rest for what this one costs (JIT).
    by_itself: bool = False
    nothing: ClassVar[Any] = ()

    def alone(self) -> Any:
        """The answer by a query of its own."""
        return list(self.queryset)

    def compiler(self, using: str) -> SQLCompiler:
        return self.queryset.query.get_compiler(using)

    def column(self, sql: str, compiler: SQLCompiler, dialect: Dialect) -> str:
        """The column of a combined query, where `sql` is the queryset's."""
        quote = compiler.connection.ops.quote_name
        names = (
            f"CAST({quote(alias)} AS text)"  # As Django's field expects it.
            if isinstance(expression.output_field, JSONField)
            else quote(alias)
            for expression, _sql, alias in compiler.select
        )
        return f"SELECT CAST({dialect.rows}({dialect.columns}({', '.join(names)})) AS text) FROM ({sql}) AS part"  # noqa: S608  Django made it

    def answer(self, value: str | None, compiler: SQLCompiler, dialect: Dialect) -> Any:
        """What a column of a combined query has said."""
        expressions = [expression for expression, _sql, _alias in compiler.select]
        rows = json.loads(value or "[]", parse_float=Decimal if dialect.has_types else None)
        if dialect.has_types:
            fields = [expression.output_field for expression in expressions]
            rows = [[field.to_python(cell) for field, cell in zip(fields, row, strict=True)] for row in rows]
        converted = compiler.apply_converters(rows, compiler.get_converters(expressions))
        if self.queryset._iterable_class is not ModelIterable:
            return [tuple(row) for row in converted]
        names = [expression.target.attname for expression in expressions]
        return [self.queryset.model.from_db(compiler.using, names, row) for row in converted]


@dataclass(frozen=True)
class NumberOf:
    """The number of rows of a queryset, which may be a slice."""

    queryset: QuerySet[Any]
    by_itself: bool = False
    nothing: ClassVar[Any] = 0

    def alone(self) -> Any:
        """The answer by a query of its own."""
        return self.queryset.count()

    def compiler(self, using: str) -> SQLCompiler:
        return self.queryset.values("pk").query.get_compiler(using)

    def column(self, sql: str, compiler: SQLCompiler, dialect: Dialect) -> str:
        """The column of a combined query, where `sql` is the queryset's."""
        return f"SELECT COUNT(*) FROM ({sql}) AS part"  # noqa: S608  Django made it

    def answer(self, value: int, compiler: SQLCompiler, dialect: Dialect) -> Any:
        """What a column of a combined query has said."""
        return value


#: What can be wanted of the database. What has more than some hundred rows is quicker by itself than as JSON.
Want: TypeAlias = Rows | NumberOf
#: Yields lists of wants, is sent lists of answers, and returns a T.
Reading: TypeAlias = Generator[Sequence[Want], Sequence[Any], T]


def known(value: T) -> Reading[T]:
    """A reading of what is known already."""
    yield []
    return value


def together(*readings: Reading[Any]) -> Reading[list[Any]]:
    """Several readings as one, whose result is the list of theirs."""
    results: list[Any] = [None] * len(readings)
    answers: dict[int, Any] = dict.fromkeys(range(len(readings)))
    while answers:
        wants: dict[int, Sequence[Want]] = {}
        for number, answer in answers.items():
            try:
                wants[number] = readings[number].send(answer)
            except StopIteration as end:
                results[number] = end.value
        if not wants:
            break
        rest = iter((yield [want for several in wants.values() for want in several]))
        answers = {number: [next(rest) for _want in several] for number, several in wants.items()}
    return results


def run(reading: Reading[T]) -> T:
    """Carry out a reading; each list of wants is one query."""
    answers: Any = None
    while True:
        try:
            wants = reading.send(answers)
        except StopIteration as end:
            return end.value
        answers = ask(wants)


def ask(wants: Sequence[Want]) -> list[Any]:
    """The answers to some wants in their order: one query for each database, and one for what is wanted by itself."""
    groups: dict[str, dict[int, Want]] = {}
    answers: list[Any] = [None] * len(wants)
    for number, want in enumerate(wants):
        if want.by_itself:
            answers[number] = want.alone()
        else:
            groups.setdefault(want.queryset.db, {})[number] = want
    for using, group in groups.items():
        for number, answer in zip(group, ask_one_database([*group.values()], using), strict=True):
            answers[number] = answer
    return answers


def ask_one_database(wants: Sequence[Want], using: str) -> list[Any]:
    """The answers to some wants of one database."""
    dialect = DIALECTS.get(connections[using].vendor)
    if dialect is None or len(wants) == 1:
        return [want.alone() for want in wants]
    return ask_in_one_query(wants, dialect, using)


def ask_in_one_query(wants: Sequence[Want], dialect: Dialect, using: str) -> list[Any]:
    """The answers to some wants of a database that makes JSON."""
    answers: list[Any] = [want.nothing for want in wants]
    columns: list[str] = []
    parameters: list[Any] = []
    asked: list[tuple[int, Want, SQLCompiler]] = []
    for number, want in enumerate(wants):
        compiler = want.compiler(using)
        try:
            sql, values = compiler.as_sql(with_col_aliases=True)
        except EmptyResultSet:  # Django knows that there is nothing, without the database.
            continue
        columns.append(f"({want.column(sql, compiler, dialect)})")
        parameters += values
        asked.append((number, want, compiler))
    if asked:
        with connections[using].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", parameters)
            row = cursor.fetchone()
        for value, (number, want, compiler) in zip(row, asked, strict=True):
            answers[number] = want.answer(value, compiler, dialect)
    return answers


class Readable(Generic[P, T]):
    """A function that returns a reading; called, it carries it out. `reading` is for `together` and `yield from`."""

    def __init__(self, reading: Callable[P, Reading[T]]) -> None:
        self.reading = reading
        update_wrapper(self, reading)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(self.reading(*args, **kwargs))
