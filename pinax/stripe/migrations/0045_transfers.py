"""Tables of transfers to connected accounts, of application fees, and of what was given back of them."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0044_schedules_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationFee",
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
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                (
                    "amount_refunded",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount refunded"),
                ),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("refunded", models.BooleanField(null=True, verbose_name="refunded")),
                ("charge", models.CharField(blank=True, default="", max_length=255, verbose_name="charge")),
                (
                    "originating_transaction",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="originating transaction"),
                ),
                (
                    "balance_transaction",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="balance transaction"),
                ),
                (
                    "account",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="application_fees",
                        to="pinax_stripe.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "application fee",
                "verbose_name_plural": "application fees",
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
            name="FeeRefund",
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
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                (
                    "balance_transaction",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="balance transaction"),
                ),
                (
                    "fee",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="refunds",
                        to="pinax_stripe.applicationfee",
                        verbose_name="application fee",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund of an application fee",
                "verbose_name_plural": "refunds of application fees",
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
            name="Transfer",
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
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                (
                    "amount_reversed",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount reversed"),
                ),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("reversed", models.BooleanField(null=True, verbose_name="reversed")),
                (
                    "balance_transaction",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="balance transaction"),
                ),
                (
                    "destination_payment",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="destination payment"),
                ),
                ("transfer_group", models.TextField(blank=True, default="", verbose_name="transfer group")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                (
                    "destination",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="transfers",
                        to="pinax_stripe.account",
                        verbose_name="destination",
                    ),
                ),
                (
                    "source_transaction",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="transfers",
                        to="pinax_stripe.charge",
                        verbose_name="source transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
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
            name="TransferReversal",
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
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                (
                    "balance_transaction",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="balance transaction"),
                ),
                (
                    "transfer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reversals",
                        to="pinax_stripe.transfer",
                        verbose_name="transfer",
                    ),
                ),
            ],
            options={
                "verbose_name": "reversal of a transfer",
                "verbose_name_plural": "reversals of transfers",
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
            model_name="applicationfee",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_applicationfee_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="applicationfee",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_fee_created"),
        ),
        migrations.AddIndex(
            model_name="feerefund",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_feerefund_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_transfer_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_transfer_created"),
        ),
        migrations.AddIndex(
            model_name="transferreversal",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_transferreversal_deleted"
            ),
        ),
        no_like_indexes("ApplicationFee", "FeeRefund", "Transfer", "TransferReversal"),
    ]
