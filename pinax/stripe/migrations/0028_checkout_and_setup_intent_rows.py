"""Rows of checkout sessions, payment links and setup intents move into their tables."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    # In short transactions.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0027_checkout_and_setup_intents"),
    ]

    operations = [
        move_rows("payment_link", "PaymentLink"),
        move_rows("setup_intent", "SetupIntent"),
        move_rows("checkout.session", "CheckoutSession"),
    ]
