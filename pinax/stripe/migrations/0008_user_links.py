"""References to users that wait for them, or are used up."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import pinax.stripe.models.mirror


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0007_new_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserLink",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("user_key", models.CharField(blank=True, default="", max_length=255)),
                ("came_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "customer",
                    pinax.stripe.models.mirror.SoftForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pinax_stripe.customer",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("user_key", ""), _negated=True),
                        fields=["user_key"],
                        name="pinax_stripe_userlink_waits",
                    )
                ],
            },
        ),
    ]
