"""What pages say of discounts, promotion codes, credit notes and invoice items."""

import datetime

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.timezone.utc)
PAST, SOON = NOW - datetime.timedelta(days=9), NOW + datetime.timedelta(days=21)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, as_of=NOW, as_of_end=NOW, **columns)


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    return client.get(url).context["page"]


def first_badge(client, row):
    """The words of the first badge."""
    return page(client, row).badges[0].partition("</span> ")[2].partition("<")[0]


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({}, "given", "12.5% off all that the customer buys. It has no end yet."),
        (
            {"subscription_id": "sub_1", "end": SOON},
            "given",
            "12.5% off a subscription. It is given until March 24, 2026.",
        ),
        (
            {"invoice_id": "in_1", "end": PAST},
            "ended",
            "12.5% off one invoice. It is not given any more since Feb. 22, 2026.",
        ),
        (
            {"deleted_at": PAST},
            "deleted",
            "12.5% off all that the customer buys. It is not given any more since Feb. 22, 2026.",
        ),
        ({"coupon_id": "GONE"}, "given", "It has no end yet."),
    ],
)
def test_a_discount_says_what_it_takes_off_and_until_when(admin_client, columns, state, said):
    mirror(models.Coupon, "SUMMER", percent_off="12.5")
    row = mirror(models.Discount, "di_1", **{"coupon_id": "SUMMER", **columns})
    assert (first_badge(admin_client, row), page(admin_client, row).summary) == (state, said)


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({"active": True}, "active", "Customers enter this code to get 5.00 USD off."),
        ({"active": False}, "switched off", "Customers enter this code to get 5.00 USD off."),
        ({"active": True, "expires_at": PAST}, "expired", "Customers enter this code to get 5.00 USD off."),
        (
            {"active": True, "expires_at": SOON, "customer_id": "cus_1"},
            "active",
            "One customer can enter this code to get 5.00 USD off. It expires on March 24, 2026.",
        ),
        (
            {"active": True, "max_redemptions": 2, "times_redeemed": 2},
            "used up",
            "Customers enter this code to get 5.00 USD off.",
        ),
    ],
)
def test_a_promotion_code_says_what_it_gives_and_until_when(admin_client, columns, state, said):
    mirror(models.Coupon, "SUMMER", amount_off=500, currency="usd")
    row = mirror(models.PromotionCode, "promo_1", code="Hot", coupon_id="SUMMER", **columns)
    assert (first_badge(admin_client, row), page(admin_client, row).summary) == (state, said)


def test_a_promotion_code_is_found_whatever_its_case(admin_client):
    row = mirror(models.PromotionCode, "promo_1", code="Summer20")
    mirror(models.PromotionCode, "promo_2", code="Winter20")
    response = admin_client.get(reverse("admin:pinax_stripe_promotioncode_changelist"), {"q": "SUMMER20"})
    assert [found.pk for found in response.context["cl"].result_list] == [row.pk]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"status": "issued", "pre_payment_amount": 500}, "5.00 USD less are owed on the invoice."),
        ({"status": "issued", "post_payment_amount": 500}, "5.00 USD of what was paid are given back."),
        (
            {"status": "issued", "pre_payment_amount": 500, "post_payment_amount": 700, "out_of_band_amount": 700},
            "5.00 USD less are owed on the invoice. 7.00 USD of what was paid are given back. 7.00 USD of that are "
            "given back outside of Stripe.",
        ),
        ({"status": "void", "pre_payment_amount": 500}, "Void: the invoice counts in full again."),
    ],
)
def test_a_credit_note_says_what_it_takes_back(admin_client, columns, said):
    row = mirror(models.CreditNote, "cn_1", currency="usd", **columns)
    assert page(admin_client, row).summary == said


def test_lines_of_a_credit_note_have_its_currency(admin_client):
    note = mirror(models.CreditNote, "cn_1", currency="eur")
    row = mirror(models.CreditNoteLineItem, "cnli_1", credit_note=note, amount=1500, description="Gold")
    alone = mirror(models.CreditNoteLineItem, "cnli_2", credit_note_id="cn_2", amount=1500)
    assert (row.currency, alone.currency) == ("eur", "")
    (panel,) = [panel for panel in page(admin_client, note).panels if panel.title == "Lines"]
    assert panel.rows[0][2] == "15.00 EUR"


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({}, "waits for an invoice", "5.00 USD are billed with the customer's next invoice."),
        ({"amount": -500}, "waits for an invoice", "5.00 USD are credited on the customer's next invoice."),
        ({"invoice_id": "in_1"}, "on an invoice", ""),
        ({"deleted_at": PAST}, "deleted", "Deleted at Stripe. This is its last known state."),
    ],
)
def test_an_invoice_item_says_whether_it_waits(admin_client, columns, state, said):
    row = mirror(models.InvoiceItem, "ii_1", **{"currency": "usd", "amount": 500, **columns})
    assert (first_badge(admin_client, row), page(admin_client, row).summary) == (state, said)


def test_a_customer_s_page_has_its_discounts_credit_notes_entitlements_and_cash(admin_client):
    customer = mirror(models.Customer, "cus_1")
    belonging = {
        **{models.Discount: "di_1", models.CreditNote: "cn_1", models.InvoiceItem: "ii_1"},
        **{models.ActiveEntitlement: "ent_1", models.CashBalance: "cus_1"},
    }
    for model, key in belonging.items():
        mirror(model, key, customer=customer)
    titles = {str(panel.title) for panel in page(admin_client, customer).panels}
    assert titles >= {"Discounts", "Credit notes", "Invoice items", "Entitlements", "Cash balances"}


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({"active": True, "percentage": "19"}, "active", "19%, on top of the amounts."),
        ({"active": False, "percentage": "7.7", "inclusive": True}, "archived", "7.7%, which the amounts include."),
        ({"active": True}, "active", ""),
    ],
)
def test_a_tax_rate_says_what_it_takes(admin_client, columns, state, said):
    row = mirror(models.TaxRate, "txr_1", **columns)
    assert (first_badge(admin_client, row), page(admin_client, row).summary) == (state, said)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("pending", "The authority has not answered yet; Stripe sends an event when it does."),
        ("unverified", "The authority does not know this tax id. Ask the customer for the right one."),
        ("newer than this release", ""),
    ],
)
def test_a_tax_id_says_what_the_authority_says(admin_client, status, said):
    row = mirror(models.TaxId, "txi_1", verification_status=status)
    assert page(admin_client, row).summary == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("active", "It counts the events that are sent as “api_call”."),
        ("inactive", "Switched off: Stripe takes no more events for it."),
    ],
)
def test_a_meter_says_what_it_counts(admin_client, status, said):
    assert page(admin_client, mirror(models.Meter, "mtr_1", status=status, event_name="api_call")).summary == said


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({}, "effective", ""),
        ({"expires_at": SOON}, "effective", " It expires on March 24, 2026."),
        ({"expires_at": PAST}, "expired", " It expired on Feb. 22, 2026."),
        ({"effective_at": SOON}, "not effective yet", " It can be used from March 24, 2026."),
        ({"voided_at": PAST}, "voided", " It was voided on Feb. 22, 2026."),
    ],
)
def test_a_credit_grant_says_until_when_it_can_be_used(admin_client, columns, state, said):
    row = mirror(models.CreditGrant, "credgr_1", amount=500, currency="usd", **columns)
    assert first_badge(admin_client, row) == state
    assert page(admin_client, row).summary == f"The customer got 5.00 USD for what they use.{said}"
    assert row.is_usable(NOW) is (state == "effective")


@pytest.mark.parametrize(
    ("kind", "said"),
    [("credit", "5.00 USD of credit came in."), ("debit", "5.00 USD of credit were used or lost.")],
)
def test_a_credit_transaction_says_what_came_or_went(admin_client, kind, said):
    row = mirror(models.CreditBalanceTransaction, "cbtxn_1", amount=500, currency="usd", type=kind)
    assert page(admin_client, row).summary == said


def test_a_file_says_where_it_is(admin_client):
    row = mirror(models.File, "file_1", filename="proof.pdf", expires_at=SOON)
    assert page(admin_client, row).summary == "The file itself is at Stripe, until March 24, 2026."


@pytest.mark.parametrize(
    ("columns", "state", "said"),
    [
        ({"expired": False}, "open", "Everyone who has its address sees the file, without an end."),
        ({"expires_at": SOON}, "open", "Everyone who has its address sees the file until March 24, 2026."),
        ({"expires_at": PAST, "expired": False}, "expired", "It leads to the file no more."),
        ({"expired": True}, "expired", "It leads to the file no more."),
    ],
)
def test_a_file_link_says_who_sees_the_file(admin_client, columns, state, said):
    row = mirror(models.FileLink, "link_1", **columns)
    assert (first_badge(admin_client, row), page(admin_client, row).summary) == (state, said)


def test_a_test_clock_says_what_time_it_is(admin_client):
    row = mirror(models.TestClock, "clock_1", status="ready", frozen_time=SOON)
    assert page(admin_client, row).summary == "For its customers and subscriptions it is 7 a.m. on March 24, 2026."


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"status": "not_started"}, "Its first phase has not begun yet."),
        (
            {"status": "active", "current_phase_end": SOON, "end_behavior": "cancel"},
            "The phase that runs ends on March 24, 2026. After the last one: the subscription is canceled.",
        ),
        ({"status": "active"}, ""),
        ({"status": "completed", "completed_at": PAST}, "All phases are over since Feb. 22, 2026."),
        (
            {"status": "released", "released_at": PAST},
            "It let its subscription go on Feb. 22, 2026, and changes nothing any more.",
        ),
        (
            {"status": "canceled", "canceled_at": PAST},
            "It was canceled on Feb. 22, 2026, and changes nothing any more.",
        ),
        ({"status": "newer than this release"}, ""),
    ],
)
def test_a_schedule_says_what_comes_next(admin_client, columns, said):
    assert page(admin_client, mirror(models.SubscriptionSchedule, "sub_sched_1", **columns)).summary == said


def test_a_schedule_shows_its_phases(admin_client):
    schedule = mirror(models.SubscriptionSchedule, "sub_sched_1")
    for position, price in ((0, "price_1"), (1, "price_2")):
        phase = {"subscription_schedule": schedule, "position": position, "price_ids": [price]}
        mirror(models.SubscriptionSchedulePhase, f"sub_sched_1/{position}", **phase)
    (panel,) = [panel for panel in page(admin_client, schedule).panels if panel.title == "Phases"]
    assert [row[3] for row in panel.rows] == ["price_1", "price_2"]
