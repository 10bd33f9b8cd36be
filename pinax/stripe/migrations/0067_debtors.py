"""The index of owed invoices with their customers, by which debtors are found; PostgreSQL makes it while others write."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock


class Migration(migrations.Migration):
    # For an index that is made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0066_lost_disputes"),
    ]

    operations = [
        AddIndexWithoutLock(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("amount_remaining__gt", 0), ("status", "open"), ("deleted_at", None)),
                fields=["-created_at", "-id", "customer"],
                name="pinax_stripe_invoice_debtors",
            ),
        ),
        migrations.RemoveIndex(model_name="invoice", name="pinax_stripe_invoice_owed"),
    ]
