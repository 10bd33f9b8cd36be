"""Move discounts and promotion codes out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0022_discounts"),
    ]

    operations = [
        move_rows("discount", "Discount"),
        move_rows("promotion_code", "PromotionCode"),
    ]
