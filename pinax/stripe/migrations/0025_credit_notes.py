"""Tables of invoice items, and of credit notes with their lines."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.decimals
import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0024_backfill"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditNote",
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
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("subtotal", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="subtotal")),
                (
                    "discount_amount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="discount amount"),
                ),
                ("tax", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="tax")),
                ("total", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="total")),
                (
                    "pre_payment_amount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="less owed"),
                ),
                (
                    "post_payment_amount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="given back"),
                ),
                (
                    "out_of_band_amount",
                    models.BigIntegerField(
                        help_text="Minor units.", null=True, verbose_name="given back outside of Stripe"
                    ),
                ),
                ("refund_ids", models.JSONField(blank=True, default=list, verbose_name="refunds")),
                (
                    "customer_balance_transaction",
                    models.CharField(
                        blank=True, default="", max_length=255, verbose_name="transaction of the customer balance"
                    ),
                ),
                ("effective_at", models.DateTimeField(null=True, verbose_name="effective at")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="voided at")),
                ("pdf", models.TextField(blank=True, default="", verbose_name="credit note PDF")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="credit_notes",
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
                        related_name="credit_notes",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note",
                "verbose_name_plural": "credit notes",
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
            name="CreditNoteLineItem",
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
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("quantity", models.BigIntegerField(null=True, verbose_name="quantity")),
                (
                    "unit_amount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="unit amount"),
                ),
                (
                    "unit_amount_decimal",
                    pinax.stripe.models.decimals.ExactDecimalField(
                        decimal_places=12, max_digits=32, null=True, verbose_name="exact unit amount"
                    ),
                ),
                (
                    "discount_amount",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="discount amount"),
                ),
                ("tax", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="tax")),
                (
                    "credit_note",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="lines",
                        to="pinax_stripe.creditnote",
                        verbose_name="credit note",
                    ),
                ),
                (
                    "invoice_line_item",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.invoicelineitem",
                        verbose_name="invoice line",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note line",
                "verbose_name_plural": "credit note lines",
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="InvoiceItem",
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
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("quantity", models.BigIntegerField(null=True, verbose_name="quantity")),
                (
                    "unit_amount_decimal",
                    pinax.stripe.models.decimals.ExactDecimalField(
                        decimal_places=12, max_digits=32, null=True, verbose_name="exact unit amount"
                    ),
                ),
                ("proration", models.BooleanField(null=True, verbose_name="proration")),
                ("discount_ids", models.JSONField(blank=True, default=list, verbose_name="discounts")),
                ("period_start", models.DateTimeField(null=True, verbose_name="period from")),
                ("period_end", models.DateTimeField(null=True, verbose_name="period to")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invoice_items",
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
                        related_name="invoice_items",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "plan",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.plan",
                        verbose_name="plan",
                    ),
                ),
                (
                    "price",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
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
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invoice_items",
                        to="pinax_stripe.subscription",
                        verbose_name="subscription",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice item",
                "verbose_name_plural": "invoice items",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_creditnote_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="creditnotelineitem",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_creditnoteline_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="invoiceitem",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_invoiceitem_deleted"
            ),
        ),
        no_like_indexes("InvoiceItem", "CreditNote", "CreditNoteLineItem"),
    ]
