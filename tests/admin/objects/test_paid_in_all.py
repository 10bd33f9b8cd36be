"""What a customer and a subscription paid in all, since when, and the plan in the title."""

import datetime

import pytest
from django.contrib.auth.models import Permission

from pinax.stripe import models
from pinax.stripe.admin.display.links import page_url

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)


def mirror(model, key, **columns):
    defaults = {"stripe_id": key, "as_of": NOW, "as_of_end": NOW, "created_at": NOW, "livemode": True}
    return model.all_objects.create(id=key, **{**defaults, **columns})


@pytest.fixture
def customer():
    mirror(models.Product, "prod_1", name="Gold")
    mirror(models.Price, "price_1", product_id="prod_1", unit_amount=2000, currency="usd", interval="month")
    mirror(models.Subscription, "sub_1", customer_id="cus_1", status="active", start_date=NOW)
    mirror(models.SubscriptionItem, "si_1", subscription_id="sub_1", price_id="price_1", quantity=1)
    paid = {"customer_id": "cus_1", "paid": True, "captured": True, "currency": "usd"}
    early = NOW - datetime.timedelta(days=365)
    mirror(models.Charge, "ch_1", amount=2000, amount_captured=2000, amount_refunded=500, created_at=early, **paid)
    mirror(models.Charge, "ch_2", amount=3000, amount_captured=3000, amount_refunded=0, **paid)
    mirror(models.Charge, "ch_3", amount=700, amount_captured=700, **{**paid, "currency": "jpy"})
    mirror(models.Dispute, "dp_1", charge_id="ch_2", amount=1000, status="lost")
    bill = {"subscription_id": "sub_1", "customer_id": "cus_1", "currency": "usd"}
    mirror(models.Invoice, "in_1", amount_paid=2000, paid_at=early, **bill)
    mirror(models.Invoice, "in_2", amount_paid=1500, paid_at=NOW, **bill)
    mirror(models.Invoice, "in_3", amount_paid=0, **bill)
    return mirror(models.Customer, "cus_1", name="Jenny Rosen")


def page(client, row):
    return client.get(page_url(row._meta.model_name, row.pk)).context["page"]


def in_all(client, row):
    return next((panel.rows for panel in page(client, row).panels if panel.title == "Paid in all"), None)


def test_a_customer_says_what_was_paid_in_all_and_since_when(admin_client, customer):
    assert in_all(admin_client, customer) == [
        [1, "700 JPY", "0 JPY", "0 JPY", "700 JPY", "March 4, 2026", "March 4, 2026"],
        [2, "50.00 USD", "5.00 USD", "10.00 USD", "35.00 USD", "March 4, 2025", "March 4, 2026"],
    ]


def test_a_subscription_says_what_was_paid_of_its_invoices_and_since_when(admin_client, customer):
    subscription = models.Subscription.objects.get()
    assert in_all(admin_client, subscription) == [[2, "35.00 USD", "March 4, 2026", "March 4, 2026"]]


def test_the_titles_have_the_plan(admin_client, customer):
    plan = "Gold, 20.00 USD every month"
    assert page(admin_client, customer).title == f"Customer Jenny Rosen \N{EN DASH} {plan}"
    assert page(admin_client, models.Subscription.objects.get()).title == f"Subscription {plan}"
    models.Subscription.objects.update(status="past_due")
    assert page(admin_client, customer).title == "Customer Jenny Rosen"


def test_a_title_names_few_items(admin_client, customer):
    for number in range(2, 7):
        mirror(models.SubscriptionItem, f"si_{number}", subscription_id="sub_1", price_id="price_1", quantity=number)
    title = page(admin_client, customer).title
    assert title.count("Gold") == 3
    assert title.endswith(" + …")


def test_plan_and_payments_are_for_staff_who_may_see_them(client, customer, django_user_model):
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_customer"))
    client.force_login(staff)
    assert page(client, customer).title == "Customer Jenny Rosen"
    assert in_all(client, customer) is None
