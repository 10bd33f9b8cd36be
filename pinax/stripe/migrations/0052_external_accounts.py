"""The table of what connected accounts are paid to."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0051_verifications"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExternalAccount",
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
                ("kind", models.TextField(blank=True, default="", verbose_name="type")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("default_for_currency", models.BooleanField(null=True, verbose_name="default of its currency")),
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("country", models.TextField(blank=True, default="", verbose_name="country")),
                ("last4", models.TextField(blank=True, default="", verbose_name="last four digits")),
                ("fingerprint", models.TextField(blank=True, default="", verbose_name="fingerprint")),
                ("account_holder_name", models.TextField(blank=True, default="", verbose_name="account holder")),
                (
                    "account_holder_type",
                    models.TextField(blank=True, default="", verbose_name="type of account holder"),
                ),
                ("bank_name", models.TextField(blank=True, default="", verbose_name="bank")),
                ("routing_number", models.TextField(blank=True, default="", verbose_name="routing number")),
                ("brand", models.TextField(blank=True, default="", verbose_name="brand")),
                ("funding", models.TextField(blank=True, default="", verbose_name="funding")),
                ("exp_month", models.PositiveSmallIntegerField(null=True, verbose_name="expiry month")),
                ("exp_year", models.PositiveIntegerField(null=True, verbose_name="expiry year")),
                (
                    "account",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="external_accounts",
                        to="pinax_stripe.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "payout destination",
                "verbose_name_plural": "payout destinations",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["id"],
                        name="pinax_externalaccount_deleted",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        no_like_indexes("ExternalAccount"),
    ]
