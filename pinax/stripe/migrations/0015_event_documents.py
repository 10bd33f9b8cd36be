"""Events cost less: documents apart from the row that changes, fewer indexes, unique indexes that every database has.

Nothing here writes the rows anew, however many there are; `manage.py stripe_compact_events` does so in batches.
"""

from django.db import migrations, models

#: Columns of an event that are written once, and long.
DOCUMENTS = frozenset({"body", "webhook_message", "validated_message"})
#: Bytes from which on PostgreSQL moves a row's documents out of it; what is left of it fits.
LONGEST_ROW = 1024
#: Columns whose own index goes, and the one for LIKE that PostgreSQL has beside it.
NO_LONGER_INDEXED = ("stripe_id", "object_id")


def keep_documents_apart(apps, schema_editor):
    """Have PostgreSQL keep documents out of line, where an update of the row does not touch them.

    Of a row that is longer than 2 kB it would otherwise move out as much as brings it to that, compressed documents
    that fit stay in, and each update writes them again. It concerns rows that are written from now on.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    event = apps.get_model("pinax_stripe", "Event")
    table = schema_editor.quote_name(event._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {LONGEST_ROW})")
    for field in event._meta.concrete_fields:
        if field.column not in DOCUMENTS and is_of_any_length(field):
            column = schema_editor.quote_name(field.column)
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE MAIN")


def is_of_any_length(field):
    return isinstance(field, (models.CharField, models.TextField, models.JSONField, models.GeneratedField))


def keep_documents_inside(apps, schema_editor):
    """The way back."""
    if schema_editor.connection.vendor != "postgresql":
        return
    event = apps.get_model("pinax_stripe", "Event")
    table = schema_editor.quote_name(event._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
    for field in event._meta.concrete_fields:
        if field.column not in DOCUMENTS and is_of_any_length(field):
            column = schema_editor.quote_name(field.column)
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTENDED")


def drop_indexes(apps, schema_editor):
    """Drop the indexes of single columns; SQLite would copy the table for the same change of a field."""
    event = apps.get_model("pinax_stripe", "Event")
    for name in names_of_indexes(event, schema_editor):
        schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def names_of_indexes(event, schema_editor):
    """The plain indexes of the columns alone, by name."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, event._meta.db_table)
    return [
        name
        for name, index in found.items()
        if index["index"] and not index["unique"] and index["columns"] in [[column] for column in NO_LONGER_INDEXED]
    ]


def make_indexes(apps, schema_editor):
    """The way back."""
    event = apps.get_model("pinax_stripe", "Event")
    for name in NO_LONGER_INDEXED:
        index = models.Index(fields=[name], name=f"pinax_stripe_event_{name}")
        schema_editor.add_index(event, index)


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0014_other_objects"),
    ]

    operations = [
        migrations.RunPython(keep_documents_apart, keep_documents_inside),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_indexes, make_indexes)],
            state_operations=[
                migrations.AlterField(
                    model_name="event",
                    name="object_id",
                    field=models.CharField(blank=True, default="", max_length=255, verbose_name="object id"),
                ),
                migrations.AlterField(
                    model_name="event",
                    name="stripe_id",
                    field=models.CharField(blank=True, default="", max_length=255, verbose_name="Stripe id"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                models.Case(models.When(then=models.F("stripe_id"), valid=True)), name="pinax_stripe_event_genuine"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                models.F("stripe_id"),
                models.Case(models.When(then=None, valid=False), default=models.F("fingerprint")),
                name="pinax_stripe_event_claim",
            ),
        ),
        migrations.RemoveConstraint(model_name="event", name="pinax_stripe_one_genuine_event"),
        migrations.RemoveConstraint(model_name="event", name="pinax_stripe_one_row_per_claim"),
        migrations.RemoveIndex(model_name="event", name="pinax_stripe_event_state"),
        migrations.RemoveIndex(model_name="event", name="pinax_stripe_event_processed"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["object_id"], name="pinax_stripe_event_object"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["state", "-id"],
                name="pinax_stripe_event_not_done",
            ),
        ),
    ]
