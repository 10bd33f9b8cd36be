from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0020_disputes"),
    ]

    operations = [move_rows("dispute", "Dispute")]
