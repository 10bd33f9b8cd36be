"""The order of this app's tables on the admin's home, in its side bar, and on the app's own page.

Django orders tables by name. Here the overview comes first, then what staff look for, and last what keeps the mirror
going. Other apps, and a site that has an order of its own, are left alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
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
    *("payout", "balancetransaction", "topup"),
    *("customerbalancetransaction", "customercashbalancetransaction"),
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
PLACES: dict[str, float] = {name: place for place, name in enumerate(ORDER)}
OTHERS = PLACES["event"] - 0.5

AppList = list[dict[str, Any]]


def arrange(site: AdminSite) -> None:
    """Have an admin site list this app's tables in the order of `ORDER`, the overview first; once is enough."""
    if not isinstance(vars(site).get("get_app_list"), partial):
        # Django asks a site's own method, and has no other place where the order could be said.
        site.get_app_list = partial(arranged, site, site.get_app_list)  # type: ignore[method-assign]


def arranged(site: AdminSite, get_app_list: Callable[..., AppList], *args: Any, **kwargs: Any) -> AppList:
    """What a site lists, with this app's tables in their order."""
    apps = get_app_list(*args, **kwargs)
    for app in apps:
        if app.get("app_label") == APP:
            app["models"] = [*overview_of(site, app["models"]), *in_order(app["models"])]
    return apps


def in_order(models: AppList) -> AppList:
    """The tables in the order of `ORDER`, unless a site has put them in another one than Django does."""
    if models != sorted(models, key=lambda model: model["name"]):
        return models
    return sorted(models, key=lambda model: PLACES.get(model["object_name"].lower(), OTHERS))


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
