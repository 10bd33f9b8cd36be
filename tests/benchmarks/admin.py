"""What the admin's pages cost on large tables.

    python -m tests.postgres python -m tests.benchmarks.admin --rows 1000000

fills every table with so many rows, which takes minutes, and prints for each page its queries, the time that the
database needed for them, and the tables that it read row by row. A database that is filled already stays as it is.
"""

import argparse
import os
import time
from contextlib import contextmanager

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from pinax.stripe.models import Event  # noqa: E402
from tests.benchmarks.pages import addresses  # noqa: E402
from tests.benchmarks.tables import fill  # noqa: E402
from tests.plans import captured, rows_read_one_by_one  # noqa: E402

#: A page is viewed so often; the fastest view counts.
VIEWS = 3
#: What a page and the overview may cost: queries, and milliseconds of the database.
LIMITS = {False: (10, 50), True: (15, 100)}
#: Rows of a table that may be read without an index.
FEW_ROWS = 15_000
#: Milliseconds from which on a query is printed.
SLOW = 20


class Times:
    """Measures every statement."""

    def __init__(self):
        self.statements = []

    @contextmanager
    def measured(self):
        with connection.execute_wrapper(self):
            yield self

    def __call__(self, execute, sql, params, many, context):
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements.append((1000 * (time.perf_counter() - begun), sql))

    @property
    def total(self):
        return sum(milliseconds for milliseconds, _sql in self.statements)


def view(client, address):
    """The times of one view."""
    with Times().measured() as times:
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return times


def large_scans(client, address):
    """The tables of which a page reads many rows without an index."""
    with CaptureQueriesContext(connection) as context:
        client.get(address)
    return sorted(name for name, rows in rows_read_one_by_one(captured(context)).items() if rows > FEW_ROWS)


def report(client, address):
    """Print what a page costs, and whether that is within the limits."""
    times = min((view(client, address) for _view in range(VIEWS)), key=lambda times: times.total)
    scans = large_scans(client, address)
    queries, milliseconds = LIMITS["/overview/" in address]
    is_good = len(times.statements) <= queries and times.total <= milliseconds and not scans
    mark = "" if is_good else "!"
    print(f"{len(times.statements):8}{times.total:9.1f} {mark:2}{address}  {', '.join(scans)}", flush=True)
    for each, sql in times.statements:
        if each > SLOW:
            print(f"{'':20}{each:.0f} ms: {sql[:300]}")
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each table")
    parser.add_argument("--only", default="", help="pages whose address has this in it")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        raise SystemExit("Run it with a PostgreSQL: python -m tests.postgres python -m tests.benchmarks.admin")
    setup_test_environment()
    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    if not Event.objects.exists():
        fill(options.rows)
        print(f"{options.rows} rows in each table: made in {time.perf_counter() - started:.0f} s\n")
    client = Client()
    user, _is_new = get_user_model().objects.get_or_create(
        username="benchmark", defaults={"is_staff": True, "is_superuser": True}
    )
    client.force_login(user)
    print(f"{'queries':>8}{'ms':>9}   page, and tables of which many rows are read without an index")
    pages = [address for address in addresses(options.rows) if options.only in address]
    good = [report(client, address) for address in pages]
    print(f"\n{sum(good)} of {len(good)} pages are within the limits.")


if __name__ == "__main__":
    main()
