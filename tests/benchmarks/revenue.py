"""How long the recurring revenue of very many subscriptions takes.

    python -m tests.postgres python -m tests.benchmarks.revenue --rows 1000000

fills an empty database with so many subscriptions of one item each, of which three in four run, one in ten has a
discount, and one in twenty has a customer with a coupon; then it prints the time of each statement, and of all.
"""

import argparse
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command
from django.db import connection

from pinax.stripe import models

from .admin import Times
from .tables import TABLES, fill, mirrored

#: Prices, and coupons, that the subscriptions share.
PRICES, COUPONS = 600, 12
PRICE = f"3 * (n / 3 %% {PRICES // 3}) + n %% 3"
COUPON = f"'coupon_' || 1 + n %% {COUPONS}"
LARGE = {
    models.Customer: {**TABLES[models.Customer], "coupon_id": f"CASE WHEN n %% 20 = 1 THEN {COUPON} ELSE NULL END"},
    models.Subscription: {
        **TABLES[models.Subscription],
        "discount_ids": "CASE WHEN n %% 10 = 0 THEN jsonb_build_array('di_' || n) ELSE '[]'::jsonb END",
    },
    models.SubscriptionItem: mirrored(
        "si",
        subscription_id="'sub_' || n",
        price_id=f"'price_' || {PRICE}",
        plan_id=f"'plan_' || {PRICE}",
        quantity="1 + n %% 5",
    ),
    models.Discount: mirrored(
        "di", customer_id="'cus_' || 10 * n", subscription_id="'sub_' || 10 * n", coupon_id=COUPON, start="now()"
    )
    | {"id": "'di_' || 10 * n", "stripe_id": "'di_' || 10 * n"},
}
SMALL = {
    **{model: TABLES[model] for model in (models.Price, models.Plan)},
    models.Coupon: {**TABLES[models.Coupon], "duration": "'forever'"},
}


def fill_shop(rows: int) -> None:
    """So many subscriptions, and what they are of."""
    fill(PRICES, tables=(models.Price, models.Plan), columns=SMALL)
    fill(COUPONS, tables=(models.Coupon,), columns=SMALL)
    fill(rows // 10, tables=(models.Discount,), columns=LARGE)
    fill(rows, tables=(models.Customer, models.Subscription, models.SubscriptionItem), columns=LARGE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="subscriptions")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit("Run it with a PostgreSQL: python -m tests.postgres python -m tests.benchmarks.revenue")
    call_command("migrate", verbosity=0)
    fill_shop(options.rows)
    begun = time.perf_counter()
    with Times().measured() as times:
        found = models.Subscription.objects.mrr()
    taken = time.perf_counter() - begun
    for milliseconds, sql in times.statements:
        print(f"{milliseconds / 1000:8.1f} s  {sql[:60]} …")
    print(f"{taken:8.1f} s  in all, for {sum(each.counted for each in found)} items that count")


if __name__ == "__main__":
    main()
