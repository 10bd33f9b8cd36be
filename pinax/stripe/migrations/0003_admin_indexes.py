"""Indexes for what the admin shows: lists in order, filters on what is rare, searches, counts by time."""

import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0002_retries_timeline_and_catch_up"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_charge_created"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_customer_created"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(django.db.models.functions.text.Upper("email"), name="pinax_stripe_customer_email"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["recorded_at", "state"], name="pinax_stripe_event_recorded"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("livemode", False)), fields=["-id"], name="pinax_stripe_event_test"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("source", "catch_up")), fields=["-id"], name="pinax_stripe_event_caught_up"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("stripe_account", ""), _negated=True),
                fields=["stripe_account", "-id"],
                name="pinax_stripe_event_account",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_invoice_created"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["number"], name="pinax_stripe_invoice_number"),
        ),
        migrations.AddIndex(
            model_name="paymentintent",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_intent_created"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_refund_created"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_sub_created"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)), fields=["-ended_at"], name="pinax_stripe_sub_ended"
            ),
        ),
    ]
