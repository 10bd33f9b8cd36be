"""What a row refers to is a link where it is there; else a text says that it has not come, and links to Stripe."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.admin.display import links
from pinax.stripe.models.mirror import MirroredObject, SoftForeignKey

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z"}
#: Each reference of each table.
REFERENCES = [
    (model, column)
    for model in sorted(MirroredObject.__subclasses__(), key=lambda model: model.__name__)
    for column in model._meta.concrete_fields
    if isinstance(column, SoftForeignKey)
]


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key.rpartition("/")[2], **{**TIMES, **columns})


def page_url(row):
    return reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[admin.utils.quote(row.pk)])


def list_url(model):
    return reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")


def html(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def notice(key, address):
    """How a page shows what has not come."""
    link = f'<a href="{address}" rel="noopener noreferrer">dashboard</a>'
    return f'{key}<br><span class="stripe-muted stripe-line">not here yet · {link}</span>'


@pytest.mark.sampled
@pytest.mark.parametrize(("model", "column"), REFERENCES, ids=str)
def test_no_reference_is_a_link_that_leads_nowhere(admin_client, model, column):
    row = mirror(model, "x_1", livemode=True, **{column.attname: "y_1"})
    target = column.related_model
    link = f'href="{reverse(f"admin:pinax_stripe_{target._meta.model_name}_change", args=["y_5F1"])}"'
    pages = [html(admin_client, url) for url in (page_url(row), list_url(model))]
    assert not any(link in page for page in pages)
    assert "not here yet" in pages[0]
    is_listed = column.name in admin.site.get_model_admin(model).soft_references
    assert ("not here yet" in pages[1]) is is_listed
    mirror(target, "y_1", deleted_at="2026-01-02T00:00Z")
    pages = [html(admin_client, url) for url in (page_url(row), list_url(model))]
    # A list of the table that the reference is to shows the row itself.
    assert [link in page for page in pages] == [True, is_listed or target is model]
    assert not any("not here yet" in page for page in pages)


@pytest.mark.parametrize(
    ("columns", "address"),
    [
        ({"livemode": True}, "https://dashboard.stripe.com/customers/cus_1"),
        ({"livemode": False}, "https://dashboard.stripe.com/test/customers/cus_1"),
        ({"livemode": None}, "https://dashboard.stripe.com/customers/cus_1"),
        (
            {"livemode": False, "stripe_account": "acct_1", "customer_id": "acct_1/cus_1"},
            "https://dashboard.stripe.com/acct_1/test/customers/cus_1",
        ),
    ],
)
def test_what_has_not_come_is_shown_by_stripe_s_dashboard_in_its_mode_and_account(admin_client, columns, address):
    row = mirror(models.Charge, "ch_1", **{"customer_id": "cus_1", **columns})
    shown = notice(row.customer_id, address)
    assert shown in html(admin_client, page_url(row))
    assert shown in html(admin_client, list_url(models.Charge))


def test_what_the_dashboard_has_no_page_of_is_found_by_its_search(admin_client):
    row = mirror(models.InvoiceLineItem, "il_1", subscription_item_id="si_1", livemode=False)
    assert notice("si_1", "https://dashboard.stripe.com/test/search?query=si_1") in html(admin_client, page_url(row))


def test_a_line_of_an_invoice_says_that_its_subscription_has_not_come(admin_client):
    invoice = mirror(models.Invoice, "in_1")
    for number in range(3):
        mirror(models.InvoiceLineItem, f"il_{number}", invoice_id="in_1", subscription_id=f"sub_{number}")
    mirror(models.Subscription, "sub_1")
    page = html(admin_client, page_url(invoice))
    assert notice("sub_0", "https://dashboard.stripe.com/subscriptions/sub_0") in page
    assert 'href="/admin/pinax_stripe/subscription/sub_5F1/change/">sub_1</a>' in page


def test_whether_rows_are_there_is_asked_in_one_statement():
    mirror(models.Customer, "cus_1")
    mirror(models.Plan, "gold", deleted_at="2026-01-02T00:00Z")
    wanted = [(models.Customer, "cus_1"), (models.Customer, "cus_2"), (models.Plan, "gold"), (models.Price, "gold")]
    with CaptureQueriesContext(connection) as context:
        assert links.arrived(wanted) == {(models.Customer, "cus_1"), (models.Plan, "gold")}
    assert len(context.captured_queries) == 1
    with CaptureQueriesContext(connection) as context:
        assert links.arrived([]) == set()
    assert len(context.captured_queries) == 0


#: Columns of an event -> what its page shows of the object and the customer.
EVENTS = [
    ({"valid": True}, notice("cus_1", "https://dashboard.stripe.com/customers/cus_1")),
    ({"valid": None}, notice("cus_1", "https://dashboard.stripe.com/customers/cus_1")),
    # It may not exist, and this event does not bring it.
    ({"valid": False, "reason": "not_found"}, "<dd>cus_1</dd>"),
]


@pytest.mark.parametrize(("columns", "shown"), EVENTS)
def test_an_event_links_to_its_object_only_where_that_is_there(admin_client, columns, shown):
    event = models.Event.objects.create(
        stripe_id="evt_1", kind="customer.updated", object_type="customer", object_id="cus_1", **columns
    )
    link = 'href="/admin/pinax_stripe/customer/cus_5F1/change/"'
    page = html(admin_client, page_url(event))
    assert link not in page
    assert shown in page
    mirror(models.Customer, "cus_1")
    assert link in html(admin_client, page_url(event))


def test_the_customer_of_an_event_is_a_link_only_where_it_is_there(admin_client):
    event = models.Event.objects.create(stripe_id="evt_1", kind="invoice.paid", customer_id="cus_1", livemode=True)
    link = 'href="/admin/pinax_stripe/customer/cus_5F1/change/"'
    shown = notice("cus_1", "https://dashboard.stripe.com/customers/cus_1")
    for url in (page_url(event), list_url(models.Event)):
        assert shown in html(admin_client, url)
        assert link not in html(admin_client, url)
    mirror(models.Customer, "cus_1", email="jenny@example.com")
    assert all(link in html(admin_client, url) for url in (page_url(event), list_url(models.Event)))


def test_the_timeline_links_only_to_rows_that_are_there(admin_client):
    event = models.Event.objects.create(stripe_id="evt_1", valid=True, processed=True)
    rows = [["customer", "cus_1", "created"], ["card", "card_1", "updated"], ["gone", "x", "updated"]]
    models.EventStep.objects.create(event=event, kind=models.EventStep.Kind.MIRROR, data={"rows": rows})
    mirror(models.Customer, "cus_1")
    page = html(admin_client, page_url(event))
    assert re.search(r"<li>customer <a href=[^>]*>cus_1</a>", page)
    assert "<li>card card_1 " in page
    assert "<li>gone x " in page


def test_the_page_of_an_event_asks_once_which_rows_are_there(admin_client):
    event = models.Event.objects.create(
        stripe_id="evt_1", valid=True, customer_id="cus_1", object_type="invoice", object_id="in_1"
    )
    rows = [["invoice", "in_1", "created"], *(["invoicelineitem", f"il_{number}", "created"] for number in range(20))]
    models.EventStep.objects.create(event=event, kind=models.EventStep.Kind.MIRROR, data={"rows": rows})
    with CaptureQueriesContext(connection) as context:
        html(admin_client, page_url(event))
    asked = [query["sql"] for query in context.captured_queries if "pinax_stripe_invoice" in query["sql"]]
    assert len(asked) == 1
    assert asked[0].count("UNION ALL") == 2


def test_an_exception_without_an_event_names_none(admin_client):
    row = models.EventProcessingException.objects.create(data="dispatch", message="m", traceback="t")
    for url in (page_url(row), list_url(models.EventProcessingException)):
        assert "None" not in re.sub(r"<[^>]+>", "", html(admin_client, url).partition('id="content-main"')[2])
