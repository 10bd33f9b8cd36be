"""What the shop's own code does with events. The first receipt of a run fails: the printer is out of paper."""

from django.conf import settings

from pinax.stripe.signals import WEBHOOK_SIGNALS

from .models import Receipt


class OutOfPaper(Exception):
    """The printer needs paper."""


class Printer:
    """It fails once, and then works."""

    sheets = 0

    def print(self):
        self.sheets += 1
        if self.sheets == 1:
            raise OutOfPaper("The receipt printer is out of paper.")


printer = Printer()


def write_receipt(event, **kwargs):
    """A receiver: it is called again after it raised, and what it wrote until then is undone."""
    invoice = event.object
    Receipt.objects.create(
        event=event, invoice=invoice["id"], amount=invoice["amount_paid"], currency=invoice["currency"]
    )
    printer.print()


def connect():
    WEBHOOK_SIGNALS[settings.DEMO_PAID].connect(write_receipt)
