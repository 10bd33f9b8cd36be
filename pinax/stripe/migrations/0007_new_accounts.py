"""Marks what is undecided and names an account that no genuine event named; indexes for what is limited."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark(apps, schema_editor):
    """Mark the rows that wait for Stripe's answer, which are few beside those that are done."""
    events = apps.get_model("pinax_stripe", "Event").objects.using(schema_editor.connection.alias)
    named = events.filter(valid=True, stripe_account=OuterRef("stripe_account")).exclude(stripe_account="")
    waiting = events.filter(state="waiting", valid__isnull=True, signed__isnull=True, source="webhook")
    waiting.exclude(stripe_account="").filter(~Exists(named.order_by())).update(account_is_new=True)


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0006_postponed_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="account_is_new",
            field=models.BooleanField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="denied_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("valid", True), models.Q(("stripe_account", ""), _negated=True)),
                fields=["stripe_account", "-id"],
                name="pinax_stripe_event_known",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("denied_at__isnull", False)), fields=["denied_at"], name="pinax_stripe_event_denied"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("account_is_new", True)),
                fields=["-id", "body_size"],
                name="pinax_stripe_event_new_account",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(
                    ("valid", False),
                    models.Q(("reason", "other_mode"), ("signed__isnull", True), ("valid__isnull", True)),
                    _connector="OR",
                ),
                fields=["-id", "body_size"],
                name="pinax_stripe_event_worthless",
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
