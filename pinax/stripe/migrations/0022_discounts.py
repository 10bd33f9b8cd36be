"""Tables of discounts and promotion codes; what subscriptions and invoices say of their discounts, and of pauses."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
from django.db import migrations, models

import pinax.stripe.models.mirror

from ._indexes import no_like_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0021_dispute_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="discount_ids",
            field=models.JSONField(blank=True, default=list, verbose_name="discounts"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="discount_ids",
            field=models.JSONField(blank=True, default=list, verbose_name="discounts"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="pause_behavior",
            field=models.TextField(blank=True, default="", verbose_name="collection is paused"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="pause_resumes_at",
            field=models.DateTimeField(null=True, verbose_name="collection resumes at"),
        ),
        migrations.AddField(
            model_name="subscriptionitem",
            name="discount_ids",
            field=models.JSONField(blank=True, default=list, verbose_name="discounts"),
        ),
        migrations.CreateModel(
            name="PromotionCode",
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
                ("code", models.TextField(blank=True, default="", verbose_name="code")),
                ("active", models.BooleanField(null=True, verbose_name="active")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                ("times_redeemed", models.PositiveBigIntegerField(null=True, verbose_name="times redeemed")),
                ("max_redemptions", models.PositiveBigIntegerField(null=True, verbose_name="redemptions at most")),
                (
                    "coupon",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="promotion_codes",
                        to="pinax_stripe.coupon",
                        verbose_name="coupon",
                    ),
                ),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="promotion_codes",
                        to="pinax_stripe.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "promotion code",
                "verbose_name_plural": "promotion codes",
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
            name="Discount",
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
                ("invoice_item", models.CharField(blank=True, default="", max_length=255, verbose_name="invoice item")),
                (
                    "checkout_session",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="checkout session"),
                ),
                ("start", models.DateTimeField(null=True, verbose_name="start")),
                ("end", models.DateTimeField(null=True, verbose_name="end")),
                (
                    "coupon",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="discounts",
                        to="pinax_stripe.coupon",
                        verbose_name="coupon",
                    ),
                ),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="discounts",
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
                        related_name="discounts",
                        to="pinax_stripe.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "subscription",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="discounts",
                        to="pinax_stripe.subscription",
                        verbose_name="subscription",
                    ),
                ),
                (
                    "subscription_item",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.subscriptionitem",
                        verbose_name="subscription item",
                    ),
                ),
                (
                    "promotion_code",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="discounts",
                        to="pinax_stripe.promotioncode",
                        verbose_name="promotion code",
                    ),
                ),
            ],
            options={
                "verbose_name": "discount",
                "verbose_name_plural": "discounts",
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
            model_name="promotioncode",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_promotioncode_deleted"
            ),
        ),
        migrations.AddIndex(
            model_name="promotioncode",
            index=models.Index(django.db.models.functions.text.Upper("code"), name="pinax_stripe_promo_code"),
        ),
        migrations.AddIndex(
            model_name="discount",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="pinax_discount_deleted"
            ),
        ),
        no_like_indexes("Discount", "PromotionCode"),
    ]
