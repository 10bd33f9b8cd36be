"""Which of this app's tables the admin's home and its side bar have, and their order there and on the app's own page.

Django orders tables by name. Here the overview comes first, then what staff look for, and last what keeps the mirror
going. The home and the side bar have what staff look for most, and lead to the app's page, which has all tables. Other
apps, and a site that has an order of its own, are left alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

APP = "pinax_stripe"
#: Names of models in the order of the list; those that are not here come before the events.
ORDER = (
    *(
        "customer",
        "subscription",
        "subscriptionschedule",
        "invoice",
        "charge",
        "paymentintent",
        "refund",
        "dispute",
        "creditnote",
    ),
    *("review", "earlyfraudwarning"),
    *("payout", "balance", "balancetransaction", "topup"),
    *("customerbalancetransaction", "cashbalance", "customercashbalancetransaction"),
    *("checkoutsession", "paymentlink", "quote", "setupintent"),
    *("product", "price", "plan", "coupon", "promotioncode", "discount", "shippingrate", "taxrate", "meter"),
    *("paymentmethod", "card", "bankaccount", "source", "mandate", "taxid", "creditgrant"),
    *("activeentitlement", "feature", "productfeature"),
    *("account", "person", "capability", "externalaccount", "transfer", "applicationfee"),
    "otherobject",
    *("event", "eventprocessingexception", "catchup"),
    *(
        "subscriptionitem",
        "subscriptionschedulephase",
        "invoiceitem",
        "invoicelineitem",
        "invoicepayment",
        "creditnotelineitem",
    ),
    *("checkoutlineitem", "setupattempt", "portalconfiguration"),
    *("transferreversal", "feerefund", "creditbalancetransaction", "file", "filelink", "testclock"),
)
#: Tables that are on the app's page only, and in the side bar of their own pages.
FOLDED = frozenset(ORDER) - {
    *("customer", "subscription", "invoice", "charge", "paymentintent", "refund", "dispute", "creditnote"),
    *("payout", "checkoutsession", "product", "price", "coupon", "account"),
    *("event", "eventprocessingexception", "catchup"),
}
PLACES: dict[str, float] = {name: place for place, name in enumerate(ORDER)}
OTHERS = PLACES["event"] - 0.5

AppList = list[dict[str, Any]]


def arrange(site: AdminSite) -> None:
    """Have an admin site list this app's tables in the order of `ORDER`, the overview first; once is enough."""
    if not isinstance(vars(site).get("get_app_list"), partial):
        # Django asks a site's own method, and has no other place where the order could be said.
        site.get_app_list = partial(arranged, site, site.get_app_list)  # type: ignore[method-assign]


def arranged(
    site: AdminSite, get_app_list: Callable[..., AppList], request: HttpRequest, app_label: str | None = None
) -> AppList:
    """What a site lists, with this app's tables in their order; all of them only on the app's own page."""
    apps = get_app_list(request, app_label)
    for app in apps:
        if app.get("app_label") == APP and is_in_order_of_django(app["models"]):
            models = in_order(app["models"])
            shown = models if app_label else [model for model in models if is_shown(model, request)]
            more = [] if len(shown) == len(models) else [page_of_all(app)]
            app["models"] = [*overview_of(site, models), *shown, *more]
        elif app.get("app_label") == APP:
            app["models"] = [*overview_of(site, app["models"]), *app["models"]]
    return apps


def is_in_order_of_django(models: AppList) -> bool:
    """Whether a site has left its tables in the order that Django gives them."""
    return models == sorted(models, key=lambda model: model["name"])


def in_order(models: AppList) -> AppList:
    """The tables in the order of `ORDER`."""
    return sorted(models, key=lambda model: PLACES.get(name_of(model), OTHERS))


def name_of(model: dict[str, Any]) -> str:
    return str(model["object_name"]).lower()


def is_shown(model: dict[str, Any], request: HttpRequest) -> bool:
    """Whether a table is one that staff look for, or the one that they look at."""
    address = model["admin_url"] or ""
    return name_of(model) not in FOLDED or bool(address and request.path.startswith(address))


def page_of_all(app: dict[str, Any]) -> dict[str, Any]:
    """The app's page as the list's last entry."""
    return {
        "name": gettext("More tables"),
        "object_name": "More",
        # Django takes an entry for the open page if its address is in that of the page.
        "admin_url": f"{app['app_url']}#content",
        "add_url": None,
        "view_only": True,
        "perms": {},
    }


def overview_of(site: AdminSite, models: AppList) -> AppList:
    """The overview as the list's first entry, for those who see the events there."""
    return [
        {
            **model,
            "name": gettext("Overview"),
            "object_name": "Overview",
            "admin_url": reverse("admin:pinax_stripe_event_overview", current_app=site.name),
            "add_url": None,
            "view_only": True,
        }
        for model in models
        if model["object_name"] == "Event" and model["admin_url"]
    ]
