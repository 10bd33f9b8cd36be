"""A backlog: events are only recorded, and one process of `stripe_process_events` takes them up later.

python -m tests.benchmarks.webhooks.backlog

processes what waits and prints the seconds that took, the start of the process not counted.
"""

import io
import json
import time


def leave(event_pk: int) -> None:
    """PINAX_STRIPE_DISPATCH: leave the event to the command."""


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    began, said = time.perf_counter(), io.StringIO()
    call_command("stripe_process_events", stdout=said)
    print(json.dumps({"seconds": time.perf_counter() - began, "said": said.getvalue().strip()}))


if __name__ == "__main__":
    main()
