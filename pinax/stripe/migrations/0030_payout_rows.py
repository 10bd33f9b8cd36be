from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0029_payouts"),
    ]

    operations = [move_rows("payout", "Payout"), move_rows("balance_transaction", "BalanceTransaction")]
