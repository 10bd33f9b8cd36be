"""Tables of the schedules of subscriptions, and of their phases."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0042_entitlement_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubscriptionSchedule",
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
                ("end_behavior", models.TextField(blank=True, default="", verbose_name="at the end")),
                ("collection_method", models.TextField(blank=True, default="", verbose_name="collection method")),
                ("current_phase_start", models.DateTimeField(null=True, verbose_name="current phase from")),
                ("current_phase_end", models.DateTimeField(null=True, verbose_name="current phase to")),
                ("canceled_at", models.DateTimeField(null=True, verbose_name="canceled at")),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed at")),
                ("released_at", models.DateTimeField(null=True, verbose_name="released at")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="schedules",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "released_subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.subscription",
                        verbose_name="released subscription",
                    ),
                ),
                (
                    "subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="schedules",
                        to="pinax_stripe.subscription",
                        verbose_name="subscription",
                    ),
                ),
            ],
            options={
                "verbose_name": "subscription schedule",
                "verbose_name_plural": "subscription schedules",
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
            name="SubscriptionSchedulePhase",
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
                ("start_date", models.DateTimeField(null=True, verbose_name="start")),
                ("end_date", models.DateTimeField(null=True, verbose_name="end")),
                ("price_ids", models.JSONField(blank=True, default=list, verbose_name="prices")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("trial", models.BooleanField(null=True, verbose_name="trial")),
                ("trial_end", models.DateTimeField(null=True, verbose_name="trial to")),
                ("collection_method", models.TextField(blank=True, default="", verbose_name="collection method")),
                ("proration_behavior", models.TextField(blank=True, default="", verbose_name="proration")),
                (
                    "subscription_schedule",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="phases",
                        to="pinax_stripe.subscriptionschedule",
                        verbose_name="subscription schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "phase of a schedule",
                "verbose_name_plural": "phases of schedules",
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="subscriptionschedule",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_schedule_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="subscriptionschedulephase",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_schedulephase_deleted"
            ),
        ),
        no_like_indexes("SubscriptionSchedule", "SubscriptionSchedulePhase"),
    ]
