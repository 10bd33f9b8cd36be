"""A table gets its list and its page from its field classes and its row in the table of object types."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.display.links import has_reverse_name
from pinax.stripe.admin.objects.customers import CustomerAdmin
from pinax.stripe.admin.objects.default import MirroredAdmin, derived_filters, derived_ordering, register_the_others
from pinax.stripe.admin.objects.panels import referring
from pinax.stripe.models import SoftForeignKey
from pinax.stripe.models.fields import StatusField
from pinax.stripe.sync.registry import READERS, types_mirrored_by

pytestmark = pytest.mark.django_db
TIMES = {"as_of": "2026-01-01T00:00Z", "as_of_end": "2026-01-01T00:00Z"}
#: Each reference that has a name for the way back.
WAYS_BACK = [
    column
    for model in READERS
    for column in model._meta.concrete_fields
    if isinstance(column, SoftForeignKey) and has_reverse_name(column)
]
#: Invoice payments only connect invoices and what was paid: the pages of both show the other instead.
BETWEEN = models.InvoicePayment
each_table = pytest.mark.parametrize("model", READERS, ids=lambda model: model.__name__)


def mirror(model, key, **columns):
    return model.all_objects.create(id=key, stripe_id=key, **{**TIMES, **columns})


def url_of(row):
    return reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])


def listed(client, model, **query):
    """The keys of the rows that a list shows."""
    response = client.get(reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist"), query)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


@pytest.fixture
def site():
    """An admin site on which only the tables without an admin class of their own are registered."""
    site = admin.AdminSite(name="another")
    register_the_others(site)
    return site


@each_table
def test_every_table_has_an_admin_class(model):
    assert isinstance(admin.site.get_model_admin(model), MirroredAdmin)


def test_a_table_without_a_class_of_its_own_has_the_derived_one(site):
    assert type(site.get_model_admin(models.InvoiceLineItem)) is MirroredAdmin
    assert type(site.get_model_admin(models.SubscriptionItem)) is MirroredAdmin


def test_the_line_of_a_derived_page_is_the_state_of_the_object(site):
    derived = site.get_model_admin(models.Payout)
    assert derived.line(models.Payout(status="in_transit")) == "Its state is: on its way."
    assert derived.line(models.Payout()) == ""
    assert derived.line(models.Payout(status="paid", deleted_at=timezone.now())).startswith("Deleted at Stripe.")
    assert site.get_model_admin(models.InvoiceLineItem).line(models.InvoiceLineItem()) == ""
    # A class that has words of its own for some states has none for a state newer than this release.
    assert admin.site.get_model_admin(models.Refund).line(models.Refund(status="amazed")) == ""


def test_a_class_that_a_project_registered_first_stays():
    site = admin.AdminSite(name="another")
    site.register(models.Customer, CustomerAdmin)
    register_the_others(site)
    assert type(site.get_model_admin(models.Customer)) is CustomerAdmin
    assert type(site.get_model_admin(models.Refund)) is MirroredAdmin


@each_table
def test_the_derived_list_and_page_of_every_table_are_sound(site, rf, admin_user, model):
    derived = site.get_model_admin(model)
    assert derived.check() == []
    row = mirror(model, "x_1", livemode=False)
    request = rf.get("/")
    request.user = admin_user
    page = derived.page(request, derived.get_object(request, "x_1"))
    assert page.subtitle == "x_1"
    assert "test" in str(page.badges)
    section = types_mirrored_by(model)[0].dashboard
    assert page.dashboard_url == (section and f"https://dashboard.stripe.com/test/{section}/x_1")
    assert [column(row) for column in derived.list_display] == ["" for _column in derived.list_display]


@each_table
def test_the_derived_list_shows_status_amount_and_what_the_object_belongs_to(site, model):
    names = [column.__name__.removeprefix("shown_") for column in site.get_model_admin(model).list_display]
    references = [name for name in names if isinstance(field_of(model, name), SoftForeignKey)]
    assert ("status" in names) == any(isinstance(column, StatusField) for column in model._meta.concrete_fields)
    assert (
        references == [column.name for column in model._meta.concrete_fields if isinstance(column, SoftForeignKey)][:2]
    )


def field_of(model, name):
    return next((column for column in model._meta.concrete_fields if column.name == name), None)


def test_an_object_is_titled_by_its_name_else_by_its_amount(site):
    coupon, charge, card = (site.get_model_admin(model) for model in (models.Coupon, models.Charge, models.Card))
    assert coupon.title_of(models.Coupon(name="Welcome", amount_off=500, currency="usd")) == "Welcome"
    assert coupon.title_of(models.Coupon(amount_off=500, currency="usd")) == ""
    assert charge.title_of(models.Charge(amount=500, currency="usd")) == "5.00 USD"
    assert card.title_of(models.Card(last4="4242")) == ""


@pytest.mark.parametrize("column", WAYS_BACK, ids=str)
def test_what_refers_to_an_object_stands_on_its_page(admin_client, column):
    target = mirror(column.related_model, "y_1")
    row = mirror(column.model, "x_1", **{column.attname: "y_1"})
    mirror(column.model, "x_2", **{column.attname: "y_2"})
    page = admin_client.get(url_of(target)).content.decode()
    assert (f'href="{url_of(row)}"' in page) is (column.model is not BETWEEN)
    assert "x_2" not in page


@pytest.mark.parametrize("column", WAYS_BACK, ids=str)
def test_a_list_is_filtered_by_what_an_object_belongs_to_in_every_account(rf, site, admin_user, column):
    for account in ("", "acct_1/"):
        mirror(column.related_model, f"{account}y_1", stripe_account=account)
        mirror(column.model, f"{account}x_1", **{column.attname: f"{account}y_1"})
    column.related_model.all_objects.update(stripe_id="y_1")
    mirror(column.model, "x_2", **{column.attname: "y_2"})
    request = rf.get("/", {column.name: "y_1"})
    request.user = admin_user
    changelist = site.get_model_admin(column.model).get_changelist_instance(request)
    assert {row.pk for row in changelist.queryset} == {"x_1", "acct_1/x_1"}


def test_a_list_is_filtered_by_status_only_where_an_index_serves():
    with_status = {model for model in READERS if any(f.title == "status" for f in derived_filters(model))}
    assert with_status == {
        column.model
        for model in READERS
        for column in model._meta.concrete_fields
        if isinstance(column, StatusField) and column.db_index
    }
    assert with_status == {
        *(models.CheckoutSession, models.Invoice, models.Quote, models.SetupIntent, models.Subscription)
    }


def test_a_list_is_newest_first_only_where_an_index_serves():
    assert derived_ordering(models.Refund) == ("-created_at", "-pk")
    assert derived_ordering(models.Price) == ("pk",)


def test_names_are_searched_only_where_an_index_serves(admin_client):
    mirror(models.Invoice, "in_1", number="SHOP-1")
    mirror(models.Coupon, "WELCOME", name="Welcome")
    assert listed(admin_client, models.Invoice, q="SHOP-1") == ["in_1"]
    assert listed(admin_client, models.Coupon, q="Welcome") == []
    assert listed(admin_client, models.Coupon, q="WELCOME") == ["WELCOME"]


def test_a_panel_leads_to_all_that_refers_to_the_object(admin_client):
    mirror(models.Product, "prod_1")
    for number in range(11):
        mirror(models.Price, f"price_{number:02}", product_id="prod_1", currency="usd")
    mirror(models.Price, "price_other", product_id="prod_2")
    page = admin_client.get(url_of(models.Product.objects.get())).content.decode()
    assert '<a href="/admin/pinax_stripe/price/?product__id__exact=prod_1">Show all</a>' in page
    assert len(listed(admin_client, models.Price, product__id__exact="prod_1")) == 11


def test_only_mirrored_tables_have_panels():
    assert {column.model for column in referring(models.Customer)} <= set(READERS)
