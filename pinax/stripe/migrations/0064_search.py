"""Indexes for the admin's search: the beginnings of names, and last four digits; PostgreSQL makes them while others write."""

from django.db import migrations, models

from ._indexes import AddIndexOfBeginnings, AddIndexWithoutLock

#: Model, column and the middle of the name of its index.
DIGITS = (("card", "last4", "card"), ("charge", "card_last4", "charge"), ("paymentmethod", "last4", "method"))
BEGINNINGS = (("customer", "name", "customer"), ("customer", "email", "customer"), ("invoice", "number", "invoice"))


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0063_daily_figures"),
    ]

    operations = [
        *(
            AddIndexWithoutLock(
                model_name=model,
                index=models.Index(
                    condition=models.Q((column, ""), _negated=True), fields=[column], name=f"pinax_stripe_{name}_last4"
                ),
            )
            for model, column, name in DIGITS
        ),
        *(
            AddIndexOfBeginnings(model, column, f"pinax_stripe_{name}_{column}_begins")
            for model, column, name in BEGINNINGS
        ),
    ]
