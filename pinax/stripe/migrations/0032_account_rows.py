"""Move the rows of accounts, persons and capabilities out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0031_accounts"),
    ]

    operations = [
        move_rows("account", "Account"),
        move_rows("person", "Person"),
        move_rows("capability", "Capability"),
    ]
