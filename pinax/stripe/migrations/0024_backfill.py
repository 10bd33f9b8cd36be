"""How far the mirror was filled from Stripe's lists."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0023_discounts_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backfill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stripe_account",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="connected account"),
                ),
                ("livemode", models.BooleanField(null=True, verbose_name="live mode")),
                ("object_types", models.TextField(blank=True, default="", verbose_name="object types")),
                ("options", models.TextField(blank=True, default="", verbose_name="options")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
            ],
            options={
                "verbose_name": "backfill",
                "verbose_name_plural": "backfills",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BackfillPosition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_name", models.CharField(max_length=255, verbose_name="list")),
                ("since", models.BigIntegerField(null=True, verbose_name="since")),
                ("until", models.BigIntegerField(verbose_name="until")),
                ("parent_key", models.CharField(blank=True, default="", max_length=511, verbose_name="parent")),
                ("cursor", models.CharField(blank=True, default="", max_length=255, verbose_name="written until")),
                ("reached", models.BigIntegerField(null=True, verbose_name="reached")),
                ("is_dated", models.BooleanField(default=True, verbose_name="dated")),
                ("moves", models.PositiveBigIntegerField(default=0, verbose_name="moves")),
                ("listed", models.PositiveBigIntegerField(default=0, verbose_name="listed")),
                ("created", models.PositiveBigIntegerField(default=0, verbose_name="created")),
                ("updated", models.PositiveBigIntegerField(default=0, verbose_name="updated")),
                ("skipped", models.TextField(blank=True, default="", verbose_name="skipped")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "backfill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="positions",
                        to="pinax_stripe.backfill",
                        verbose_name="backfill",
                    ),
                ),
            ],
            options={
                "verbose_name": "position of a backfill",
                "verbose_name_plural": "positions of backfills",
                "ordering": ["id"],
            },
        ),
    ]
