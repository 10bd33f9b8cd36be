"""The main job, live: `python -m tests.demo`; with `--once` it checks its own outcome and ends."""

import os
import socketserver
import sys
import tempfile
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
FOLDER = tempfile.TemporaryDirectory(prefix="pinax-stripe-demo-")
os.environ["PINAX_STRIPE_DEMO_DATABASE"] = str(Path(FOLDER.name) / "demo.sqlite3")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from pinax.stripe import models  # noqa: E402
from pinax.stripe.signals import WEBHOOK_SIGNALS  # noqa: E402
from pinax.stripe.testing import FakeStripe, build_object  # noqa: E402

SECRET = "whsec_demo"
PAID: list[str] = []


def invoice_paid(event, **kwargs):
    """What a project's receiver looks like."""
    PAID.append(event.object["id"])


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def life(stripe):
    """A customer's life at Stripe."""
    stripe.now = stripe.now - 3600
    stripe.create("product", id="prod_gold", name="Gold")
    stripe.create("price", id="price_gold", product="prod_gold")
    stripe.create("customer", id="cus_jenny")
    stripe.create("payment_method", id="pm_visa", customer="cus_jenny")
    item = build_object(
        "subscription_item", id="si_1", subscription="sub_1", price=stripe.get("price_gold"), quantity=1
    )
    stripe.create("subscription", id="sub_1", customer="cus_jenny", status="incomplete", items=[item])
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    for number, month in enumerate(("october", "november"), start=1):
        stripe.advance(60)
        line = build_object("line_item", id=f"il_{number}", amount=2000, currency="usd", quantity=1)
        stripe.create("invoice", id=f"in_{month}", customer="cus_jenny", parent=parent, lines=[line])
        stripe.update(f"in_{month}", status="open", type="invoice.finalized")
        if number == 2:
            stripe.emit("invoice.payment_failed", stripe.get(f"in_{month}"))
            stripe.update("sub_1", status="past_due")
            stripe.advance(60)
        stripe.create("charge", id=f"ch_{number}", customer="cus_jenny")
        stripe.update(f"in_{month}", status="paid", type="invoice.paid")
        stripe.update("sub_1", status="active")
    stripe.advance(60)
    stripe.create("refund", id="re_1", charge="ch_2")
    stripe.update("ch_2", refunded=True, amount_refunded=2000, type="charge.refunded")
    stripe.advance(60)
    stripe.delete("sub_1")
    stripe.detach("pm_visa")
    stripe.delete("cus_jenny")


def table(rows):
    """Rows as aligned columns."""
    widths = [max(len(str(row[index])) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)))


def state(event):
    if event.valid is False:
        return f"refused: {event.reason}"
    return "done" if event.processed else f"waiting: {event.reason}"


def check(stripe):
    """What is not as it should be."""
    problems = []
    if models.Event.objects.filter(processed=True).count() != len(stripe.events):
        problems.append("not every event is done")
    if models.Event.objects.refused().count() != 1:
        problems.append("the forged POST was not refused")
    if sorted(PAID) != ["in_november", "in_october"]:
        problems.append(f"the receiver was called for {PAID}")
    for model in (models.Product, models.Price, models.Subscription, models.Invoice, models.Charge, models.Refund):
        for row in model.all_objects.all():
            if row.stripe_data != stripe.get(row.pk):
                problems.append(f"{row.pk} is not what Stripe has")
    if models.Customer.objects.exists() or models.PaymentMethod.objects.exclude(customer=None).exists():
        problems.append("the deleted customer is still listed")
    return problems


def main(once):
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_superuser("demo", "demo@example.com", "demo")
    WEBHOOK_SIGNALS["invoice.paid"].connect(invoice_paid)
    with FakeStripe() as stripe:
        settings.PINAX_STRIPE_API_BASE = stripe.url
        application = get_wsgi_application()
        server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=QuietHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_address[1]}"
        webhook = f"{site}/stripe/webhook/"
        life(stripe)
        print(f"\nStripe sends {len(stripe.events)} events, shuffled, each twice, and somebody sends a forged one.\n")
        forged = {**stripe.events[2], "type": "invoice.paid"}
        stripe.deliver(webhook, [forged], secret=SECRET)
        stripe.deliver(webhook, list(stripe.events), secret=SECRET, order="random", seed=7, copies=2)
        rows = [("EVENT", "DELIVERIES", "STATE")]
        rows += [(event.kind, event.deliveries, state(event)) for event in models.Event.objects.order_by("created_at")]
        table(rows)
        print()
        rows = [("MIRRORED", "KEY", "STATUS", "DELETED")]
        for model in (models.Customer, models.PaymentMethod, models.Subscription, models.Invoice, models.Charge):
            for row in model.all_objects.order_by("pk"):
                rows.append((model.__name__, row.pk, getattr(row, "status", ""), "yes" if row.is_deleted else ""))
        table(rows)
        problems = check(stripe)
        print(
            "\n" + ("\n".join(problems) if problems else "Every row is what Stripe has, and every receiver ran once.")
        )
        if not once:
            print(f"\n{site}/admin/  (name demo, password demo), until Ctrl-C.", flush=True)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                print()
        server.shutdown()
        server.server_close()
    return 1 if problems else 0


if __name__ == "__main__":
    status = main("--once" in sys.argv[1:])
    from django.db import connections

    connections.close_all()
    FOLDER.cleanup()
    sys.exit(status)
