"""A permission of its own for the health report."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0008_user_links"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={
                "ordering": ["-id"],
                "permissions": [("view_health", "Can view the health report")],
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
    ]
