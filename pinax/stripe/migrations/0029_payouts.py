import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.decimals
import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0028_checkout_and_setup_intent_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="BalanceTransaction",
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
                ("fee", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="fee")),
                ("net", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="net")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("reporting_category", models.TextField(blank=True, default="", verbose_name="reporting category")),
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("available_on", models.DateTimeField(null=True, verbose_name="available on")),
                (
                    "source",
                    models.CharField(blank=True, db_index=True, default="", max_length=255, verbose_name="source"),
                ),
                (
                    "exchange_rate",
                    pinax.stripe.models.decimals.ExactDecimalField(
                        decimal_places=16, max_digits=32, null=True, verbose_name="exchange rate"
                    ),
                ),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
            ],
            options={
                "verbose_name": "balance transaction",
                "verbose_name_plural": "balance transactions",
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
            name="Payout",
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
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("arrival_date", models.DateTimeField(null=True, verbose_name="arrival")),
                ("automatic", models.BooleanField(null=True, verbose_name="automatic")),
                ("reconciliation_status", models.TextField(blank=True, default="", verbose_name="reconciliation")),
                ("method", models.TextField(blank=True, default="", verbose_name="method")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("failure_code", models.TextField(blank=True, default="", verbose_name="failure code")),
                ("failure_message", models.TextField(blank=True, default="", verbose_name="failure message")),
                ("destination", models.CharField(blank=True, default="", max_length=255, verbose_name="destination")),
                ("trace_id", models.TextField(blank=True, default="", verbose_name="trace id")),
                (
                    "balance_transaction",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.balancetransaction",
                        verbose_name="balance transaction",
                    ),
                ),
                (
                    "original_payout",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.payout",
                        verbose_name="reverses the payout",
                    ),
                ),
                (
                    "reversed_by",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.payout",
                        verbose_name="reversed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "payout",
                "verbose_name_plural": "payouts",
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
            model_name="balancetransaction",
            name="payout",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="balance_transactions",
                to="pinax_stripe.payout",
                verbose_name="payout",
            ),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_payout_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_payout_created"),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(fields=["status", "-created_at", "-id"], name="pinax_stripe_payout_status"),
        ),
        migrations.AddIndex(
            model_name="balancetransaction",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_stripe_txn_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="balancetransaction",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_txn_created"),
        ),
        migrations.AddIndex(
            model_name="balancetransaction",
            index=models.Index(fields=["payout", "-created_at", "-id"], name="pinax_stripe_txn_payout"),
        ),
        no_like_indexes("Payout"),
        no_like_indexes("BalanceTransaction"),
    ]
