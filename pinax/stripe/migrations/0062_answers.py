"""Indexes for what owners ask; PostgreSQL makes them while others write."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock

END_IS_DECIDED = models.Q(("cancel_at_period_end", True), ("cancel_at__isnull", False), _connector="OR")
#: Name in an index of charges -> its condition.
CHARGES = {
    "failed": models.Q(("status", "failed")),
    "refunded": models.Q(("amount_refunded__gt", 0)),
    "disputed": models.Q(("disputed", True)),
}


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0061_table_readings"),
    ]

    operations = [
        *(
            AddIndexWithoutLock(
                model_name="charge",
                index=models.Index(
                    condition=condition, fields=["-created_at", "-id"], name=f"pinax_stripe_charge_{name}"
                ),
            )
            for name, condition in CHARGES.items()
        ),
        *(
            AddIndexWithoutLock(
                model_name=model,
                index=models.Index(
                    condition=models.Q(("customer__isnull", False)),
                    fields=["exp_year", "exp_month"],
                    name=f"pinax_stripe_{name}_expiry",
                ),
            )
            for model, name in (("card", "card"), ("paymentmethod", "method"))
        ),
        AddIndexWithoutLock(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("amount_remaining__gt", 0), ("status", "open")),
                fields=["-created_at", "-id"],
                name="pinax_stripe_invoice_owed",
            ),
        ),
        AddIndexWithoutLock(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(END_IS_DECIDED, ("deleted_at__isnull", True), ("ended_at__isnull", True)),
                fields=["id"],
                name="pinax_stripe_sub_will_cancel",
            ),
        ),
        AddIndexWithoutLock(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("ended_at__isnull", True), ("status", "trialing")),
                fields=["trial_end", "id"],
                name="pinax_stripe_sub_trial",
            ),
        ),
    ]
