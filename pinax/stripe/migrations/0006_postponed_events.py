"""Events that wait because a receiver asked for it, and what a timeline can tell of receivers and the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0005_invoice_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="postponed_at",
            field=models.DateTimeField(null=True, verbose_name="postponed at"),
        ),
        migrations.AddField(
            model_name="event",
            name="postponed_since",
            field=models.DateTimeField(null=True, verbose_name="postponed since"),
        ),
        migrations.AlterField(
            model_name="eventstep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("delivery", "delivered again"),
                    ("validation", "validated"),
                    ("mirror", "mirrored"),
                    ("again", "asked to process again"),
                    ("given_up", "given up"),
                    ("postponed", "postponed"),
                    ("ignored", "ignored"),
                    ("slow", "receiver is slow"),
                    ("database", "database had trouble"),
                ],
                max_length=16,
                verbose_name="what",
            ),
        ),
    ]
