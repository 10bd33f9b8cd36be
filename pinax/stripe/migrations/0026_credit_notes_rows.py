"""Move invoice items and credit notes out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0025_credit_notes"),
    ]

    operations = [
        move_rows("invoiceitem", "InvoiceItem"),
        move_rows("credit_note", "CreditNote"),
    ]
