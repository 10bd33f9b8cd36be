"""Operations that change indexes of large tables while rows are written."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class AddIndexWithoutLock(migrations.AddIndex):
    """AddIndex; PostgreSQL makes it while others write. For migrations with `atomic = False`.

    Django's AddIndexConcurrently needs psycopg, and no other database.
    """

    atomic = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, concurrently=True)


class AddUniqueConstraintWithoutLock(migrations.AddConstraint):
    """AddConstraint for a rule over expressions, which is an index: PostgreSQL makes it while others write."""

    atomic = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            statement = str(self.constraint.create_sql(model, schema_editor))
            schema_editor.execute(statement.replace(" INDEX ", " INDEX CONCURRENTLY ", 1), params=None)


class DropIndexOfColumn(migrations.AlterField):
    """AlterField to a field with `db_index=False`, of which nothing else changes: SQLite would copy the table for it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table)
        columns = [model._meta.get_field(self.name).column]
        for name, index in found.items():
            # PostgreSQL has a second one for LIKE.
            if index["index"] and not index["unique"] and index["columns"] == columns:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            field = model._meta.get_field(self.name)
            for statement in schema_editor._field_indexes_sql(model, field):
                schema_editor.execute(statement)


#: What an index for LIKE has that Django adds on PostgreSQL to those of texts.
OF_PATTERNS = "_pattern_ops"


def no_like_indexes(*model_names):
    """An operation that leaves such indexes of tables out, which the same migration creates: nothing uses them."""
    return LeaveOutLikeIndexes(model_names)


class LeaveOutLikeIndexes(Operation):
    """Not a RunPython: for that Django makes the classes of all models anew, which takes most of a second."""

    reduces_to_sql = False

    def __init__(self, model_names):
        self.model_names = model_names

    def state_forwards(self, app_label, state):
        """The state of the models has no such indexes."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        tables = [f"{app_label}_{name.lower()}" for name in self.model_names]
        # Django makes indexes of a new table last.
        schema_editor.deferred_sql[:] = [
            statement
            for statement in schema_editor.deferred_sql
            if not (OF_PATTERNS in str(statement) and any(map(statement.references_table, tables)))
        ]

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """The tables go, with all their indexes."""

    def describe(self):
        return f"Leave out the indexes for LIKE of {', '.join(self.model_names)}"


class AddIndexOfBeginnings(Operation):
    """An index by which PostgreSQL finds texts by their beginning, in any case: that of Django's `istartswith`.

    Its order is that of characters, which no model can say without `django.contrib.postgres`. PostgreSQL makes it while
    others write; other databases have none.
    """

    reduces_to_sql = True
    atomic = False

    def __init__(self, model_name, field_name, name):
        self.model_name, self.field_name, self.name = model_name, field_name, name

    def state_forwards(self, app_label, state):
        """The state of the models does not have it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.is_wanted(schema_editor, model):
            quote = schema_editor.quote_name
            column = quote(model._meta.get_field(self.field_name).column)
            schema_editor.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {quote(self.name)} ON {quote(model._meta.db_table)} "
                f"(UPPER({column}) text_pattern_ops)"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if self.is_wanted(schema_editor, from_state.apps.get_model(app_label, self.model_name)):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.name)}")

    def is_wanted(self, schema_editor, model):
        connection = schema_editor.connection
        return connection.vendor == "postgresql" and self.allow_migrate_model(connection.alias, model)

    def describe(self):
        return f"Create index {self.name} of the beginnings of {self.field_name} of {self.model_name}"


class AddKeyToIndexOfBeginnings(AddIndexOfBeginnings):
    """The index of `AddIndexOfBeginnings` anew, with the key behind the text: lists are sorted by it, too.

    It keeps its name, and the old one serves until the new one is there. What was interrupted goes on.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.replace(schema_editor, to_state.apps.get_model(app_label, self.model_name), "id")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self.replace(schema_editor, from_state.apps.get_model(app_label, self.model_name))

    def replace(self, schema_editor, model, *more):
        """Make an index with more columns, and give it the name of the old one."""
        if not self.is_wanted(schema_editor, model):
            return
        quote = schema_editor.quote_name
        table, column, name = model._meta.db_table, model._meta.get_field(self.field_name).column, self.name
        columns = ", ".join((f"UPPER({quote(column)}) text_pattern_ops", *map(quote, more)))
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(name + '_new')}")
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {quote(name + '_new')} ON {quote(table)} ({columns})")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(name)}")
        schema_editor.execute(f"ALTER INDEX {quote(name + '_new')} RENAME TO {quote(name)}")
        # What is known of the values of an expression goes with its index.
        schema_editor.execute(f"ANALYZE {quote(table)}")

    def describe(self):
        return f"Add the key to index {self.name} of the beginnings of {self.field_name} of {self.model_name}"
