"""Move tax rates and tax ids, meters and credits, files and test clocks out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0037_taxes"),
    ]

    operations = [
        move_rows("tax_rate", "TaxRate"),
        move_rows("tax_id", "TaxId"),
        move_rows("billing.meter", "Meter"),
        move_rows("billing.credit_grant", "CreditGrant"),
        move_rows("billing.credit_balance_transaction", "CreditBalanceTransaction"),
        move_rows("file", "File"),
        move_rows("file_link", "FileLink"),
        move_rows("test_helpers.test_clock", "TestClock"),
    ]
