"""Find the customers and the subscriptions that a payment method is the default of."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock


class Migration(migrations.Migration):
    # For indexes that are made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0049_columns_of_real_payloads_filled"),
    ]

    operations = [
        AddIndexWithoutLock(
            model_name=model,
            index=models.Index(
                condition=models.Q(("default_payment_method", ""), _negated=True),
                fields=["default_payment_method"],
                name=name,
            ),
        )
        for model, name in (
            ("customer", "pinax_stripe_customer_default"),
            ("subscription", "pinax_stripe_sub_default"),
        )
    ]
