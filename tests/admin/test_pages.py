"""What every page of the admin has in common: it opens, changes nothing, asks little, and is safe to look at."""

import datetime
import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from pinax.stripe import models
from pinax.stripe.admin.display.pages import cell, day, percentage
from pinax.stripe.models.fields import AmountColumn, ExactAmountField
from pinax.stripe.models.mirror import MirroredObject
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_object, post_event

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "pinax_stripe"), key=lambda m: m.__name__
)
LISTED = [model for model in TABLES if model is not models.EventProcessingException]
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
#: What a Content-Security-Policy without exceptions for inline code refuses.
INLINE = re.compile(r"<script(?![^>]*(src=|type=\"application/json\"))|<style| style=| on[a-z]+=|javascript:", re.I)
SECRETS = {
    "client_secret": "pi_1_secret_AbCdEfGh",
    "secret": "ek_live_AbCdEfGhIj",
    "note": "use sk_live_AbCdEfGhIjKl or whsec_AbCdEfGhIjKl",
    "url": "https://pay.example.com/?s=seti_1_secret_AbCdEfGh",
}


def list_of(model):
    return reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")


def page_of(row):
    return reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])


def blank_row(model):
    """A row with nothing but what it must have, under a key that needs quoting."""
    if issubclass(model, MirroredObject):
        return model.all_objects.create(id="acct_1/x y_z", as_of="2026-01-01T00:00Z", as_of_end="2026-01-01T00:00Z")
    if model is models.CatchUp:
        return model.objects.create(since="2026-01-01T00:00Z", until="2026-01-02T00:00Z", cursor="2026-01-02T00:00Z")
    event = models.Event.objects.create()
    return event if model is models.Event else model.objects.create(event=event, message="m", traceback="t")


def queries(client, url):
    """What a page asks, once caches are warm; what opens and closes transactions does not count."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as context:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in context.captured_queries if query["sql"].lstrip("(").startswith("SELECT")]


@pytest.fixture
def life(client, fake_stripe):
    """A customer with one of everything, mirrored."""
    fake_stripe.create("product", id="prod_1", name="Gold")
    fake_stripe.create("price", id="price_1", product="prod_1", unit_amount=2000)
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", name=HOSTILE, metadata={HOSTILE: HOSTILE})
    fake_stripe.create("payment_method", id="pm_1", customer="cus_1")
    item = build_object("subscription_item", id="si_1", subscription="sub_1", price=fake_stripe.get("price_1"))
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", status="active", items=[item])
    line = build_object("line_item", id="il_1", amount=4000, currency="jpy", description=HOSTILE)
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    fake_stripe.create("invoice", id="in_1", customer="cus_1", number="SHOP-1", lines=[line], parent=parent)
    fake_stripe.create("payment_intent", id="pi_1", customer="cus_1", metadata=SECRETS, client_secret="pi_1_secret_AbC")
    fake_stripe.create("charge", id="ch_1", customer="cus_1", amount=123456, currency="kwd", payment_intent="pi_1")
    fake_stripe.create("invoice_payment", id="inpay_1", invoice="in_1", payment={"payment_intent": "pi_1"})
    fake_stripe.create("refund", id="re_1", charge="ch_1", amount=1000, currency="kwd")
    for event in fake_stripe.events:
        assert post_event(client, event).status_code == 200
    return fake_stripe


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_list_and_page_opens_and_nothing_can_be_changed(admin_client, model):
    row = blank_row(model)
    assert admin_client.get(list_of(model), {"q": "x y"}).status_code == 200
    for address in (list_of(model), page_of(row)):
        response = admin_client.get(address)
        assert response.status_code == 200
        assert not INLINE.search(response.content.decode())
    assert admin_client.post(page_of(row), {}).status_code == 403
    assert admin_client.get(reverse(f"admin:pinax_stripe_{model._meta.model_name}_add")).status_code == 403
    assert admin_client.get(f"{page_of(row)}../delete/").status_code == 403


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_row_that_does_not_exist_leads_back(admin_client, model):
    url = reverse(f"admin:pinax_stripe_{model._meta.model_name}_change", args=["9999"])
    assert admin_client.get(url).status_code == 302


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_few_queries_however_long_it_is(admin_client, life, model):
    # Session, user, count, rows, and each kind of thing these refer to; the items of subscriptions.
    first = queries(admin_client, list_of(model))
    shown = admin.site.get_model_admin(model).soft_references
    count = 4 + sum(model._base_manager.exclude(**{name: None}).exists() for name in shown)
    count += model is models.Subscription
    for number in range(5):
        life.create("customer", id=f"cus_x{number}")
        life.create("charge", id=f"ch_x{number}", customer=f"cus_x{number}")
        post_event(admin_client, life.events[-1])
    assert len(queries(admin_client, list_of(model))) == len(first) == count


def test_everything_about_a_customer_is_on_one_page(admin_client, life):
    response = admin_client.get(page_of(models.Customer.objects.get()))
    panels = {str(panel.title): panel for panel in response.context["page"].panels}
    counts = {title: len(panel.rows) for title, panel in panels.items()}
    assert counts == {
        "Paid in all": 1,
        "Cards and other means of payment": 1,
        "Subscriptions": 1,
        "Invoices": 1,
        "Charges": 1,
        "Payment intents": 1,
        "Refunds": 1,
        "Events": 6,
    }
    html = response.content.decode()
    for text in ("visa •••• 4242", "Gold, 20.00 USD every month", "123.456 KWD", "1.000 KWD", "SHOP-1"):
        assert text in html
    assert "/admin/pinax_stripe/subscription/sub_5F1/change/" in html


def test_the_page_of_a_customer_costs_the_same_queries_whatever_they_have(admin_client, life):
    first = queries(admin_client, page_of(models.Customer.objects.get()))
    for number in range(15):
        life.create("charge", id=f"ch_x{number}", customer="cus_1")
        post_event(admin_client, life.events[-1])
    item = build_object("subscription_item", id="si_2", subscription="sub_2", price=life.get("price_1"))
    life.create("subscription", id="sub_2", customer="cus_1", status="active", items=[item])
    post_event(admin_client, life.events[-1])
    url = page_of(models.Customer.objects.get())
    # Session, user, customer; failed and waiting events; all panels; the subscriptions' customer, and their items; what
    # the title says of the plan.
    assert len(queries(admin_client, url)) == len(first) == 8
    html = admin_client.get(url).content.decode()
    assert '<a href="/admin/pinax_stripe/charge/?customer=cus_1">All charges</a>' in html
    assert html.count("/admin/pinax_stripe/charge/ch_5F") == 10


# Session, user, the row, all panels, and which of the rows that it refers to have come. Of a subscription also: its
# items, twice, and its customer; of an invoice: its payments and charges, what was refunded of these, and the lines'
# subscriptions; of a charge: what names its invoice.
@pytest.mark.parametrize(("model", "count"), [(models.Subscription, 8), (models.Invoice, 8), (models.Charge, 6)])
def test_other_pages_cost_few_queries(admin_client, life, model, count):
    assert len(queries(admin_client, page_of(model.objects.get()))) == count


def test_an_invoice_shows_its_lines_and_payments(admin_client, life):
    shown = {"Lines": 1, "Charges": 1, "Payment intents": 1, "Refunds": 1, "Events": 1}
    panels = admin_client.get(page_of(models.Invoice.objects.get())).context["page"].panels
    assert {str(panel.title): len(panel.rows) for panel in panels} == shown
    # As it was until 2025-03-31.basil.
    models.InvoicePayment.objects.all().delete()
    models.Charge.objects.update(invoice="in_1")
    panels = admin_client.get(page_of(models.Invoice.objects.get())).context["page"].panels
    # What there is none of has no panel.
    del shown["Payment intents"]
    assert {str(panel.title): len(panel.rows) for panel in panels} == shown


def test_what_there_is_to_say_of_the_row_is_folded(admin_client, life):
    html = admin_client.get(page_of(models.Invoice.objects.get())).content.decode()
    record = html[html.index("<summary><h2>In the mirror</h2></summary>") :].partition("</details>")[0]
    assert "<dt>Version</dt>" in record
    assert '<details class="stripe-document"><summary><h2>In the mirror' in html


def test_a_deleted_customer_still_has_a_page_that_says_so(admin_client, life):
    life.delete("cus_1")
    post_event(admin_client, life.events[-1])
    response = admin_client.get(page_of(models.Customer.all_objects.get()))
    assert "Deleted at Stripe. This is its last known state." in response.content.decode()
    assert "deleted" in admin_client.get(list_of(models.Customer)).content.decode()


def test_staff_sees_only_panels_of_tables_they_may_view(client, life, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    permitted = Permission.objects.filter(codename__in=("view_customer", "view_invoice"))
    viewer.user_permissions.add(*permitted)
    client.force_login(viewer)
    response = client.get(page_of(models.Customer.objects.get()))
    assert [str(panel.title) for panel in response.context["page"].panels] == ["Invoices"]
    assert client.get(page_of(models.Event.objects.first())).status_code == 403


@pytest.fixture
def breaking():
    """A receiver that fails and tells everything it knows."""

    def tell_all(event, **kwargs):
        raise ValueError(f"{HOSTILE} {SECRETS}")

    every_event.connect(tell_all)
    yield tell_all
    every_event.disconnect(tell_all)


@pytest.fixture
def hostile(client, fake_stripe, breaking):
    """Events with hostile content, one genuine, one forged, one garbage."""
    fake_stripe.create("customer", id="cus_1", name=HOSTILE, email=HOSTILE, metadata={HOSTILE: HOSTILE, **SECRETS})
    event = fake_stripe.events[-1]
    agent = {"headers": {"User-Agent": HOSTILE, "Stripe-Signature": "t=1,v1=0123456789abcdef"}}
    for body in (event, {**event, "data": {"object": {**event["data"]["object"], "name": f"{HOSTILE}2", **SECRETS}}}):
        client.post(reverse("pinax_stripe_webhook"), body, content_type="application/json", **agent)
    post_event(client, f"{HOSTILE} {SECRETS}".encode())
    post_event(client, {"id": HOSTILE, "object": "event", "type": HOSTILE, **SECRETS})
    models.Event.objects.filter(valid=False).update(remote_address=HOSTILE[:60])
    return list(models.Event.objects.order_by("pk"))


def addresses(rows):
    """Every page on which an event shows up."""
    yield reverse("admin:pinax_stripe_event_overview")
    yield reverse("admin:app_list", args=["pinax_stripe"])
    for model in (models.Event, models.EventProcessingException, models.Customer):
        yield list_of(model)
    yield f"{list_of(models.Event)}?kind={HOSTILE}&customer={HOSTILE}&q={HOSTILE}"
    for row in (*rows, *models.EventProcessingException.objects.all(), *models.Customer.all_objects.all()):
        yield page_of(row)


def test_what_events_contain_is_never_taken_for_html(admin_client, hostile):
    assert models.EventProcessingException.objects.exists()
    for address in addresses(hostile):
        html = admin_client.get(address).content.decode()
        assert "<script>alert" not in html, address
        assert "<img src=x" not in html, address
        assert not INLINE.search(html.replace("onerror=alert(1)&gt;", "")), address
    assert "&lt;script&gt;alert" in admin_client.get(page_of(hostile[0])).content.decode()


def test_secrets_and_signatures_are_masked(admin_client, hostile):
    for address in addresses(hostile):
        html = admin_client.get(address).content.decode()
        for secret in ("AbCdEfGh", "0123456789abcdef"):
            assert secret not in html, (address, secret)
    html = admin_client.get(page_of(hostile[0])).content.decode()
    for prefix in ("sk_live_…", "whsec_…", "seti_1_secret_…", "t=1,v1=…"):
        assert prefix in html


def test_amounts_are_shown_in_their_currency():
    """A column of minor units that pages do not know would be shown as if it were whole units."""
    shown = {}
    for model in TABLES:
        columns = [column for column in model._meta.concrete_fields if isinstance(column, AmountColumn)]
        currencies = {column.currency: "usd" for column in columns}
        if model is models.CreditNoteLineItem:  # It names none: its amounts are in that of the note.
            currencies = {"credit_note": models.CreditNote(currency="usd")}
        row = model(**{column.name: 2000 for column in columns}, **currencies)
        shown |= {f"{model.__name__}.{column.name}": cell(row, column) for column in columns}
    assert set(shown.values()) == {"20.00 USD"}
    columns = [column for model in TABLES for column in model._meta.concrete_fields]
    minor = {column for column in columns if str(column.help_text).startswith("Minor units")}
    exact = {column for column in columns if isinstance(column, ExactAmountField)}
    assert {f"{column.model.__name__}.{column.name}" for column in minor | exact} == shown.keys()
    assert {column.name for column in exact} >= {"amount_decimal", "unit_amount_decimal"}


def test_events_of_a_customer_that_wait_are_shown_on_the_customer_s_page(client, admin_client, life):
    """Whose an event is, is on record once it is decided; until then its object has to say."""
    page = page_of(models.Customer.objects.get())
    assert "wait" not in str(admin_client.get(page).context["page"].badges)
    life.create("customer", id="cus_2")
    life.update("cus_1", name="Jenny Rosen")
    life.update("sub_1", quantity=2)
    life.fail(status=500, times=None)
    for event in life.events[-3:]:
        assert post_event(client, event).status_code == 503
    badge = admin_client.get(page).context["page"].badges[-1]
    assert "2 events wait" in badge
    assert 'href="/admin/pinax_stripe/event/?state=waiting"' in badge


def test_a_subscription_is_called_by_what_was_subscribed_to(admin_client, life):
    title = "Gold, 20.00 USD every month"
    item = build_object("subscription_item", id="si_2", subscription="sub_2", price=life.get("price_1"), quantity=3)
    life.create("subscription", id="sub_2", customer="cus_1", status="active", items=[item])
    post_event(admin_client, life.events[-1])
    subscription = models.Subscription.objects.get(pk="sub_2")
    assert (
        admin_client.get(page_of(subscription)).context["page"].title
        == f"Subscription 3 \N{MULTIPLICATION SIGN} {title}"
    )
    html = admin_client.get(list_of(models.Subscription)).content.decode()
    assert f">{title}<br>" in html
    assert f">3 \N{MULTIPLICATION SIGN} {title}<br>" in html


def test_a_list_of_charges_says_why_one_failed_and_what_was_refunded_only_where_something_was(admin_client, life):
    life.create("charge", id="ch_2", status="failed", failure_code="card_declined", amount=100, amount_refunded=0)
    post_event(admin_client, life.events[-1])
    html = admin_client.get(list_of(models.Charge)).content.decode()
    assert 'failed</span><br><span class="stripe-muted stripe-line">card_<wbr>declined</span>' in html
    assert "0.00 USD" not in html


@pytest.mark.parametrize(("language", "text"), [("en", "Nov. 24, 2026"), ("de", "24.11.2026"), ("fr", "24/11/2026")])
def test_a_day_fits_on_one_line_of_a_list(language, text):
    with translation.override(language):
        assert day(datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("25.0000", "25"), ("12.5000", "12.5"), ("100.0000", "100"), ("0.0000", "0"), (None, "")],
)
def test_a_percentage_has_no_more_decimals_than_it_needs(value, text):
    shown = percentage(None if value is None else Decimal(value))
    assert shown == (f"{text}%" if text else "")
