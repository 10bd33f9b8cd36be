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
