"""An invoice and what was paid towards it lead to each other, and the invoice's page knows what became of the money."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.objects.paid_invoices import invoice_keys

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z"}


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key.rpartition("/")[2], **{**TIMES, **columns})


def invoice(key="in_1", **columns):
    amounts = {"total": 2000, "amount_due": 2000, "amount_paid": 2000, "amount_remaining": 0, "currency": "usd"}
    return mirror(models.Invoice, key, **{"status": "paid", **amounts, **columns})


def charge(key="ch_1", **columns):
    return mirror(models.Charge, key, **{"amount": 2000, "currency": "usd", "status": "succeeded", **columns})


def intent(key="pi_1", **columns):
    return mirror(models.PaymentIntent, key, **columns)


def between(**columns):
    mirror(models.InvoicePayment, "inpay_1", **columns)


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def panel(client, row, title):
    """The first cells of a panel's rows, as text; [] when there is no such panel."""
    return next(
        ([str(cells[0]) for cells in each.rows] for each in page(client, row).panels if each.title == title), []
    )


def day(**kwargs):
    return timezone.now() + datetime.timedelta(**kwargs)


#: How a payment and an invoice are connected -> makes it so.
WAYS = {
    "an invoice payment names invoice and intent": lambda: (
        between(invoice_id="in_1", payment_intent_id="pi_1"),
        charge(payment_intent_id="pi_1"),
        invoice(),
    ),
    "an invoice payment names invoice and charge": lambda: (
        between(invoice_id="in_1", charge_id="ch_1"),
        charge(payment_intent_id="pi_1"),
        invoice(),
    ),
    "the charge names the invoice": lambda: (charge(invoice_id="in_1", payment_intent_id="pi_1"), invoice()),
    "the intent names the invoice": lambda: (
        intent(invoice_id="in_1"),
        charge(payment_intent_id="pi_1"),
        invoice(),
    ),
    "the invoice names the charge": lambda: (charge(payment_intent_id="pi_1"), invoice(charge_id="ch_1")),
    "the invoice names the intent": lambda: (charge(payment_intent_id="pi_1"), invoice(payment_intent_id="pi_1")),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_charge_leads_to_its_invoice_and_back_in_every_api_version(admin_client, way):
    WAYS[way]()
    invoice("in_other")
    charge("ch_other", payment_intent_id="pi_other")
    refund = mirror(models.Refund, "re_1", charge_id="ch_1", payment_intent_id="pi_1", amount=500, currency="usd")
    for row in (models.Charge.objects.get(pk="ch_1"), refund):
        [linked] = panel(admin_client, row, "Invoices")
        assert 'href="/admin/pinax_stripe/invoice/in_5F1/change/"' in linked
    back = models.Invoice.objects.get(pk="in_1")
    [linked] = panel(admin_client, back, "Charges")
    assert 'href="/admin/pinax_stripe/charge/ch_5F1/change/"' in linked
    assert len(panel(admin_client, back, "Refunds")) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if "intent" in way])
def test_an_intent_leads_to_its_invoice_and_back(admin_client, way):
    WAYS[way]()
    row = models.PaymentIntent.objects.get_or_create(pk="pi_1", defaults=TIMES)[0]
    assert len(panel(admin_client, row, "Invoices")) == 1
    assert len(panel(admin_client, models.Invoice.objects.get(pk="in_1"), "Payment intents")) == 1


def test_a_payment_without_an_invoice_has_no_panel_of_invoices(admin_client):
    invoice()
    assert panel(admin_client, charge(payment_intent_id="pi_9"), "Invoices") == []
    assert panel(admin_client, mirror(models.Refund, "re_1"), "Invoices") == []
    assert panel(admin_client, intent(), "Invoices") == []


def test_connected_accounts_do_not_mix(admin_client):
    invoice("acct_1/in_1", stripe_account="acct_1")
    invoice("in_1")
    between(invoice_id="acct_1/in_1", payment_intent_id="acct_1/pi_1")
    row = charge("acct_1/ch_1", payment_intent_id="acct_1/pi_1", stripe_account="acct_1")
    [linked] = panel(admin_client, row, "Invoices")
    assert "/invoice/acct_5F1_2Fin_5F1/change/" in linked


def test_the_way_between_them_is_one_statement_of_indexed_conditions():
    with CaptureQueriesContext(connection) as context:
        assert invoice_keys("ch_1", "pi_1") == []
    [query] = context.captured_queries
    assert query["sql"].count("UNION") == 6
    assert " OR " not in query["sql"]
    assert " IN (SELECT" not in query["sql"]


#: Columns of an invoice, and of its charges -> what its page says.
SAID = {
    "paid": ({}, [{}], "Nothing is owed: 20.00 USD of 20.00 USD were paid."),
    "refunded in full": ({}, [{"amount_refunded": 2000}], "20.00 USD of 20.00 USD were paid, and refunded in full."),
    "refunded in part": (
        {},
        [{"amount_refunded": 500}, {"id": "ch_2", "amount_refunded": 100}],
        "20.00 USD of 20.00 USD were paid, and 6.00 USD of that were refunded.",
    ),
    "paid from a balance": ({"amount_paid": 500}, [{}], "Nothing is owed: 5.00 USD of 20.00 USD were paid."),
    "for nothing": ({"total": 0, "amount_paid": 0}, [], "Nothing is owed: there was nothing to pay."),
    "draft": ({"status": "draft"}, [], "A draft: nothing is owed before it is finalized."),
    "void": ({"status": "void"}, [], "Void: nothing is owed."),
    "uncollectible": (
        {"status": "uncollectible", "amount_remaining": 1500, "next_payment_attempt": day(days=3)},
        [],
        "15.00 USD of 20.00 USD were never paid, and are marked as uncollectible.",
    ),
    "open": ({"status": "open", "amount_remaining": 1500}, [], "15.00 USD of 20.00 USD are still due."),
    "open, of a version without what remains": (
        {"status": "open", "amount_remaining": None},
        [],
        "20.00 USD of 20.00 USD are still due.",
    ),
    "collected again": (
        {"status": "open", "amount_remaining": 1500, "next_payment_attempt": day(days=3)},
        [],
        "15.00 USD are still due; Stripe tries to collect them on ",
    ),
    "collected again, as of last week": (
        {"status": "open", "amount_remaining": 1500, "next_payment_attempt": day(days=-7)},
        [],
        "15.00 USD of 20.00 USD are still due.",
    ),
    "sent": (
        {"status": "open", "amount_remaining": 1500, "due_date": day(days=3)},
        [],
        "15.00 USD of 20.00 USD are still due, by ",
    ),
    "sent, and late": (
        {"status": "open", "amount_remaining": 1500, "due_date": day(days=-3)},
        [],
        "15.00 USD of 20.00 USD are still due; they should have been paid by ",
    ),
    "deleted draft": (
        {"status": "draft", "deleted_at": "2026-01-02T00:00Z"},
        [],
        "Deleted at Stripe. This is its last known state.",
    ),
    "of a status that is newer than this release": ({"status": "half_paid"}, [], ""),
}


@pytest.mark.parametrize("case", SAID)
def test_an_invoice_says_what_is_owed_and_what_was_given_back(admin_client, case):
    columns, charges, said = SAID[case]
    row = invoice(**columns)
    for values in charges:
        charge(values.get("id", "ch_1"), invoice_id="in_1", **{k: v for k, v in values.items() if k != "id"})
    # Of another currency, and of another invoice.
    charge("ch_x", invoice_id="in_1", amount_refunded=9, currency="eur")
    charge("ch_y", invoice_id="in_2", amount_refunded=9)
    summary = page(admin_client, row).summary
    assert summary.startswith(said)
    assert bool(summary) == bool(said)


def test_an_invoice_says_that_its_payment_is_disputed(admin_client):
    row = invoice()
    charge(invoice_id="in_1", disputed=False)
    assert "disputed" not in str(page(admin_client, row).badges)
    charge("ch_2", invoice_id="in_1", disputed=True)
    assert "disputed" in str(page(admin_client, row).badges)


def test_what_became_of_charges_is_for_those_who_may_view_them(client, django_user_model):
    row = invoice()
    charge(invoice_id="in_1", amount_refunded=2000, disputed=True)
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    client.force_login(viewer)
    found = page(client, row)
    assert found.summary == "Nothing is owed: 20.00 USD of 20.00 USD were paid."
    assert "disputed" not in str(found.badges)


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"captured": True}, "succeeded"),
        ({"captured": None}, "succeeded"),
        ({"captured": False}, "authorized, not captured"),
        ({"captured": False, "status": "failed"}, "failed"),
        ({"captured": False, "refunded": True}, "refunded"),
        ({"captured": True, "disputed": True}, "disputed"),
    ],
)
def test_a_charge_that_took_nothing_yet_has_not_succeeded(admin_client, columns, word):
    row = charge(**columns)
    assert f" {word}</span>" in str(page(admin_client, row).badges[0])
