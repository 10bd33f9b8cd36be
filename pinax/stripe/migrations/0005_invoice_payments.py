"""Payments towards invoices."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0004_fewer_event_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoicePayment",
            fields=[
                ("id", models.CharField(editable=False, max_length=511, primary_key=True, serialize=False)),
                ("stripe_id", models.CharField(db_index=True, max_length=255, verbose_name="Stripe id")),
                (
                    "stripe_account",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="connected account"),
                ),
                ("livemode", models.BooleanField(null=True, verbose_name="live mode")),
                (
                    "created_at",
                    models.DateTimeField(
                        help_text="When Stripe created the object.", null=True, verbose_name="created at"
                    ),
                ),
                ("metadata", models.JSONField(blank=True, default=dict, verbose_name="metadata")),
                ("stripe_data", models.JSONField(default=dict, verbose_name="object")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("as_of_end", models.DateTimeField(verbose_name="as of, at the latest")),
                ("version", models.PositiveBigIntegerField(default=1, verbose_name="version")),
                (
                    "deleted_at",
                    models.DateTimeField(
                        help_text="When it was deleted at Stripe.", null=True, verbose_name="deleted at"
                    ),
                ),
                ("synced_at", models.DateTimeField(auto_now=True, help_text="Our clock.", verbose_name="written at")),
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                (
                    "amount_requested",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount requested"),
                ),
                (
                    "amount_paid",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount paid"),
                ),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("is_default", models.BooleanField(null=True, verbose_name="default payment")),
                ("payment_type", models.TextField(blank=True, default="", verbose_name="kind of payment")),
                ("paid_at", models.DateTimeField(null=True, verbose_name="paid at")),
                ("canceled_at", models.DateTimeField(null=True, verbose_name="canceled at")),
                (
                    "charge",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invoice_payments",
                        to="pinax_stripe.charge",
                        verbose_name="charge",
                    ),
                ),
                (
                    "invoice",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="payments",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "payment_intent",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invoice_payments",
                        to="pinax_stripe.paymentintent",
                        verbose_name="payment intent",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice payment",
                "verbose_name_plural": "invoice payments",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
