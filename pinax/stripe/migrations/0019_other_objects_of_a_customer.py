"""A customer's objects of one type are found by one index: two had all objects of the type read beside it."""

from django.db import migrations, models

from ._indexes import AddIndexWithoutLock


class Migration(migrations.Migration):
    # For an index that is made while others write.
    atomic = False

    dependencies = [
        ("pinax_stripe", "0018_no_like_indexes"),
    ]

    operations = [
        AddIndexWithoutLock(
            model_name="otherobject",
            index=models.Index(
                fields=["customer", "-created_at", "-id", "object_type"], name="pinax_stripe_other_of_customer"
            ),
        ),
        migrations.RemoveIndex(model_name="otherobject", name="pinax_stripe_other_customer"),
    ]
