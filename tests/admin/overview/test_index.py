"""The admin's home and its side bar have what staff look for most; the app's page has all tables, plumbing last."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.admin.overview.index import ORDER, in_order

pytestmark = pytest.mark.django_db
OVERVIEW = reverse("admin:pinax_stripe_event_overview")
NAMES = [
    "Overview",
    "Customers",
    "Subscriptions",
    "Subscription schedules",
    "Invoices",
    "Charges",
    "Payment intents",
    "Refunds",
    "Disputes",
    "Credit notes",
    "Reviews",
    "Early fraud warnings",
    "Payouts",
    "Balances",
    "Balance transactions",
    "Top-ups",
    "Customer balance transactions",
    "Cash balances",
    "Cash balance transactions",
    "Checkout sessions",
    "Payment links",
    "Quotes",
    "Setup intents",
    "Products",
    "Prices",
    "Plans",
    "Coupons",
    "Promotion codes",
    "Discounts",
    "Shipping rates",
    "Tax rates",
    "Meters",
    "Payment methods",
    "Cards",
    "Bank accounts",
    "Sources",
    "Mandates",
    "Tax ids",
    "Credit grants",
    "Entitlements",
    "Features",
    "Features of products",
    "Accounts",
    "Persons",
    "Capabilities",
    "Payout destinations",
    "Transfers",
    "Application fees",
    "Other objects",
    "Events",
    "Event processing exceptions",
    "Catch-ups",
    "Subscription items",
    "Phases of schedules",
    "Invoice items",
    "Invoice lines",
    "Invoice payments",
    "Credit note lines",
    "Lines of checkouts",
    "Setup attempts",
    "Portal configurations",
    "Reversals of transfers",
    "Refunds of application fees",
    "Credit transactions",
    "Files",
    "File links",
    "Test clocks",
]
#: What is on the home and in the side bar.
LEADING = [
    *("Overview", "Customers", "Subscriptions", "Invoices", "Charges", "Payment intents", "Refunds", "Disputes"),
    *("Credit notes", "Payouts", "Checkout sessions", "Products", "Prices", "Coupons", "Accounts"),
    *("Events", "Event processing exceptions", "Catch-ups", "More tables"),
]
HOME, PAGE = reverse("admin:index"), reverse("admin:app_list", args=["pinax_stripe"])


def names(app_list, label="pinax_stripe"):
    """What a list of apps has of one app."""
    return next(
        ([str(model["name"]) for model in app["models"]] for app in app_list if app["app_label"] == label), None
    )


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_every_place_is_that_of_a_table_of_the_admin():
    shown = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "pinax_stripe"}
    assert set(ORDER) <= shown
    assert len(ORDER) == len(set(ORDER))


def test_a_table_without_a_place_of_its_own_comes_before_the_events():
    found = [{"name": name, "object_name": name} for name in sorted(("CatchUp", "Event", "Reader", "Source"))]
    assert [model["name"] for model in in_order(found)] == ["Source", "Reader", "Event", "CatchUp"]


@pytest.mark.parametrize(("url", "expected"), [(HOME, LEADING), (PAGE, NAMES)])
def test_the_overview_heads_the_list_and_plumbing_comes_last(admin_client, url, expected):
    response = admin_client.get(url)
    assert names(response.context["app_list"]) == expected
    html = response.content.decode()
    section = html[html.index("app-pinax_stripe module") :].partition("</table>")[0]
    assert section.index(f'href="{OVERVIEW}"') < section.index('href="/admin/pinax_stripe/customer/"')


def test_the_side_bar_has_the_same_order(admin_client):
    response = admin_client.get(reverse("admin:pinax_stripe_coupon_changelist"))
    assert names(response.context["available_apps"]) == LEADING
    html = response.content.decode()
    assert f'href="{OVERVIEW}"' in html
    assert f'href="{PAGE}#content">More tables</a>' in html


def test_the_side_bar_has_the_table_whose_page_is_open(admin_client):
    response = admin_client.get(reverse("admin:pinax_stripe_card_changelist"))
    found = names(response.context["available_apps"])
    assert [name for name in found if name not in LEADING] == ["Cards"]
    assert 'aria-current="page">Cards</a>' in response.content.decode()


def test_the_order_is_the_same_in_every_language(admin_client, settings):
    english = admin_client.get(reverse("admin:index")).context["app_list"]
    settings.LANGUAGE_CODE = "de"
    german = admin_client.get(reverse("admin:index")).context["app_list"]
    assert names(german)[:3] == ["Übersicht", "Kunden", "Abonnements"]
    urls = [
        [model["admin_url"] for app in apps if app["app_label"] == "pinax_stripe" for model in app["models"]]
        for apps in (english, german)
    ]
    assert urls[0] == urls[1]


def test_the_index_leaves_other_apps_alone(admin_client):
    assert names(admin_client.get(reverse("admin:index")).context["app_list"], "auth") == ["Groups", "Users"]


def test_staff_sees_the_overview_only_with_the_events(client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(*Permission.objects.filter(codename__in=("view_customer", "view_coupon")))
    client.force_login(viewer)
    assert names(client.get(reverse("admin:index")).context["app_list"]) == ["Customers", "Coupons"]
    viewer.user_permissions.add(Permission.objects.get(codename="view_event"))
    found = names(client.get(reverse("admin:index")).context["app_list"])
    assert found == ["Overview", "Customers", "Coupons", "Events"]


def test_a_site_of_the_project_s_own_has_the_same_order(admin_user):
    site = admin.AdminSite("backoffice")
    for model in (models.Coupon, models.Customer, models.Event, models.Charge):
        site.register(model, type(admin.site.get_model_admin(model)))
    site.register(Group)
    found = site.get_app_list(request_of(admin_user))
    assert names(found) == ["Overview", "Customers", "Charges", "Coupons", "Events"]
    assert names(found, "auth") == ["Groups"]
    assert names(site.get_app_list(request_of(admin_user), "pinax_stripe")) == names(found)


def test_a_site_that_orders_its_lists_itself_keeps_its_order(admin_user):
    class Reversed(admin.AdminSite):
        def get_app_list(self, request, app_label=None):
            apps = super().get_app_list(request, app_label)
            for app in apps:
                app["models"].reverse()
            return apps

    site = Reversed("backoffice")
    for model in (models.Coupon, models.Customer, models.Charge):
        site.register(model, type(admin.site.get_model_admin(model)))
    assert names(site.get_app_list(request_of(admin_user))) == ["Customers", "Coupons", "Charges"]
