"""Each list as CSV: what its filters leave, streamed, without secrets, and harmless in a spreadsheet."""

import csv
import datetime
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.admin import export
from pinax.stripe.models.customers import checkout_reference
from tests.plans import captured

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)
NAMES = sorted(model._meta.model_name for model in admin.site._registry if model._meta.app_label == "pinax_stripe")


def mirror(model, key, **columns):
    defaults = {"stripe_id": key, "as_of": NOW, "as_of_end": NOW, "created_at": NOW, "livemode": True}
    return model.all_objects.create(id=key, **{**defaults, **columns})


def url(name):
    return reverse(f"admin:pinax_stripe_{name}_csv")


def rows(client, name, **query):
    """The rows of a list, as a spreadsheet reads them."""
    response = client.get(url(name), query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", NAMES)
def test_every_list_can_be_downloaded_and_says_so(admin_client, name):
    assert rows(admin_client, name) == []
    html = admin_client.get(reverse(f"admin:pinax_stripe_{name}_changelist")).content.decode()
    assert 'href="csv/?">Download as CSV</a>' in html


def test_values_are_the_same_in_every_language(admin_client, settings):
    settings.LANGUAGE_CODE, settings.TIME_ZONE = "de", "Asia/Tokyo"
    mirror(models.Charge, "ch_1", amount=123_456, amount_refunded=0, currency="usd", status="succeeded", paid=True)
    mirror(models.Charge, "ch_2", amount=123_456, currency="jpy", captured=False, created_at=None)
    mirror(models.Charge, "ch_3", amount=123_456)
    first, second, third = sorted(rows(admin_client, "charge"), key=lambda row: row["id"])
    assert (first["amount"], first["amount_refunded"], second["amount"], third["amount"]) == (
        "1234.56",
        "0.00",
        "123456",
        "123456",
    )
    assert (first["created_at"], second["created_at"]) == ("2026-03-04T12:30:00Z", "")
    assert (first["paid"], second["captured"], first["captured"]) == ("true", "false", "")
    assert (first["status"], first["currency"]) == ("succeeded", "usd")


def test_an_amount_without_a_currency_of_its_own_is_in_that_of_its_owner(admin_client):
    mirror(models.CreditNote, "cn_1", currency="jpy")
    mirror(models.CreditNoteLineItem, "cnli_1", credit_note_id="cn_1", amount=1500)
    mirror(models.CreditNoteLineItem, "cnli_2", credit_note_id="cn_later", amount=1500)
    assert [row["amount"] for row in rows(admin_client, "creditnotelineitem")] == ["1500", "1500"]
    models.CreditNote.objects.update(currency="usd")
    assert [row["amount"] for row in rows(admin_client, "creditnotelineitem")] == ["15.00", "1500"]


def test_a_file_follows_the_filters_and_the_search_of_the_list(admin_client):
    mirror(models.Subscription, "sub_1", status="active")
    mirror(models.Subscription, "sub_2", status="past_due")
    assert [row["id"] for row in rows(admin_client, "subscription", status="past_due")] == ["sub_2"]
    assert [row["id"] for row in rows(admin_client, "subscription", q="sub_1")] == ["sub_1"]
    response = admin_client.get(reverse("admin:pinax_stripe_subscription_changelist"), {"status": "past_due"})
    assert 'href="csv/?status=past_due"' in response.content.decode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", " =1", "\uff1d1"])
def test_a_text_is_no_formula(admin_client, text):
    mirror(models.Customer, "cus_1", name=text, balance=-500, currency="usd")
    [row] = rows(admin_client, "customer")
    assert row["name"] == f"'{text}"
    # A negative amount is a number.
    assert row["balance"] == "-5.00"


def test_secrets_documents_and_links_that_need_no_login_are_left_out(admin_client, admin_user):
    reference = checkout_reference(admin_user)
    mirror(
        models.CheckoutSession,
        "cs_1",
        client_reference_id=reference,
        customer_email="sk_live_abcdefghijk@example.com",
        stripe_data={"url": "https://checkout.example.com"},
    )
    mirror(models.Invoice, "in_1", hosted_invoice_url="https://invoice.example.com/secret")
    [session], [invoice] = rows(admin_client, "checkoutsession"), rows(admin_client, "invoice")
    assert session["client_reference_id"] == "…"
    assert session["customer_email"].startswith("sk_live_…")
    assert not {"stripe_data", "metadata"} & session.keys()
    assert "hosted_invoice_url" not in invoice


def test_an_event_is_exported_without_what_it_says(admin_client):
    event = models.Event.objects.create(stripe_id="evt_1", kind="invoice.paid", webhook_message='{"id": "evt_1"}')
    models.EventProcessingException.objects.create(event=event, data="shop.mail", message="ValueError: jenny")
    [row] = rows(admin_client, "event")
    assert (row["stripe_id"], row["kind"]) == ("evt_1", "invoice.paid")
    assert not {"webhook_message", "validated_message", "explanation", "difference"} & row.keys()
    [row] = rows(admin_client, "eventprocessingexception")
    assert row.keys() == {"id", "event", "data", "created_at"}


def test_staff_get_the_files_of_lists_that_they_may_view(client, django_user_model):
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    assert client.get(url("customer")).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_customer"))
    owner = django_user_model.objects.create_user("jenny")
    mirror(models.Customer, "cus_1", user=owner)
    [row] = rows(client, "customer")
    assert "user" not in row
    staff.user_permissions.add(Permission.objects.get(codename="view_user"))
    [row] = rows(client, "customer")
    assert row["user"] == str(owner.pk)
    client.logout()
    assert client.get(url("customer")).status_code == 302


def test_a_file_is_streamed_with_one_statement(admin_client, monkeypatch):
    monkeypatch.setattr(export, "CHUNK", 2)
    for number in range(7):
        mirror(models.Charge, f"ch_{number}", amount=number, currency="usd")
    with CaptureQueriesContext(connection) as context:
        response = admin_client.get(url("charge"))
        lines = iter(response.streaming_content)
        assert next(lines).startswith(b"\xef\xbb\xbfid,stripe_id,")
        assert sum(1 for _line in lines) == 7
    # The count and the first page of the list, both up to a limit, and the file, whose cursor PostgreSQL has by itself.
    own = 1 if connection.vendor == "sqlite" else 0
    assert len([sql for sql in captured(context) if "pinax_stripe_charge" in sql]) == 2 + own
    assert response["Content-Disposition"].startswith('attachment; filename="charge-')


def test_an_address_that_filters_by_nothing_leads_to_the_list(admin_client):
    response = admin_client.get(url("charge"), {"created_at__gte": "no day"})
    assert response.status_code == 302
    assert admin_client.get(url("customer"), {"stripe_data__name": "x"}).status_code == 400
