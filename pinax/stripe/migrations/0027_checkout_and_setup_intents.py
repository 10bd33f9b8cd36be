"""Checkout sessions with their lines, payment links, and setup intents with their attempts."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0026_credit_notes_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentLink",
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
                ("url", models.TextField(blank=True, default="", verbose_name="payment page")),
                ("active", models.BooleanField(null=True, verbose_name="active")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("on_behalf_of", models.CharField(blank=True, default="", max_length=255, verbose_name="on behalf of")),
            ],
            options={
                "verbose_name": "payment link",
                "verbose_name_plural": "payment links",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["id"],
                        name="pinax_paymentlink_deleted",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SetupAttempt",
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
                ("usage", models.TextField(blank=True, default="", verbose_name="usage")),
                (
                    "payment_method",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="payment method"),
                ),
                ("on_behalf_of", models.CharField(blank=True, default="", max_length=255, verbose_name="on behalf of")),
                ("error_code", models.TextField(blank=True, default="", verbose_name="error code")),
                ("decline_code", models.TextField(blank=True, default="", verbose_name="decline code")),
                ("error_message", models.TextField(blank=True, default="", verbose_name="error message")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "setup attempt",
                "verbose_name_plural": "setup attempts",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SetupIntent",
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
                ("status", models.TextField(blank=True, db_index=True, default="", verbose_name="status")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("usage", models.TextField(blank=True, default="", verbose_name="usage")),
                (
                    "payment_method",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="payment method"),
                ),
                ("mandate", models.CharField(blank=True, default="", max_length=255, verbose_name="mandate")),
                ("on_behalf_of", models.CharField(blank=True, default="", max_length=255, verbose_name="on behalf of")),
                ("error_code", models.TextField(blank=True, default="", verbose_name="error code")),
                ("decline_code", models.TextField(blank=True, default="", verbose_name="decline code")),
                ("error_message", models.TextField(blank=True, default="", verbose_name="error message")),
                (
                    "cancellation_reason",
                    models.TextField(blank=True, default="", verbose_name="reason of cancellation"),
                ),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="setup_intents",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "latest_attempt",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.setupattempt",
                        verbose_name="latest attempt",
                    ),
                ),
            ],
            options={
                "verbose_name": "setup intent",
                "verbose_name_plural": "setup intents",
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
            model_name="setupattempt",
            name="setup_intent",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="attempts",
                to="pinax_stripe.setupintent",
                verbose_name="setup intent",
            ),
        ),
        migrations.CreateModel(
            name="CheckoutSession",
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
                ("customer_email", models.TextField(blank=True, default="", verbose_name="e-mail address")),
                ("status", models.TextField(blank=True, db_index=True, default="", verbose_name="status")),
                ("payment_status", models.TextField(blank=True, default="", verbose_name="status of the payment")),
                ("mode", models.TextField(blank=True, default="", verbose_name="purpose")),
                (
                    "client_reference_id",
                    models.TextField(blank=True, default="", verbose_name="reference of the project"),
                ),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("amount_total", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="total")),
                (
                    "amount_subtotal",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="subtotal"),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="checkout_sessions",
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
                        related_name="checkout_sessions",
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
                        related_name="checkout_sessions",
                        to="pinax_stripe.paymentintent",
                        verbose_name="payment intent",
                    ),
                ),
                (
                    "subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="checkout_sessions",
                        to="pinax_stripe.subscription",
                        verbose_name="subscription",
                    ),
                ),
                (
                    "payment_link",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="checkout_sessions",
                        to="pinax_stripe.paymentlink",
                        verbose_name="payment link",
                    ),
                ),
                (
                    "setup_intent",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="checkout_sessions",
                        to="pinax_stripe.setupintent",
                        verbose_name="setup intent",
                    ),
                ),
            ],
            options={
                "verbose_name": "checkout session",
                "verbose_name_plural": "checkout sessions",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CheckoutLineItem",
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
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("quantity", models.BigIntegerField(null=True, verbose_name="quantity")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("amount_total", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="total")),
                (
                    "amount_subtotal",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="subtotal"),
                ),
                (
                    "amount_discount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="discount"),
                ),
                ("amount_tax", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="tax")),
                (
                    "price",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.price",
                        verbose_name="price",
                    ),
                ),
                (
                    "product",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "session",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="line_items",
                        to="pinax_stripe.checkoutsession",
                        verbose_name="checkout session",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a checkout",
                "verbose_name_plural": "lines of checkouts",
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["id"],
                        name="pinax_checkoutlineitem_deleted",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="setupintent",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_setupintent_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="setupintent",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_setup_created"),
        ),
        migrations.AddIndex(
            model_name="setupintent",
            index=models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_setup_customer"),
        ),
        migrations.AddIndex(
            model_name="setupattempt",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_setupattempt_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="checkoutsession",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_checkoutsession_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="checkoutsession",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_session_created"),
        ),
        migrations.AddIndex(
            model_name="checkoutsession",
            index=models.Index(fields=["customer", "-created_at", "-id"], name="pinax_stripe_session_customer"),
        ),
        migrations.AddIndex(
            model_name="checkoutsession",
            index=models.Index(fields=["customer_email"], name="pinax_stripe_session_email"),
        ),
        migrations.AddIndex(
            model_name="checkoutsession",
            index=models.Index(fields=["client_reference_id"], name="pinax_stripe_session_reference"),
        ),
        no_like_indexes("PaymentLink", "SetupAttempt", "SetupIntent", "CheckoutSession", "CheckoutLineItem"),
    ]
