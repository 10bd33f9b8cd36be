"""The table of what is counted each night for the overview."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0053_balances_without_ids"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("recurring", "Recurring"),
                            ("not_counted", "Not Counted"),
                            ("started", "Started"),
                            ("ended", "Ended"),
                        ],
                        max_length=20,
                    ),
                ),
                ("currency", models.TextField(blank=True, default="")),
                ("value", models.DecimalField(decimal_places=2, max_digits=24)),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "name", "currency"), name="pinax_stripe_figure_of_day")
                ],
            },
        ),
    ]
