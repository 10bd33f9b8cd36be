"""Move the rows of transfers, application fees and their refunds out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0045_transfers"),
    ]

    operations = [
        move_rows("transfer", "Transfer"),
        move_rows("application_fee", "ApplicationFee"),
        move_rows("fee_refund", "FeeRefund"),
    ]
