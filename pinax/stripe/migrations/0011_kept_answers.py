"""What was read for events in part, and when the sweeper ran."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0010_exact_decimals"),
    ]

    operations = [
        migrations.CreateModel(
            name="SweeperMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("swept_at", models.DateTimeField(verbose_name="last run")),
            ],
            options={
                "verbose_name": "sweeper's mark",
                "verbose_name_plural": "sweeper's marks",
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(blank=True, default="", max_length=543, verbose_name="read for")),
                ("request", models.TextField(verbose_name="request")),
                ("answer", models.TextField(verbose_name="answer")),
                ("earliest", models.BigIntegerField(null=True, verbose_name="read at, at the earliest")),
                ("latest", models.BigIntegerField(null=True, verbose_name="read at, at the latest")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_answers",
                        to="pinax_stripe.event",
                        verbose_name="event",
                    ),
                ),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
            },
        ),
    ]
