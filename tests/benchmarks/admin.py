"""How quick the admin's pages are on a large table.

    python -m tests.postgres python -m tests.benchmarks.admin --rows 5000000

prints for every page the time of its first and of its fastest view, its queries, and which tables were read row by row.
"""

import argparse
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from tests.benchmarks.tables import fill  # noqa: E402

EVENTS = "/admin/pinax_stripe/event/"
PAGES = [
    EVENTS,
    f"{EVENTS}?p=200",
    *(f"{EVENTS}?state={state}" for state in ("done", "waiting", "failed", "refused", "given_up")),
    f"{EVENTS}?kind=invoice.paid",
    f"{EVENTS}?kind=no.such.type",
    f"{EVENTS}?kind=invoice.paid&state=failed",
    f"{EVENTS}?kind=invoice.paid&state=refused",
    f"{EVENTS}?mode=live",
    f"{EVENTS}?mode=test",
    f"{EVENTS}?account=acct_5",
    f"{EVENTS}?account=acct_none",
    f"{EVENTS}?source=catch_up",
    f"{EVENTS}?source=webhook",
    f"{EVENTS}?customer=cus_77",
    f"{EVENTS}?customer=cus_1",
    f"{EVENTS}?customer=cus_none",
    "PERIOD",
    "PERIOD&state=failed",
    "PERIOD&state=refused&kind=charge.failed",
    f"{EVENTS}?q=evt_77777",
    f"{EVENTS}?q=evt_none",
    f"{EVENTS}?q=in_777",
    f"{EVENTS}?q=cus_77",
    f"{EVENTS}?q=cus_1",
    f"{EVENTS}?q=user77@example.com",
    f"{EVENTS}?q=missing@example.com",
    f"{EVENTS}77777/change/",
    f"{EVENTS}1/change/",
    *(f"{EVENTS}overview/?window={window}" for window in ("day", "week", "month")),
    "/admin/pinax_stripe/eventprocessingexception/",
    *(f"/admin/pinax_stripe/{name}/" for name in ("customer", "subscription", "invoice", "charge", "refund")),
    "/admin/pinax_stripe/customer/?q=user77@example.com",
    "/admin/pinax_stripe/customer/?q=cus_77",
    "/admin/pinax_stripe/customer/?q=missing",
    "/admin/pinax_stripe/customer/cus_5F77/change/",
    "/admin/pinax_stripe/customer/cus_5F1/change/",
    *(f"/admin/pinax_stripe/subscription/?status={status}" for status in ("active", "past_due", "paused")),
    *(f"/admin/pinax_stripe/invoice/?status={status}" for status in ("paid", "open", "uncollectible", "draft")),
    "/admin/pinax_stripe/invoice/?q=SHOP-777",
    "/admin/pinax_stripe/invoice/?customer=cus_1",
    "/admin/pinax_stripe/invoice/in_5F777/change/",
    "/admin/pinax_stripe/subscription/sub_5F77/change/",
]


def period():
    """Ten days in the middle of the year."""
    now = time.time()
    days = [time.strftime("%Y-%m-%d", time.gmtime(now - ago * 86400)) for ago in (190, 180)]
    return f"{EVENTS}?since={days[0]}&until={days[1]}"


def sequential(queries):
    """Tables that a page's queries read row by row, to the end as far as the planner knows."""
    found = set()
    for query in queries:
        if query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = [row[0] for row in cursor.fetchall()]
            found |= {line.split(" on ")[1].split()[0] for line in plan if "Seq Scan on pinax" in line}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="events; other tables are in proportion")
    parser.add_argument("--only", default="", help="pages whose address has this in it")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit("Run it with a PostgreSQL: python -m tests.postgres python -m tests.benchmarks.admin")
    setup_test_environment()
    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    fill(options.rows)
    print(f"{options.rows} events and what goes with them: made in {time.perf_counter() - started:.0f} s\n")
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("benchmark"))
    print(f"{'first':>8} {'fastest':>8} {'queries':>8}  page")
    for page in PAGES:
        address = page.replace("PERIOD", period())
        if options.only not in address:
            continue
        times = []
        for _view in range(3):
            begun = time.perf_counter()
            with CaptureQueriesContext(connection) as context:
                response = client.get(address)
            times.append(time.perf_counter() - begun)
            assert response.status_code == 200, (address, response.status_code)
        count = sum(query["sql"].startswith("SELECT") for query in context.captured_queries)
        scanned = ", ".join(sorted(sequential(context.captured_queries)))
        print(f"{times[0] * 1000:6.0f}ms {min(times) * 1000:6.0f}ms {count:8}  {address}  {scanned}", flush=True)
        slow = [query for query in context.captured_queries if float(query["time"]) > 0.1]
        for query in slow:
            print(f"{'':28}{query['time']} s: {query['sql'][:240]}")


if __name__ == "__main__":
    main()
