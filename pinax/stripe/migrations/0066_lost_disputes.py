"""An index by which the page of a customer adds up what disputes lost; PostgreSQL makes it while others write."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock


class Migration(migrations.Migration):
    # For an index that is made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0065_sorted_lists"),
    ]

    operations = [
        AddIndexWithoutLock(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("status", "lost")),
                fields=["charge", "amount"],
                name="pinax_stripe_dispute_lost",
            ),
        ),
    ]
