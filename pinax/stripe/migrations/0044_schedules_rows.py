"""Move schedules of subscriptions out of the general table, with their phases."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0043_schedules"),
    ]

    operations = [
        move_rows("subscription_schedule", "SubscriptionSchedule"),
    ]
