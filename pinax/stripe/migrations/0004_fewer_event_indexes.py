"""Two indexes less to keep with every event: those of the admin begin with the same columns."""

import django.db.models.deletion
from django.db import migrations, models

import pinax.stripe.models.mirror


class Migration(migrations.Migration):
    dependencies = [
        ("pinax_stripe", "0003_admin_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="customer",
            field=pinax.stripe.models.mirror.SoftForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="pinax_stripe.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="recorded_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="recorded at"),
        ),
    ]
