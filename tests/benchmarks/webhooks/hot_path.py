"""What one event costs, by kind of delivery, in one process on PostgreSQL: `tox -e benchmark -- --hot-path`.

    python -m tests.benchmarks.webhooks.hot_path

prints the counts as JSON. The suites of the promises print the same with their figures.
"""

import json


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client, override_settings
    from django.test.utils import setup_test_environment

    from pinax.stripe.testing import FakeStripe
    from tests.costs import costs

    setup_test_environment()
    call_command("migrate", verbosity=0)
    with FakeStripe() as stripe, override_settings(**stripe.settings):
        counted = costs(Client(), stripe)
    print(json.dumps({name: [len(cost.statements), cost.commits, cost.calls] for name, cost in counted.items()}))


if __name__ == "__main__":
    main()
