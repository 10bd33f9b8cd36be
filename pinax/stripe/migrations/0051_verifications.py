"""When the mirror was held against Stripe, and in how many objects they differed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0050_default_payment_methods"),
    ]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stripe_account",
                    models.CharField(blank=True, default="", max_length=255, verbose_name="connected account"),
                ),
                ("livemode", models.BooleanField(null=True, verbose_name="live mode")),
                ("object_types", models.TextField(blank=True, default="", verbose_name="object types")),
                ("sample", models.PositiveIntegerField(null=True, verbose_name="sample")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("compared", models.PositiveBigIntegerField(default=0, verbose_name="compared")),
                ("different", models.PositiveBigIntegerField(default=0, verbose_name="different")),
                ("fixed", models.PositiveBigIntegerField(default=0, verbose_name="fixed")),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
                "ordering": ["-id"],
            },
        ),
    ]
