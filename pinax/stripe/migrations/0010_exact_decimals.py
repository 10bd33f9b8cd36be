"""Amounts of prices and plans keep all of their digits on SQLite, too.

No column changes its type. On SQLite what is in it is written anew, some hundred rows at a time: from the object as
Stripe sent it, which has every digit.
"""

import json
from decimal import Context, Decimal, InvalidOperation

from django.db import migrations, transaction

import pinax.stripe.models.decimals

FIELDS = (("price", "unit_amount_decimal", "exact unit amount"), ("plan", "amount_decimal", "exact amount"))
#: Digits and decimals of the columns.
SIZE = (32, 12)
#: Rows of one transaction.
BATCH = 500


def to_texts(apps, schema_editor):
    """Write numbers as texts."""

    def text(stripe_data, name, value):
        number = exact(json.loads(stripe_data or "{}").get(name))
        return pinax.stripe.models.decimals.as_text(number or Decimal(format(value, ".15g")), *SIZE)

    rewrite(apps, schema_editor.connection, ("integer", "real"), text)


def exact(value):
    """The number that an object has; None for none."""
    try:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-SIZE[1]), context=Context(prec=SIZE[0]))
    except InvalidOperation:
        return None


def to_numbers(apps, schema_editor):
    """Write texts as numbers, which SQLite rounds."""

    def number(stripe_data, name, value):
        return f"{pinax.stripe.models.decimals.from_text(value):f}"

    rewrite(apps, schema_editor.connection, ("text",), number)


def rewrite(apps, connection, types, convert):
    """Write the values of those types of SQLite's anew."""
    if connection.vendor != "sqlite":
        return
    for model, name, _verbose_name in FIELDS:
        table = connection.ops.quote_name(apps.get_model("pinax_stripe", model)._meta.db_table)
        last = ""
        while rows := batch(connection, table, name, last):
            values = [(convert(data, name, value), key) for key, data, value, kind in rows if kind in types]
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET {name} = %s WHERE id = %s", values)  # noqa: S608
            last = rows[-1][0]


def batch(connection, table, name, last):
    """The next rows after a key: key, object, value, and the type SQLite has it in."""
    columns = f"id, stripe_data, {name}, typeof({name})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE id > %s ORDER BY id LIMIT {BATCH}",  # noqa: S608
            [last],
        )
        return cursor.fetchall()


class Migration(migrations.Migration):
    # Each batch is a transaction of its own.
    atomic = False
    dependencies = [
        ("pinax_stripe", "0009_view_health"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name=model,
                    name=name,
                    field=pinax.stripe.models.decimals.ExactDecimalField(
                        decimal_places=SIZE[1], max_digits=SIZE[0], null=True, verbose_name=verbose_name
                    ),
                )
                for model, name, verbose_name in FIELDS
            ],
        ),
        migrations.RunPython(to_texts, to_numbers),
    ]
