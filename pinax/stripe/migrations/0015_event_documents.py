"""Events cost less: documents apart from the row that changes, fewer indexes, unique indexes that every database has.

Nothing here writes the rows anew, however many there are; `manage.py stripe_compact_events` does so in batches. PostgreSQL
makes the indexes while others write. What was interrupted leaves an invalid index, which `DROP INDEX` removes.
"""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock, AddUniqueConstraintWithoutLock, DropIndexOfColumn

#: Columns of an event that are written once, and long.
DOCUMENTS = frozenset({"body", "webhook_message", "validated_message"})
#: Bytes from which on PostgreSQL moves a row's documents out of it; what is left of it fits.
LONGEST_ROW = 1024


def keep_documents_apart(apps, schema_editor):
    """Have PostgreSQL keep documents out of line, where an update of the row does not touch them.

    Of a row that is longer than 2 kB it would otherwise move out as much as brings it to that, compressed documents
    that fit stay in, and each update writes them again. It concerns rows that are written from now on.
    """
    store(apps, schema_editor, f"SET (toast_tuple_target = {LONGEST_ROW})", others="MAIN")


def keep_documents_inside(apps, schema_editor):
    """The way back."""
    store(apps, schema_editor, "RESET (toast_tuple_target)", others="EXTENDED")


def store(apps, schema_editor, row, *, others):
    """Have PostgreSQL store rows of events in a way, and in another the texts in them that are no documents."""
    if schema_editor.connection.vendor != "postgresql":
        return
    event = apps.get_model("pinax_stripe", "Event")
    table = schema_editor.quote_name(event._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} {row}")
    for field in event._meta.concrete_fields:
        if field.column not in DOCUMENTS and is_of_any_length(field):
            column = schema_editor.quote_name(field.column)
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {others}")


def is_of_any_length(field):
    return isinstance(field, (models.CharField, models.TextField, models.JSONField, models.GeneratedField))


#: Database -> how it says the bytes of a text.
BYTES_OF_TEXT = {"postgresql": "convert_to(webhook_message, 'UTF8')", "sqlite": "CAST(webhook_message AS BLOB)"}
#: Rows that the way back writes at once.
BATCH_ROWS = 1000


def write_documents_out(apps, schema_editor):
    """The way back: the code of before finds a body as bytes, and Stripe's copy in a column of its own."""
    bytes_of_text = BYTES_OF_TEXT.get(schema_editor.connection.vendor, "CAST(webhook_message AS BINARY)")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM pinax_stripe_event")
        last = cursor.fetchone()[0] or 0
        for start in range(0, last, BATCH_ROWS):
            cursor.execute(
                f"UPDATE pinax_stripe_event SET body = {bytes_of_text} WHERE id > %s AND id <= %s AND body_size > 0 "  # noqa: S608
                "AND length(body) = 0 AND redacted_at IS NULL AND webhook_message IS NOT NULL",
                [start, start + BATCH_ROWS],
            )
            cursor.execute(
                "UPDATE pinax_stripe_event SET validated_message = webhook_message WHERE id > %s AND id <= %s "
                "AND valid AND validated_message IS NULL",
                [start, start + BATCH_ROWS],
            )


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0014_other_objects"),
    ]

    operations = [
        migrations.RunPython(keep_documents_apart, keep_documents_inside),
        migrations.RunPython(migrations.RunPython.noop, write_documents_out),
        AddUniqueConstraintWithoutLock(
            model_name="event",
            constraint=models.UniqueConstraint(
                models.Case(models.When(then=models.F("stripe_id"), valid=True)), name="pinax_stripe_event_genuine"
            ),
        ),
        AddUniqueConstraintWithoutLock(
            model_name="event",
            constraint=models.UniqueConstraint(
                models.F("stripe_id"),
                models.Case(models.When(then=None, valid=False), default=models.F("fingerprint")),
                name="pinax_stripe_event_claim",
            ),
        ),
        AddIndexWithoutLock(
            model_name="event",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["state", "-id"],
                name="pinax_stripe_event_not_done",
            ),
        ),
        # What they take the place of goes last.
        migrations.RemoveConstraint(model_name="event", name="pinax_stripe_one_genuine_event"),
        migrations.RemoveConstraint(model_name="event", name="pinax_stripe_one_row_per_claim"),
        migrations.RemoveIndex(model_name="event", name="pinax_stripe_event_state"),
        migrations.RemoveIndex(model_name="event", name="pinax_stripe_event_processed"),
        DropIndexOfColumn(
            model_name="event",
            name="object_id",
            field=models.CharField(blank=True, default="", max_length=255, verbose_name="object id"),
        ),
        # After the others of its column, which are dropped by what they are of.
        AddIndexWithoutLock(
            model_name="event",
            index=models.Index(fields=["object_id"], name="pinax_stripe_event_object"),
        ),
        DropIndexOfColumn(
            model_name="event",
            name="stripe_id",
            field=models.CharField(blank=True, default="", max_length=255, verbose_name="Stripe id"),
        ),
    ]
