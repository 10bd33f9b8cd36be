"""The pages of customers: one page shows everything about a customer."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import NumberOf, Reading, Rows, ask
from ...currencies import format_amount
from ...models import (
    BankAccount,
    Card,
    Charge,
    Customer,
    Dispute,
    Event,
    Invoice,
    PaymentIntent,
    PaymentMethod,
    Refund,
    Source,
    Subscription,
    SubscriptionItem,
)
from ...models.customers import lifetime_rows, lifetimes, owes
from ...models.events import State
from ..base import may_view
from ..display import links
from ..display.badges import badge
from ..display.pages import DOCUMENTS, PANEL_ROWS, Page, Panel, day
from ..events.panels import ROW_COLUMNS, events_panel
from ..filters import CustomerSituationFilter
from ..permissions import may_see, may_see_users
from .columns import label_of, money, own_link
from .default import MirroredAdmin, are_digits
from .disputes import dispute_columns
from .paid_invoices import invoice_columns
from .panels import listed
from .payment_methods import expiry
from .payments import charge_columns, intent_columns, refund_columns
from .subscriptions import item_text, subscription_columns, their_items

#: Items that the title of a customer's page names, at most.
TITLED_ITEMS = 3
#: Customers that the list has pages for in a situation of which no index knows how many they are. The file has all.
MOST_LOOKED_FOR = 1_000
#: These situations -> what is true of each such customer, and makes the count quicker.
LOOKED_FOR: dict[str, Callable[[], Q]] = {"no_plan": Q, "owes": owes}
#: Owners of cards that a search by digits finds, at most.
MAX_OWNERS = 200
#: What a customer can pay with, and what its rows say of themselves.
MEANS = (PaymentMethod, Card, Source, BankAccount)


def credit_of(customer: Customer) -> str:
    """What a customer's balance is, and what becomes of it."""
    sentence = (
        gettext("The customer has a credit of %(amount)s, which the next invoice uses.")
        if (customer.balance or 0) < 0
        else gettext("The next invoice adds %(amount)s that the customer owes.")
    )
    return sentence % {"amount": format_amount(abs(customer.balance or 0), customer.currency)}


@admin.register(Customer)
class CustomerAdmin(MirroredAdmin):
    list_display = ("name", "shown_user", money("balance", _("balance")), "debt")
    search_help_text = _(
        "The beginning of a name or an email address, the last four digits of a card, an exact id, or the name of a "
        "user of this site."
    )
    beginning_columns = ("name", "email")
    # A customer is called by the address.
    sorted_columns = {"what": "email", "name": "name"}
    list_filter = (CustomerSituationFilter,)
    panelled = (*MEANS, Subscription, Invoice, Charge, PaymentIntent)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their users."""
        return super().get_queryset(request).select_related("user")

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Counts no further than it has to where no index says how many there are."""
        paginator: Any = super().get_paginator(request, *args, **kwargs)
        situation = request.GET.get(CustomerSituationFilter.parameter_name)
        if situation in LOOKED_FOR:
            paginator.max_rows, paginator.counted_by = MOST_LOOKED_FOR, LOOKED_FOR[situation]()
        return paginator

    def page(self, request: HttpRequest, obj: Customer) -> Page:
        """With the customer's plan in the title, for staff who may see it."""
        page = super().page(request, obj)
        plans = plans_of(obj) if may_view(request, Subscription) else ""
        return replace(page, title=f"{page.title} \N{EN DASH} {plans}") if plans else page

    @admin.display(description=_("debt"))
    def debt(self, obj: Customer) -> Any:
        return badge(gettext("delinquent"), "bad") if obj.delinquent and not obj.is_deleted else ""

    def found_by(self, request: HttpRequest, term: str) -> Q:
        found = super().found_by(request, term) | Q(email__iexact=term) | with_digits(request, term)
        if not may_view(request, get_user_model()):
            return found
        users = get_user_model()._default_manager.filter(**{get_user_model().USERNAME_FIELD: term})
        return found | Q(user__in=list(users.values_list("pk", flat=True)[:PANEL_ROWS]))

    def csv_columns(self, request: HttpRequest) -> list[str]:
        """Users are for those who may view users."""
        names = super().csv_columns(request)
        return names if may_view(request, get_user_model()) else [name for name in names if name != "user"]

    @admin.display(description=_("user"))
    def shown_user(self, obj: Customer) -> str:
        """The user's name is for those who may view users; others see that there is one."""
        if obj.user_id is None:
            return ""
        return str(obj.user) if may_see_users(obj) else gettext("linked")

    def badges(self, obj: Customer) -> list[Any]:
        """Undone events are the reason why a customer's page differs from what Stripe shows."""
        found = super().badges(obj)
        if not may_see(obj, Event):
            return found
        undone = (Event.objects.filter(customer=obj.pk, state=State.FAILED), waiting_for(obj))
        failed, waiting = ask([NumberOf(events[:PANEL_ROWS]) for events in undone])
        if failed:
            text = ngettext("%(count)d event failed", "%(count)d events failed", failed) % {"count": failed}
            url = links.list_url("event", customer=obj.pk, state=State.FAILED)
            found.append(format_html('<a href="{}">{}</a>', url, badge(text, "bad")))
        if waiting:
            text = ngettext("%(count)d event waits", "%(count)d events wait", waiting) % {"count": waiting}
            url = links.list_url("event", state=State.WAITING)
            found.append(format_html('<a href="{}">{}</a>', url, badge(text, "open")))
        return found

    def summary(self, obj: Customer) -> Any:
        if obj.is_deleted:
            return super().summary(obj)
        if obj.delinquent:
            return gettext("The last invoice was not paid when it was due.")
        paying = gettext("No payment of the customer's is overdue.") if obj.delinquent is False else ""
        return " ".join(filter(None, (paying, credit_of(obj) if obj.balance else "")))

    def own_panels(self, request: HttpRequest, obj: Customer) -> Iterable[Reading[Panel | None]]:
        def those(model: type[Any], title: Any, columns: Any, more: Any) -> Reading[Panel | None]:
            rows = model.all_objects.filter(customer=obj.pk).order_by("-created_at", "-pk")
            url = links.list_url(model._meta.model_name, customer=obj.pk)
            return listed(request, title, rows, columns(), more_url=url, more_text=more)

        yield paid_in_all(request, obj)
        yield means_of_payment(request, obj)
        yield those_subscriptions(request, obj)
        yield those(Invoice, gettext("Invoices"), invoice_columns, gettext("All invoices"))
        yield those(Charge, gettext("Charges"), charge_columns, gettext("All charges"))
        yield those(PaymentIntent, gettext("Payment intents"), intent_columns, gettext("All payment intents"))
        yield refunds(request, obj)
        yield disputes(request, obj)

    def events_panel(self, request: HttpRequest, obj: Customer) -> Reading[Panel | None]:
        """Events about anything of the customer's."""
        if not may_view(request, Event):
            return None
        events = Event.objects.filter(customer=obj.pk).exclude(valid=False).order_by("-id").only(*ROW_COLUMNS)
        return (yield from events_panel(gettext("Events"), events, links.list_url("event", customer=obj.pk)))


def with_digits(request: HttpRequest, term: str) -> Q:
    """That a customer has a card with these last four digits; of many, those of some."""
    tables = [model for model in (PaymentMethod, Card) if are_digits(term) and may_view(request, model)]
    those = {"last4": term, "deleted_at": None, "customer__isnull": False}
    cards = [model.all_objects.filter(**those).order_by() for model in tables]
    found = [rows.values_list("customer_id", flat=True)[:MAX_OWNERS] for rows in cards]
    return Q(pk__in=[key for keys in found for key in keys])


def plans_of(customer: Customer) -> str:
    """What a customer is entitled to now: how many of what, for which price."""
    items = SubscriptionItem.objects.filter(
        subscription__in=Subscription.objects.active().filter(customer=customer.pk).order_by().values("pk")
    ).select_related("price__product", "plan__product")
    found = list(items.order_by("pk").defer(*DOCUMENTS)[: TITLED_ITEMS + 1])
    texts = [item_text(item) for item in found[:TITLED_ITEMS]]
    return " + ".join([*texts, "…"] if len(found) > TITLED_ITEMS else texts)


def waiting_for(customer: Customer) -> QuerySet[Event]:
    """Events that wait, and say that they are about a customer or one of its subscriptions.

    The customer of an event is on record only once the event is decided.
    """
    subscriptions = Subscription.all_objects.filter(customer=customer.pk).values("stripe_id")
    own = Q(customer=customer.pk) | Q(object_id=customer.stripe_id) | Q(object_id__in=subscriptions)
    account = Q(stripe_account=customer.stripe_account)
    return Event.objects.filter(own, account, state=State.WAITING)


def paid_in_all(request: HttpRequest, customer: Customer) -> Reading[Panel | None]:
    """What a customer paid since the first payment, and what remains of it."""
    if not (may_view(request, Charge) and may_view(request, Dispute)):
        return None
    [rows] = yield [Rows(lifetime_rows(customer.pk))]
    return Panel(
        title=gettext("Paid in all"),
        columns=(_("Payments"), _("Paid"), _("Refunded"), _("Lost in disputes"), _("Remaining"), _("Since"), _("Last")),
        rows=[
            [
                each.payments,
                *(format_amount(value, each.currency) for value in (each.paid, each.refunded, each.lost, each.net)),
                *(day(moment) if moment else "" for moment in (each.first_paid_at, each.last_paid_at)),
            ]
            for each in lifetimes(rows)
        ],
    )


def means_of_payment(request: HttpRequest, customer: Customer) -> Reading[Panel | None]:
    """Cards and other payment methods in one list, the deleted ones last."""
    tables: Any = [model for model in MEANS if may_view(request, model)]
    owned = [model.all_objects.filter(customer=customer.pk).defer(*DOCUMENTS) for model in tables]
    found = yield [Rows(rows[: PANEL_ROWS + 1]) for rows in owned]
    rows: dict[str, Any] = {}
    for row in chain.from_iterable(found):
        # A legacy card is also readable as a payment method under the same id.
        rows.setdefault(row.stripe_id, row)
    if not rows and not may_view(request, PaymentMethod):
        return None
    ordered = sorted(rows.values(), key=lambda row: (row.is_deleted, -row.as_of.timestamp()))
    defaults = {customer.default_payment_method, customer.default_source} - {""}
    return Panel(
        title=gettext("Cards and other means of payment"),
        columns=(_("Id"), _("Type"), _("What"), _("Expires"), _("Default")),
        rows=[means_row(row, is_default=row.stripe_id in defaults) for row in ordered[: 2 * PANEL_ROWS]],
    )


def means_row(row: Any, *, is_default: bool) -> list[Any]:
    number = f"{getattr(row, 'brand', '') or getattr(row, 'bank_name', '')} •••• {row.last4}" if row.last4 else ""
    kind = label_of(row, "type") if getattr(row, "type", "") else row._meta.verbose_name
    return [own_link(row), kind, number.strip(), expiry(row), gettext("default") if is_default else ""]


def those_subscriptions(request: HttpRequest, customer: Customer) -> Reading[Panel | None]:
    """Subscriptions with their items."""
    rows = Subscription.all_objects.filter(customer=customer.pk).order_by("-created_at", "-pk")
    url = links.list_url("subscription", customer=customer.pk)
    return listed(
        request,
        gettext("Subscriptions"),
        rows,
        subscription_columns(),
        prefetch=["customer", their_items()],
        more_url=url,
        more_text=gettext("All subscriptions"),
    )


def refunds(request: HttpRequest, customer: Customer) -> Reading[Panel | None]:
    """Refunds know their charge, and that its customer."""
    rows = Refund.all_objects.filter(charge__customer=customer.pk).order_by("-created_at", "-pk")
    return listed(request, gettext("Refunds"), rows, refund_columns())


def disputes(request: HttpRequest, customer: Customer) -> Reading[Panel | None]:
    """Disputes know their charge, too."""
    rows = Dispute.all_objects.filter(charge__customer=customer.pk).order_by("-created_at", "-pk")
    return listed(request, gettext("Disputes"), rows, dispute_columns())
