"""What the columns of each table were read from, and how far a rebuild is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0052_external_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=100, verbose_name="table")),
                ("columns", models.JSONField(default=dict, verbose_name="columns")),
                ("is_due", models.BooleanField(default=False, verbose_name="rebuild is due")),
                ("target", models.CharField(blank=True, default="", max_length=64, verbose_name="reads")),
                ("position", models.CharField(blank=True, default="", max_length=511, verbose_name="done until")),
                ("rows", models.PositiveBigIntegerField(default=0, verbose_name="rows done")),
            ],
            options={
                "verbose_name": "reading of a table",
                "verbose_name_plural": "readings of tables",
                "constraints": [models.UniqueConstraint(fields=("table",), name="pinax_stripe_reading_of_table")],
            },
        ),
    ]
