"""Indexes by which the admin sorts lists; PostgreSQL makes them while others write."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock, AddKeyToIndexOfBeginnings

#: Model, column and the end of the name of its index.
SORTED = (
    ("charge", "amount", "charge_amount"),
    ("dispute", "evidence_due_by", "dispute_due"),
    ("payout", "arrival_date", "payout_arrival"),
)
BEGINNINGS = (("customer", "name"), ("customer", "email"), ("invoice", "number"))


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0064_search"),
    ]

    operations = [
        *(
            AddIndexWithoutLock(
                model_name=model, index=models.Index(fields=[column, "id"], name=f"pinax_stripe_{name}")
            )
            for model, column, name in SORTED
        ),
        *(
            AddKeyToIndexOfBeginnings(model, column, f"pinax_stripe_{model}_{column}_begins")
            for model, column in BEGINNINGS
        ),
        # That of the beginnings of addresses finds whole ones, too.
        migrations.RemoveIndex(model_name="customer", name="pinax_stripe_customer_email"),
    ]
