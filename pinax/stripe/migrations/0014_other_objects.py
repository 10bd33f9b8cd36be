"""Objects that have no table of their own."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0013_explanation_details"),
    ]

    operations = [
        migrations.CreateModel(
            name="OtherObject",
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
                ("object_type", models.TextField(blank=True, default="", verbose_name="object type")),
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="other_objects",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "other object",
                "verbose_name_plural": "other objects",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="pinax_stripe_other_created"),
                    models.Index(fields=["object_type", "-created_at", "-id"], name="pinax_stripe_other_type"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
