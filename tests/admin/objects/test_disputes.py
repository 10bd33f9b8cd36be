"""Staff read on a dispute's page how much it is about, why, and until when there is something to do."""

import datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display.pages import day

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z", "created_at": "2026-01-01T00:00Z"}
SOON, PAST = datetime.timedelta(days=5), datetime.timedelta(days=-1)


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def dispute(key="dp_1", **columns):
    known = {"amount": 2000, "currency": "usd", "reason": "product_not_received", "charge_id": "ch_1"}
    return mirror(models.Dispute, key, **{**known, **columns})


def page(client, row):
    url = reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def summary(client, **columns):
    return str(page(client, dispute(**columns)).summary)


def test_an_open_dispute_says_how_much_why_and_when_evidence_is_due(admin_client):
    due = timezone.now() + SOON
    found = summary(admin_client, status="needs_response", evidence_due_by=due)
    assert "20.00 USD" in found
    assert "product not received" in found
    assert f"Evidence is due by {day(due)};" in found
    assert "without it the dispute is lost" in found


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"has_evidence": True, "submission_count": 0}, "Evidence is saved, but not submitted"),
        ({"has_evidence": True, "submission_count": 1}, "Evidence is due by"),
        ({"evidence_past_due": True}, "it is too late for more"),
        ({"evidence_due_by": timezone.now() + PAST, "evidence_past_due": False}, "it is too late for more"),
        ({"evidence_due_by": None}, "Without evidence the dispute is lost"),
    ],
)
def test_what_is_left_to_do_follows_from_evidence_and_time(admin_client, columns, expected):
    known = {"status": "needs_response", "evidence_due_by": timezone.now() + SOON}
    assert expected in summary(admin_client, **{**known, **columns})


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("under_review", "the bank decides"),
        ("won", "come back to the balance"),
        ("lost", "Nothing more can be done"),
        ("prevented", "settled before a dispute began"),
        ("charge_refunded", "was refunded"),
        ("warning_needs_response", "takes nothing yet"),
        ("warning_under_review", "the answer is with the customer's bank"),
        ("warning_closed", "no dispute came of it"),
        ("appeal_needs_response", "unless you appeal"),
        ("appeal_under_review", "under appeal"),
    ],
)
def test_each_status_has_a_sentence(admin_client, status, expected):
    found = summary(admin_client, status=status, evidence_due_by=timezone.now() + SOON)
    assert expected in found
    assert "20.00 USD" in found


def test_a_status_newer_than_this_release_has_none(admin_client):
    assert summary(admin_client, status="adjudicated") == ""


def test_the_pages_of_the_charge_the_intent_and_the_customer_show_the_dispute(admin_client):
    customer = mirror(models.Customer, "cus_1")
    intent = mirror(models.PaymentIntent, "pi_1", customer_id="cus_1")
    charge = mirror(models.Charge, "ch_1", customer_id="cus_1", payment_intent_id="pi_1", currency="usd")
    dispute(status="needs_response", payment_intent_id="pi_1", evidence_due_by=timezone.now() + SOON)
    for row in (customer, intent, charge):
        with CaptureQueriesContext(connection) as context:
            panels = {panel.title: panel for panel in page(admin_client, row).panels}
        assert "dp_1" in str(panels["Disputes"].rows[0][0])
        assert "product not received" in str(panels["Disputes"].rows[0])
        assert len(context.captured_queries) <= 10


def test_another_customer_s_disputes_are_not_shown(admin_client):
    customer = mirror(models.Customer, "cus_1")
    mirror(models.Charge, "ch_1", customer_id="cus_2")
    dispute(status="lost")
    assert "Disputes" not in [panel.title for panel in page(admin_client, customer).panels]


def test_the_list_shows_when_evidence_is_due_and_can_be_filtered_by_status(admin_client):
    dispute(status="needs_response", evidence_due_by=timezone.now() + SOON)
    dispute("dp_2", status="lost", evidence_due_by=timezone.now() + SOON)
    url = reverse("admin:pinax_stripe_dispute_changelist")
    listed = admin_client.get(url, {"status": "lost"}).context["cl"]
    assert [row.pk for row in listed.result_list] == ["dp_2"]
    model_admin = admin.site.get_model_admin(models.Dispute)
    assert model_admin.due(models.Dispute.objects.get(pk="dp_2")) == ""
    assert model_admin.due(models.Dispute.objects.get(pk="dp_1")) != ""
