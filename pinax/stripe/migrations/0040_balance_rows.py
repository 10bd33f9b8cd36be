from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0039_balances"),
    ]

    operations = [
        move_rows("customer_balance_transaction", "CustomerBalanceTransaction"),
        move_rows("customer_cash_balance_transaction", "CustomerCashBalanceTransaction"),
        move_rows("topup", "TopUp"),
    ]
