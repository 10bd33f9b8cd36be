"""How far pruning came, and the events that it passed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0015_event_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="PassedEvent",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PruningMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reached", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
