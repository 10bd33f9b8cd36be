"""Rows of quotes, portal configurations and shipping rates move into their tables."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    # In short transactions.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0033_quotes_and_portal_configurations"),
    ]

    operations = [
        move_rows("billing_portal.configuration", "PortalConfiguration"),
        move_rows("quote", "Quote"),
        move_rows("shipping_rate", "ShippingRate"),
    ]
