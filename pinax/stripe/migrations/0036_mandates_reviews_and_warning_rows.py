from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0035_mandates_reviews_and_warnings"),
    ]

    operations = [
        move_rows("mandate", "Mandate"),
        move_rows("review", "Review"),
        move_rows("radar.early_fraud_warning", "EarlyFraudWarning"),
    ]
