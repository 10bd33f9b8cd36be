"""Move the rows of features and entitlements out of the general table."""

from django.db import migrations

from ._moves import move_rows


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pinax_stripe", "0041_entitlements"),
    ]

    operations = [
        move_rows("entitlements.feature", "Feature"),
        move_rows("product_feature", "ProductFeature"),
        move_rows("entitlements.active_entitlement", "ActiveEntitlement"),
    ]
