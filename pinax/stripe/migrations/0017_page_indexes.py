"""Indexes for the pages of customers and for the overview; two for each of the references to customers go.

PostgreSQL makes them while others write. What was interrupted leaves an invalid index, which `DROP INDEX` removes.
"""

import django.db.models.deletion
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import AddIndexWithoutLock, DropIndexOfColumn

#: Model -> name in its index by customer, and in the way back from the customer.
OF_A_CUSTOMER = {
    "charge": ("charge", "charges"),
    "invoice": ("invoice", "invoices"),
    "otherobject": ("other", "other_objects"),
    "paymentintent": ("intent", "payment_intents"),
    "subscription": ("sub", "subscriptions"),
}
#: All mirrored tables.
MIRRORED = (
    *OF_A_CUSTOMER,
    *("bankaccount", "card", "coupon", "customer", "invoicelineitem", "invoicepayment", "paymentmethod", "plan"),
    *("price", "product", "refund", "source", "subscriptionitem"),
)


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0016_pruning_mark"),
    ]

    operations = [
        *(
            AddIndexWithoutLock(
                model_name=model,
                index=models.Index(fields=["customer", "-created_at", "-id"], name=f"pinax_stripe_{name}_customer"),
            )
            for model, (name, _related) in OF_A_CUSTOMER.items()
        ),
        *(
            AddIndexWithoutLock(
                model_name=model,
                index=models.Index(
                    condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name=f"pinax_{model}_deleted"
                ),
            )
            for model in MIRRORED
        ),
        AddIndexWithoutLock(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("ended_at__isnull", True)),
                fields=["status", "customer"],
                name="pinax_stripe_sub_running",
            ),
        ),
        AddIndexWithoutLock(
            model_name="eventstep",
            index=models.Index(condition=models.Q(("kind", "again")), fields=["event"], name="pinax_stripe_step_again"),
        ),
        *(
            DropIndexOfColumn(
                model_name=model,
                name="customer",
                field=pinax.stripe.models.mirror.SoftForeignKey(
                    blank=True,
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name=related,
                    to="pinax_stripe.customer",
                    verbose_name="customer",
                ),
            )
            for model, (_name, related) in OF_A_CUSTOMER.items()
        ),
    ]
