"""Quotes, portal configurations and shipping rates."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0032_account_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="PortalConfiguration",
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
                ("name", models.TextField(blank=True, default="", verbose_name="name")),
                ("active", models.BooleanField(null=True, verbose_name="active")),
                ("is_default", models.BooleanField(null=True, verbose_name="default")),
                ("can_cancel", models.BooleanField(null=True, verbose_name="customers may cancel")),
                ("can_change_plan", models.BooleanField(null=True, verbose_name="customers may change the plan")),
                (
                    "can_change_payment_method",
                    models.BooleanField(null=True, verbose_name="customers may change the payment method"),
                ),
                ("login_url", models.TextField(blank=True, default="", verbose_name="login page")),
                ("default_return_url", models.TextField(blank=True, default="", verbose_name="return address")),
            ],
            options={
                "verbose_name": "portal configuration",
                "verbose_name_plural": "portal configurations",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["id"],
                        name="pinax_portalconfig_deleted",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Quote",
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
                ("number", models.TextField(blank=True, default="", verbose_name="number")),
                ("status", models.TextField(blank=True, db_index=True, default="", verbose_name="status")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("collection_method", models.TextField(blank=True, default="", verbose_name="collection method")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("amount_total", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="total")),
                (
                    "amount_subtotal",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="subtotal"),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                ("finalized_at", models.DateTimeField(null=True, verbose_name="finalized at")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="accepted at")),
                ("canceled_at", models.DateTimeField(null=True, verbose_name="canceled at")),
                (
                    "subscription_schedule",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="subscription schedule"),
                ),
                ("on_behalf_of", models.CharField(blank=True, default="", max_length=255, verbose_name="on behalf of")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="quotes",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "invoice",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="quotes",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="quotes",
                        to="pinax_stripe.subscription",
                        verbose_name="subscription",
                    ),
                ),
            ],
            options={
                "verbose_name": "quote",
                "verbose_name_plural": "quotes",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="checkoutlineitem",
            name="quote",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="line_items",
                to="pinax_stripe.quote",
                verbose_name="quote",
            ),
        ),
        migrations.CreateModel(
            name="ShippingRate",
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
                ("display_name", models.TextField(blank=True, default="", verbose_name="name")),
                ("active", models.BooleanField(null=True, verbose_name="active")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("tax_behavior", models.TextField(blank=True, default="", verbose_name="tax behavior")),
                ("tax_code", models.CharField(blank=True, default="", max_length=255, verbose_name="tax code")),
            ],
            options={
                "verbose_name": "shipping rate",
                "verbose_name_plural": "shipping rates",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["id"],
                        name="pinax_shippingrate_deleted",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_quote_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_quote_created"),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_quote_customer"),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(fields=["number"], name="pinax_stripe_quote_number"),
        ),
        no_like_indexes("Quote", "PortalConfiguration", "ShippingRate", "CheckoutLineItem"),
    ]
