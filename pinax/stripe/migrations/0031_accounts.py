"""Tables of accounts, of the persons behind them, and of what they may do; and references to users for accounts."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0030_payout_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
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
                ("deauthorized_at", models.DateTimeField(editable=False, null=True, verbose_name="left at")),
                ("authorized_at", models.DateTimeField(editable=False, null=True, verbose_name="connected at")),
                ("name", models.TextField(blank=True, default="", verbose_name="name")),
                ("email", models.TextField(blank=True, default="", verbose_name="email")),
                ("type", models.TextField(blank=True, default="", verbose_name="type")),
                ("dashboard", models.TextField(blank=True, default="", verbose_name="dashboard")),
                (
                    "requirement_collection",
                    models.TextField(blank=True, default="", verbose_name="who collects what is due"),
                ),
                ("losses", models.TextField(blank=True, default="", verbose_name="who bears losses")),
                ("fee_payer", models.TextField(blank=True, default="", verbose_name="who pays Stripe's fees")),
                ("business_type", models.TextField(blank=True, default="", verbose_name="business type")),
                ("country", models.TextField(blank=True, default="", verbose_name="country")),
                ("default_currency", models.TextField(blank=True, default="", verbose_name="default currency")),
                ("charges_enabled", models.BooleanField(null=True, verbose_name="charges enabled")),
                ("payouts_enabled", models.BooleanField(null=True, verbose_name="payouts enabled")),
                ("details_submitted", models.BooleanField(null=True, verbose_name="details submitted")),
                ("disabled_reason", models.TextField(blank=True, default="", verbose_name="why disabled")),
                ("current_deadline", models.DateTimeField(null=True, verbose_name="due by")),
                ("currently_due", models.JSONField(blank=True, null=True, verbose_name="currently due")),
                ("past_due", models.JSONField(blank=True, null=True, verbose_name="past due")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="stripe_accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
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
            model_name="userlink",
            name="account",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pinax_stripe.account",
            ),
        ),
        migrations.CreateModel(
            name="Capability",
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
                ("requested", models.BooleanField(null=True, verbose_name="requested")),
                ("disabled_reason", models.TextField(blank=True, default="", verbose_name="why disabled")),
                ("current_deadline", models.DateTimeField(null=True, verbose_name="due by")),
                ("currently_due", models.JSONField(blank=True, null=True, verbose_name="currently due")),
                ("past_due", models.JSONField(blank=True, null=True, verbose_name="past due")),
                (
                    "account",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="capabilities",
                        to="pinax_stripe.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "capability",
                "verbose_name_plural": "capabilities",
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
            name="Person",
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
                ("first_name", models.TextField(blank=True, default="", verbose_name="first name")),
                ("last_name", models.TextField(blank=True, default="", verbose_name="last name")),
                ("email", models.TextField(blank=True, default="", verbose_name="email")),
                ("title", models.TextField(blank=True, default="", verbose_name="title")),
                ("is_representative", models.BooleanField(null=True, verbose_name="representative")),
                ("is_owner", models.BooleanField(null=True, verbose_name="owner")),
                ("is_director", models.BooleanField(null=True, verbose_name="director")),
                ("is_executive", models.BooleanField(null=True, verbose_name="executive")),
                (
                    "percent_ownership",
                    models.DecimalField(decimal_places=4, max_digits=7, null=True, verbose_name="share of ownership"),
                ),
                ("status", models.TextField(blank=True, default="", verbose_name="verification")),
                ("currently_due", models.JSONField(blank=True, null=True, verbose_name="currently due")),
                ("past_due", models.JSONField(blank=True, null=True, verbose_name="past due")),
                (
                    "account",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="persons",
                        to="pinax_stripe.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "persons",
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
            model_name="account",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_account_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["-created_at", "-id"], name="pinax_stripe_account_created"),
        ),
        migrations.AddIndex(
            model_name="capability",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_capability_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_person_deleted"
            ),
        ),
        no_like_indexes("Account", "Capability", "Person"),
    ]
