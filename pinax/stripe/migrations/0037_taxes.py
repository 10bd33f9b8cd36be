"""Tables of tax rates and tax ids, of meters and credits, of files, and of test clocks."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0036_mandates_reviews_and_warning_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditGrant",
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
                ("category", models.TextField(blank=True, default="", verbose_name="category")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("priority", models.PositiveIntegerField(null=True, verbose_name="priority")),
                ("effective_at", models.DateTimeField(null=True, verbose_name="effective at")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="voided at")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="credit_grants",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit grant",
                "verbose_name_plural": "credit grants",
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
            name="CreditBalanceTransaction",
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
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("amount", models.BigIntegerField(help_text="Minor units.", null=True, verbose_name="amount")),
                ("currency", models.TextField(blank=True, default="", verbose_name="currency")),
                ("effective_at", models.DateTimeField(null=True, verbose_name="effective at")),
                (
                    "invoice",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="credit_transactions",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "credit_grant",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="transactions",
                        to="pinax_stripe.creditgrant",
                        verbose_name="credit grant",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit transaction",
                "verbose_name_plural": "credit transactions",
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
            name="File",
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
                ("filename", models.TextField(blank=True, default="", verbose_name="file name")),
                ("title", models.TextField(blank=True, default="", verbose_name="title")),
                ("purpose", models.TextField(blank=True, default="", verbose_name="purpose")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("size", models.PositiveBigIntegerField(null=True, verbose_name="size in bytes")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_file_deleted"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="FileLink",
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
                ("expired", models.BooleanField(null=True, verbose_name="expired")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                (
                    "file",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="links",
                        to="pinax_stripe.file",
                        verbose_name="file",
                    ),
                ),
            ],
            options={
                "verbose_name": "file link",
                "verbose_name_plural": "file links",
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
            name="Meter",
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
                ("event_name", models.TextField(blank=True, default="", verbose_name="name of its events")),
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("aggregation", models.TextField(blank=True, default="", verbose_name="counted by")),
                ("event_time_window", models.TextField(blank=True, default="", verbose_name="counted each")),
                ("deactivated_at", models.DateTimeField(null=True, verbose_name="deactivated at")),
            ],
            options={
                "verbose_name": "meter",
                "verbose_name_plural": "meters",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_meter_deleted"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="TaxId",
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
                ("value", models.TextField(blank=True, default="", verbose_name="tax id")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("country", models.TextField(blank=True, default="", verbose_name="country")),
                ("owner_type", models.TextField(blank=True, default="", verbose_name="belongs to")),
                ("owner_account", models.CharField(blank=True, default="", max_length=255, verbose_name="account")),
                ("verification_status", models.TextField(blank=True, default="", verbose_name="verification")),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tax_ids",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax id",
                "verbose_name_plural": "tax ids",
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
            name="TaxRate",
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
                (
                    "percentage",
                    models.DecimalField(decimal_places=4, max_digits=7, null=True, verbose_name="percentage"),
                ),
                (
                    "effective_percentage",
                    models.DecimalField(decimal_places=4, max_digits=7, null=True, verbose_name="effective percentage"),
                ),
                ("inclusive", models.BooleanField(null=True, verbose_name="included in the amount")),
                ("tax_type", models.TextField(blank=True, default="", verbose_name="kind of tax")),
                ("rate_type", models.TextField(blank=True, default="", verbose_name="kind of rate")),
                ("jurisdiction", models.TextField(blank=True, default="", verbose_name="jurisdiction")),
                ("jurisdiction_level", models.TextField(blank=True, default="", verbose_name="level of jurisdiction")),
                ("country", models.TextField(blank=True, default="", verbose_name="country")),
                ("state", models.TextField(blank=True, default="", verbose_name="state or province")),
            ],
            options={
                "verbose_name": "tax rate",
                "verbose_name_plural": "tax rates",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_taxrate_deleted"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="TestClock",
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
                ("status", models.TextField(blank=True, default="", verbose_name="status")),
                ("frozen_time", models.DateTimeField(null=True, verbose_name="time of the clock")),
                ("deletes_after", models.DateTimeField(null=True, verbose_name="is deleted at")),
            ],
            options={
                "verbose_name": "test clock",
                "verbose_name_plural": "test clocks",
                "ordering": ["-created_at"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_testclock_deleted"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name="creditgrant",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_creditgrant_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="creditbalancetransaction",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_credittxn_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="filelink",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_filelink_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="taxid",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_taxid_deleted"
            ),
        ),
        no_like_indexes(
            "TaxRate", "TaxId", "Meter", "CreditGrant", "CreditBalanceTransaction", "File", "FileLink", "TestClock"
        ),
    ]
