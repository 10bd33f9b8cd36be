"""Fills new columns of mirrored tables from the objects that the rows have. Nothing is fetched from Stripe."""

from django.db import migrations, models, transaction

#: Rows of one transaction at most.
BATCH_ROWS = 200


def fill_columns(model_name, *names):
    """An operation that reads columns of a model, such as "Charge", from the `stripe_data` of its rows.

    For a migration with `atomic = False`, after the one that adds the columns. Workers of either release may write
    meanwhile: each batch is a short transaction that locks its rows, and filling a row twice is filling it once. What a
    row's object says nothing of stays as it is. Backwards there is nothing to do.
    """

    def fill(apps, schema_editor):
        model = apps.get_model("pinax_stripe", model_name)
        rows = model._base_manager.using(schema_editor.connection.alias)
        last = ""
        while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS]):
            with transaction.atomic(using=rows.db):
                for row in locked(rows, keys):
                    if values := values_of(model_name, row, names):
                        rows.filter(pk=row.pk).update(**values)
            last = keys[-1]
        note_filled(apps, schema_editor.connection.alias, model_name, names)

    return migrations.RunPython(fill, migrations.RunPython.noop, atomic=False)


def note_filled(apps, using, model_name, names):
    """No rebuild is due because of columns that a migration has filled."""
    from ..sync.registry import READERS
    from ..sync.revisions import revision_of

    try:
        readings = apps.get_model("pinax_stripe", "TableReading")._base_manager.using(using)
    except LookupError:
        return  # It is made later, of tables whose columns are filled.
    reading = readings.filter(table=model_name).first()
    if reading is not None:
        model = next(model for model in READERS if model.__name__ == model_name)
        revision, attnames = revision_of(model), {model._meta.get_field(name).attname for name in names}
        reading.columns |= {name: places for name, places in revision.items() if name in attnames}
        reading.save(update_fields=["columns"])


def locked(rows, keys):
    """The rows of these keys, locked until the transaction ends, in one order in every process."""
    wanted = rows.filter(pk__in=keys)
    # SQLite has one lock, which a transaction gets that begins with a write.
    wanted.filter(pk=keys[0]).update(version=models.F("version"))
    return wanted.select_for_update().order_by("pk").only("stripe_data", "stripe_account")


def values_of(model_name, row, names):
    """What a row's object says of the columns of these names; only where it says that there is something."""
    from django.apps import apps

    from ..models.fields import SoftForeignKey
    from ..models.mirror import mirror_key
    from ..sync.registry import READERS

    model = apps.get_model("pinax_stripe", model_name)
    read = READERS[model](row.stripe_data)
    values = {}
    for column in (model._meta.get_field(name) for name in names):
        value = read[column.attname]
        if value != column.nothing:
            is_key = isinstance(column, SoftForeignKey)
            values[column.attname] = mirror_key(value, row.stripe_account) if is_key else value
    return values
