"""Statements that every event needs, compiled once for each database and executed many times.

Django builds and compiles a statement anew for each execution, which costs more than to send it. Here Django's own
compiler makes the text of an INSERT from the model's columns, once; what its ORM has no words for, a condition on the
update of a conflict and `RETURNING` beside it, is added to that text. Values are converted by the model's fields.
"""

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from django.core.signals import setting_changed
from django.db import NotSupportedError, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.constants import OnConflict
from django.db.models.signals import post_migrate

from .prepared_statements import Statement, execute

T = TypeVar("T")
Model = TypeVar("Model", bound=models.Model)
Field: TypeAlias = "models.Field[Any, Any]"

#: No values that are written into a statement: all are parameters.
NONE_WRITTEN: Mapping[str, Any] = MappingProxyType({})
#: What stands between the columns and the values of the text that Django makes.
VALUES = " VALUES "
#: What stands between the values and what is to be done about a conflict.
CONFLICT = " ON CONFLICT"
#: Parameters of one statement, at most: SQLite takes 32,766, and PostgreSQL 65,535 where it binds them itself.
MAX_PARAMETERS = 32_000


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """The text of an INSERT for one model, in parts, so that it fits any number of rows."""

    using: str
    #: Table and columns.
    head: str
    #: The placeholders of one row.
    row: str
    #: What to do about a conflict, and what to return.
    tail: str
    fields: tuple[Field, ...]

    def text(self, rows: int = 1) -> str:
        """The statement for so many rows, with a placeholder for each value."""
        return f"{self.head}{VALUES}{', '.join([self.row] * rows)}{self.tail}"

    def statement(self, rows: Sequence[Mapping[str, Any]], condition: Statement | None = None) -> Statement:
        """The statement for these rows; with a condition, a query, they are inserted if that returns a row.

        On PostgreSQL all rows are one parameter. So its text is the same for any number of them, and neither the driver
        nor the database has hundreds of values to take out of it. Only there a condition is possible.
        """
        whole = [self.complete(row) for row in rows]
        if self.from_json is None:
            assert condition is None
            parameters = [value for row in whole for value in self.parameters(row)]
            return Statement(using=self.using, text=self.text(len(whole)), parameters=parameters)
        where, parameters = (
            ("", []) if condition is None else (f" WHERE EXISTS ({condition.text})", condition.parameters)
        )
        return Statement(
            using=self.using,
            text=f"{self.head}{self.from_json}{where}{self.tail}",
            parameters=[self.json_of(whole), *parameters],
        )

    @cached_property
    def from_json(self) -> str | None:
        """What selects the rows from a parameter that is JSON, on PostgreSQL."""
        if not is_postgresql(self.using):
            return None
        quote = connections[self.using].ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in self.fields)
        table = quote(self.fields[0].model._meta.db_table)
        return f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s) AS new"  # noqa: S608

    def json_of(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Rows as that parameter."""
        return rows_as_json(rows, self.json_converters)

    @cached_property
    def json_converters(self) -> "list[JSONConverter]":
        """What makes JSON of each column's value."""
        columns = {field.attname: str(field.column) for field in self.fields}
        return json_converters_of(self.fields[0].model, self.using, columns)

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters of one row, whose values have the names of the model's attributes (`customer_id`)."""
        return parameters_of(values, self.converters)

    @cached_property
    def converters(self) -> "list[Converter]":
        """What makes a parameter of each column's value."""
        return converters_of(self.fields, self.using)

    @cached_property
    def defaults(self) -> dict[str, Callable[[], Any]]:
        """What makes the default of each column, by the name of its attribute."""
        return {field.attname: field.get_default for field in self.fields}

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a row, with the defaults of the columns that they leave out."""
        missing = {name: make() for name, make in self.defaults.items() if name not in values}
        return {**missing, **values}

    def execute(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Insert rows, if there are any, in as few statements as the database has room for; what they return."""
        most = MAX_PARAMETERS // len(self.fields)
        returned: list[tuple[Any, ...]] = []
        for start in range(0, len(rows), most):
            statement = self.statement(rows[start : start + most])
            returned += fetched(statement.using, statement.text, statement.parameters)
        return returned


#: An attribute's name, and what makes a parameter of its value; None where the value is one already.
Converter = tuple[str, Callable[[Any], Any] | None]
#: Fields whose values every driver takes as they are, ...
PLAIN_FIELDS = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)
#: ... and those that PostgreSQL's takes besides.
PLAIN_ON_POSTGRESQL = (models.DateTimeField, models.BinaryField)


def converters_of(fields: Sequence[Field], using: str) -> list[Converter]:
    """What makes parameters of the values of these fields."""
    connection = connections[using]
    return [
        (field.attname, None if needs_no_conversion(field, connection) else partial(converted, field, using))
        for field in fields
    ]


def parameters_of(values: Mapping[str, Any], converters: Sequence[Converter]) -> list[Any]:
    """The parameters of values that have the names of attributes."""
    return [values[name] if convert is None else convert(values[name]) for name, convert in converters]


#: A name in a JSON object, the attribute that has its value, and what makes JSON of the value; None where it is JSON.
JSONConverter = tuple[str, str, Callable[[Any], Any] | None]


def json_converters_of(model: type[models.Model], using: str, names: Mapping[str, str]) -> list[JSONConverter]:
    """What makes JSON of values of a model's attributes: of JSON nothing, for the rest what makes a parameter of it.

    `names` has the attributes, each with its name in JSON.
    """
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    return [
        (names[name], name, None if isinstance(field, models.JSONField) else convert)
        for field, (name, convert) in zip(fields, converters_of(fields, using), strict=True)
    ]


def rows_as_json(rows: Sequence[Mapping[str, Any]], converters: Sequence[JSONConverter]) -> str:
    """Rows whose values have the names of attributes, as a list of JSON objects that PostgreSQL makes rows of."""
    whole = [
        {column: row[name] if convert is None else convert(row[name]) for column, name, convert in converters}
        for row in rows
    ]
    return json.dumps(whole, default=as_json, check_circular=False)


def as_json(value: Any) -> str:
    """What JSON has no words for, in those that PostgreSQL reads."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return f"\\x{bytes(value).hex()}"


def converted(field: Field, using: str, value: Any) -> Any:
    return field.get_db_prep_save(value, connections[using])


def needs_no_conversion(field: Field, connection: BaseDatabaseWrapper) -> bool:
    """Whether a field leaves the values that our code gives it as they are, and a driver takes them: most do.

    A foreign key does what its target does.
    """
    if isinstance(field, models.ForeignKey):
        is_plain = type(field).get_db_prep_save is models.ForeignKey.get_db_prep_save
        is_left_alone = is_plain and not connection.features.interprets_empty_strings_as_nulls
        return is_left_alone and needs_no_conversion(field.target_field, connection)
    plain = PLAIN_FIELDS + (PLAIN_ON_POSTGRESQL if is_postgresql(connection.alias) else ())
    kind = next((kind for kind in plain if isinstance(field, kind)), None)
    methods = ("get_prep_value", "get_db_prep_value", "get_db_prep_save")
    return kind is not None and all(getattr(type(field), name) is getattr(kind, name) for name in methods)


def fetched(using: str, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement returns, as the driver has them; [] where it returns none."""
    with connections[using].cursor() as cursor:
        execute(cursor, [Statement(using=using, text=text, parameters=[*parameters])])
        return cursor.fetchall() if cursor.description else []


def rows_changed(using: str, text: str, parameters: Sequence[Any]) -> int:
    """Execute a statement; the number of rows that it changed."""
    with connections[using].cursor() as cursor:
        execute(cursor, [Statement(using=using, text=text, parameters=[*parameters])])
        return cursor.rowcount


def fetched_last(statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Execute statements of one database in one round trip, as one transaction; the rows that the last returns."""
    last = statements[-1]
    connection = connections[last.using]
    if len(statements) == 1:
        return fetched(last.using, last.text, last.parameters)
    if binds_by_server(connection):
        return fetched_last_of_pipeline(connection, statements)
    with connection.cursor() as cursor:
        execute(cursor, statements)
        # psycopg begins with the first result; psycopg2 has the last one only.
        with suppress(NotSupportedError):
            while cursor.nextset():
                pass
        return cursor.fetchall()


def binds_by_server(connection: BaseDatabaseWrapper) -> bool:
    """Whether a project has PostgreSQL bind parameters: then each statement is sent by itself, and can be prepared."""
    return bool(getattr(connection.features, "uses_server_side_binding", False))


def takes_statements_together(connection: BaseDatabaseWrapper) -> bool:
    """Whether a database takes several statements at once, as one transaction: PostgreSQL does, outside of another one.

    Where it binds the parameters, that takes the pipelines that libpq has since version 14.
    """
    if not is_postgresql(connection.alias) or connection.in_atomic_block:
        return False
    return not binds_by_server(connection) or has_pipelines(connection.alias)


def has_pipelines(using: str) -> bool:
    """Whether the driver of a database, which is psycopg 3, has pipelines."""
    connection: Any = connections[using]
    return bool(compiled(using, ("has pipelines",), connection.Database.Pipeline.is_supported))


def fetched_last_of_pipeline(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """The same where each statement is sent by itself: outside of a transaction, those of a pipeline are one, too."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = [executed(connection, statement) for statement in statements]
        return list(cursors[-1].fetchall())


def executed(connection: BaseDatabaseWrapper, statement: Statement) -> Any:
    """The cursor of a statement that was sent."""
    cursor = connection.cursor()
    cursor.execute(statement.text, statement.parameters)
    return cursor


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """What an INSERT does where a row has the same key."""

    #: Names of the attributes that are unique together; none stand for any unique index.
    unique: tuple[str, ...] = ()
    #: Names of the attributes that are overwritten; without any, the row stays as it is.
    overwrites: tuple[str, ...] = ()
    #: Further assignments, a condition, and what is returned: SQL in which `{table}` stands for the row that is there,
    #: and `{as_of}` for the column of that name.
    further: str = ""


def compile_insertion(model: type[models.Model], using: str, conflict: Conflict | None = None) -> Insertion:
    """Have Django write an INSERT of all columns of a model, and add what is to be done about a conflict."""
    connection = connections[using]
    fields = tuple(field for field in model._meta.concrete_fields if is_inserted(field))
    by_name = {field.attname: field for field in fields}
    on_conflict = None
    if conflict is not None:
        on_conflict = OnConflict.UPDATE if conflict.overwrites else OnConflict.IGNORE
    conflict = conflict or Conflict()
    query = sql.InsertQuery(
        model,
        on_conflict=on_conflict,
        update_fields=[by_name[name] for name in conflict.overwrites],
        unique_fields=[by_name[name] for name in conflict.unique if conflict.overwrites],
    )
    query.insert_values(fields, [model()])
    ((text, _),) = query.get_compiler(connection=connection).as_sql()
    head, _, rest = text.partition(VALUES)
    row, words, update = rest.partition(CONFLICT)  # SQLite has other words for ignoring one, in front.
    further = conflict.further.format(**quoted_names(model, using))
    return Insertion(using=using, head=head, row=row, tail=f"{words}{update}{further}", fields=fields)


def quoted_names(model: type[models.Model], using: str) -> dict[str, str]:
    """The columns of a model by the names of its attributes, and its `table`, quoted for a database."""
    quote = connections[using].ops.quote_name
    columns = {field.attname: quote(str(field.column)) for field in model._meta.concrete_fields}
    return {**columns, "table": quote(model._meta.db_table)}


def constants(model: type[models.Model], using: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Values of a model's columns as SQL without parameters, by the names of their attributes."""
    connection = connections[using]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: "NULL" if value is None else literal(fields[name].get_db_prep_save(value, connection), using)
        for name, value in values.items()
    }


def literal(value: Any, using: str) -> str:
    """A value as SQL, for a statement that has parameters: so a percent sign stands twice."""
    return connections[using].schema_editor(collect_sql=True).quote_value(value).replace("%", "%%")


def column_types(model: type[models.Model], using: str) -> dict[str, str]:
    """The types of a model's columns in a database, by the names of its attributes."""
    connection = connections[using]
    return {field.attname: str(field.db_type(connection)) for field in model._meta.concrete_fields}


def prepared(model: type[models.Model], using: str, names: Sequence[str], values: Mapping[str, Any]) -> list[Any]:
    """Values of a row as parameters of a statement, in the order of the names of their attributes."""
    connection = connections[using]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return [fields[name].get_db_prep_save(values[name], connection) for name in names]


def written_out(model: type[models.Model], using: str, expression: Any) -> str:
    """An expression over a model's columns as SQL without parameters: as an index that is made of it has it."""
    query = sql.Query(model, alias_cols=False)
    text, parameters = query.get_compiler(using).compile(expression.resolve_expression(query))
    return text % tuple(literal(value, using) for value in parameters)


def is_inserted(field: Any) -> bool:
    """Whether an INSERT names a column: not one that the database makes itself."""
    return not (field.generated or (field.primary_key and isinstance(field, models.AutoField)))


def is_postgresql(using: str) -> bool:
    """Whether a database is a PostgreSQL: there a statement can hold another one that writes, too."""
    return connections[using].vendor == "postgresql"


def has_conditional_upsert(connection: BaseDatabaseWrapper) -> bool:
    """Whether a database has `INSERT … ON CONFLICT … DO UPDATE … WHERE … RETURNING`: PostgreSQL and SQLite do."""
    features = connection.features
    return bool(features.supports_update_conflicts_with_target and features.can_return_rows_from_bulk_insert)


#: What was compiled, by database and whatever else it depends on.
_compiled: dict[tuple[Any, ...], Any] = {}


def compiled(using: str, key: tuple[Any, ...], compile_it: Callable[[], T]) -> T:
    """What a function makes, made once for a database and a key; models belong into the key."""
    whole = (using, *key)
    made = _compiled.get(whole)
    if made is None:  # Another thread may forget it meanwhile.
        made = _compiled[whole] = compile_it()
    return made


def forget_compiled(**kwargs: Any) -> None:
    """Compile everything anew: settings were overridden, or tables changed."""
    _compiled.clear()


setting_changed.connect(forget_compiled)
post_migrate.connect(forget_compiled)


def compiled_select(using: str, key: tuple[Any, ...], rows: Callable[[], "models.QuerySet[Any]"]) -> str:
    """The text of a query, compiled once for a key; its parameters are the values it filters by, in their order."""
    return compiled(using, key, lambda: str(rows().query.get_compiler(using).as_sql()[0]))


@dataclass(frozen=True, kw_only=True)
class Change:
    """The text of a statement that writes values of some attributes of one model, those of `fields` as parameters."""

    using: str
    text: str
    fields: tuple[Field, ...]

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters of what is written, whose values have the names of the model's attributes."""
        return parameters_of(values, self.converters)

    @cached_property
    def converters(self) -> "list[Converter]":
        """What makes a parameter of each value."""
        return converters_of(self.fields, self.using)


def compile_change(
    model: type[models.Model], using: str, names: Sequence[str], rest: str, written: Mapping[str, Any] = NONE_WRITTEN
) -> Change:
    """An UPDATE that sets the attributes of these names; `rest` is SQL that follows, with `{names}` for columns.

    Those of `written` are set to its values, and are no parameters.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    quoted, values = quoted_names(model, using), constants(model, using, written)
    sets = ", ".join(f"{quoted[name]} = {values.get(name, '%s')}" for name in names)
    text = f"UPDATE {quoted['table']} SET {sets}{rest.format(**quoted)}"  # noqa: S608  a model's own columns
    return Change(using=using, text=text, fields=tuple(fields[name] for name in names if name not in values))


def as_python(model: type[models.Model], using: str, names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """The values of a row that a statement returned, by the names of attributes, as the model's fields have them."""
    connection = connections[using]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    values = {}
    for name, value in zip(names, row, strict=True):
        column = fields[name].cached_col
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
            value = convert(value, column, connection)
        values[name] = value
    return values


def instance_of(model: type[Model], using: str, names: Sequence[str], row: Sequence[Any]) -> Model:
    """The instance of a row of which a statement returned the columns of these attributes; the others are deferred.

    The names are in the order of the model's columns.
    """
    return model.from_db(using, names, list(as_python(model, using, names, row).values()))


def instances(rows: models.QuerySet[Model], names: Sequence[str]) -> Iterator[Model]:
    """The instances of a query's rows, with the columns of these attributes, which have to include the key.

    The others are deferred. `QuerySet.only` looks up for each row where each of its columns belongs, which is half of
    what an instance costs.
    """
    attributes = [field.attname for field in rows.model._meta.concrete_fields]
    places = [names.index(name) if name in names else None for name in attributes]
    using = rows.db  # A router may have another answer each time.
    for values in rows.using(using).values_list(*names):
        whole = [models.DEFERRED if place is None else values[place] for place in places]
        yield rows.model.from_db(using, attributes, whole)


def update_returning_keys(rows: models.QuerySet[Any], values: Mapping[str, Any]) -> list[Any]:
    """Update rows, as `QuerySet.update` does; the primary keys of those that were."""
    using = router.db_for_write(rows.model)
    query: Any = rows.query.chain(sql.UpdateQuery)
    query.add_update_values(values)
    text, parameters = query.get_compiler(using).as_sql()
    names = quoted_names(rows.model, using)
    returned = f"{names['table']}.{names[rows.model._meta.pk.attname]}"
    return [key for (key,) in fetched(using, f"{text} RETURNING {returned}", parameters)]
