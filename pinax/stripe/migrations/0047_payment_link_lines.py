"""Lines of payment links."""

import django.db.models.deletion
from django.db import migrations

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [("pinax_stripe", "0046_transfer_rows")]

    operations = [
        migrations.AddField(
            model_name="checkoutlineitem",
            name="payment_link",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="line_items",
                to="pinax_stripe.paymentlink",
                verbose_name="payment link",
            ),
        ),
        no_like_indexes("CheckoutLineItem"),
    ]
