import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0019_other_objects_of_a_customer"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
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
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                (
                    "network_reason_code",
                    models.TextField(blank=True, default="", verbose_name="reason code of the network"),
                ),
                ("payment_method_type", models.TextField(blank=True, default="", verbose_name="paid by")),
                ("evidence_due_by", models.DateTimeField(null=True, verbose_name="evidence due by")),
                ("has_evidence", models.BooleanField(null=True, verbose_name="evidence saved")),
                (
                    "submission_count",
                    models.PositiveIntegerField(null=True, verbose_name="times evidence was submitted"),
                ),
                ("evidence_past_due", models.BooleanField(null=True, verbose_name="evidence past due")),
                ("is_charge_refundable", models.BooleanField(null=True, verbose_name="charge can be refunded")),
                (
                    "balance_net",
                    models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="change of the balance"),
                ),
                ("balance_fee", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="fee")),
                ("balance_currency", models.TextField(blank=True, default="", verbose_name="currency of the balance")),
                (
                    "charge",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="disputes",
                        to="pinax_stripe.charge",
                        verbose_name="charge",
                    ),
                ),
                (
                    "payment_intent",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="disputes",
                        to="pinax_stripe.paymentintent",
                        verbose_name="payment intent",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_dispute_deleted"
                    ),
                    models.Index(fields=["-created_at", "-id"], name="pinax_stripe_dispute_created"),
                    models.Index(fields=["status", "-created_at", "-id"], name="pinax_stripe_dispute_status"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        no_like_indexes("Dispute"),
    ]
