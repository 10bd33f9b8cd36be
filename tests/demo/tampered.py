"""Runs the demo, spoils its outcome in one way after the other, and prints as JSON which checks notice each."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
django.setup()

from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from pinax.stripe.models import Customer, Event, Invoice, InvoiceLineItem, Price, Refund, Subscription  # noqa: E402

from . import command, outcome  # noqa: E402
from .comparison import compare_mirror  # noqa: E402
from .models import Receipt  # noqa: E402


def forget(model, **which):
    return lambda: model.objects.filter(**which).delete()


def change(rows, **values):
    return lambda: rows.update(**values)


def receive_twice():
    receipt = Receipt.objects.all()[0]
    receipt.pk = None
    receipt.save()


def old_snapshot():
    """Let a row fall back to what an earlier event said."""
    early = Event.objects.get(kind="customer.subscription.created", object_id="sub_jenny")
    Subscription.objects.filter(pk="sub_jenny").update(stripe_data=early.object)


#: What is spoiled -> how, and the checks that have to notice: done, counted, forged, receivers, mirror.
TAMPERINGS = {
    "nothing": (lambda: None, ""),
    "an event is lost": (forget(Event, kind="price.updated"), "done counted"),
    "an event is not done": (change(Event.objects.filter(kind="price.updated"), processed=False), "done"),
    "a delivery is not counted": (
        change(Event.objects.filter(deliveries=2), deliveries=F("deliveries") - 1),
        "counted",
    ),
    "the forged event leaves no trace": (forget(Event, valid=False), "forged"),
    "the forged event is believed": (
        change(Event.objects.filter(valid=False), valid=True, processed=True),
        "done forged mirror",
    ),
    "a genuine event is refused": (
        change(Event.objects.filter(kind="coupon.deleted"), valid=False, reason="not_found"),
        "done counted forged",
    ),
    "a receipt is missing": (lambda: Receipt.objects.all()[0].delete(), "receivers"),
    "a receipt is written twice": (receive_twice, "receivers"),
    "an object is old": (old_snapshot, "mirror"),
    "a column is old": (change(Invoice.objects.filter(pk="in_3"), status="open"), "mirror"),
    "a row is missing": (forget(Price), "mirror"),
    "a part is missing": (forget(InvoiceLineItem, pk="il_2"), "mirror"),
    "a deleted customer is back": (change(Customer.all_objects.all(), deleted_at=None), "mirror"),
    "a refund is gone": (change(Refund.objects.all(), deleted_at=F("as_of")), "mirror"),
}
NAMES = ("done", "counted", "forged", "receivers", "mirror")


def tampered(**arguments):
    """For each tampering the names of the checks that should notice it, and of those that do."""
    noticed = {}
    for title, (tamper, expected) in TAMPERINGS.items():
        with transaction.atomic():
            tamper()
            checks = outcome.checks(**{**arguments, "compared": compare_mirror()})
            names = [name for name, check in zip(NAMES, checks, strict=True) if check.problems]
            noticed[title] = expected.split(), names
            transaction.set_rollback(True)
    return noticed


def main():
    """Run the demo; at its end, tamper."""
    settle = command.settle

    def settle_and_tamper(source, postman, forged, screen):
        result = settle(source, postman, forged, screen)
        noticed = tampered(events=source.events, posts=postman.posts, forged=forged)
        print(json.dumps(noticed), file=sys.stderr)
        return result

    command.settle = settle_and_tamper
    return command.main(["--once"])


if __name__ == "__main__":
    sys.exit(main())
