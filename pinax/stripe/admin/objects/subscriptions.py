"""Pages of subscriptions and their items."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading, Rows
from ...currencies import format_amount
from ...models import Invoice, Subscription, SubscriptionItem
from ...models.fields import StatusField
from ...models.subscriptions import ending, entitling
from ..base import may_view
from ..display import links
from ..display.badges import badge, status_badge
from ..display.pages import DOCUMENTS, Panel, day, two_lines
from ..filters import TRIAL_DAYS, CustomerFilter, status_filter
from .columns import PanelColumns, label_of, own_link, reference
from .default import MirroredAdmin, MirroredList
from .paid_invoices import invoice_columns
from .panels import listed

STATUS: StatusField = Subscription._meta.get_field("status")
#: Not statuses, but what they and other columns decide: values in the address -> names, and the conditions. The first
#: is whether the customer may use what was subscribed to: a setting says by which statuses.
ENTITLED, TRIAL_ENDS_SOON, WILL_CANCEL = "entitled", "trial_ends", "ends"
SITUATIONS: dict[str, tuple[Any, Callable[[], Q]]] = {
    ENTITLED: (_("entitled"), entitling),
    TRIAL_ENDS_SOON: (_("trial ends soon"), lambda: among(Subscription.objects.trials_ending(TRIAL_DAYS))),
    WILL_CANCEL: (_("end is decided"), ending),
}
#: Stripe's `interval` of a price -> how often it is asked.
INTERVALS = {
    "day": ngettext_lazy("%(amount)s every day", "%(amount)s every %(count)d days", "count"),
    "week": ngettext_lazy("%(amount)s every week", "%(amount)s every %(count)d weeks", "count"),
    "month": ngettext_lazy("%(amount)s every month", "%(amount)s every %(count)d months", "count"),
    "year": ngettext_lazy("%(amount)s every year", "%(amount)s every %(count)d years", "count"),
}


class SubscriptionStatusFilter(status_filter(STATUS)):  # type: ignore[misc]
    options = {
        **{value: (name, Q()) for value, (name, _condition) in SITUATIONS.items()},
        **status_filter(STATUS).options,
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in SITUATIONS:
            return queryset.filter(SITUATIONS[self.value()][1]())
        return super().queryset(request, queryset)


def among(subscriptions: QuerySet) -> Q:
    """That a subscription is one of some, which an index has."""
    return Q(pk__in=subscriptions.order_by().values("pk"))


def subscription_columns() -> PanelColumns:
    """For rows with their customer, whose items, with price, product and plan, were prefetched."""
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Entitled"): lambda row: row.is_active,
        _("What"): lambda row: format_html_join("", "<div>{}</div>", ((item_text(item),) for item in row.items.all())),
        _("Period to"): lambda row: row.current_period_end,
        _("What comes next"): next_of,
    }


def item_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("What"): item_text,
        _("Period from"): lambda row: row.current_period_start,
        _("Period to"): lambda row: row.current_period_end,
    }


def item_text(item: SubscriptionItem) -> str:
    """How many of what, for which price: `Gold, 20.00 USD every month`, as far as it is known."""
    price: Any = item.price or item.plan
    name = price_name(item, price)
    quantity = "" if item.quantity in (None, 1) else f"{item.quantity} \N{MULTIPLICATION SIGN} "
    return f"{quantity}{name}, {price_text(price)}".rstrip(", ") if price else f"{quantity}{name}"


def price_name(item: SubscriptionItem, price: Any) -> str:
    product = price.product if price else None
    return (product.name if product else "") or getattr(price, "nickname", "") or item.price_id or item.plan_id or ""


def price_text(price: Any) -> str:
    """What a price or plan asks, and how often."""
    amount = getattr(price, "unit_amount_decimal", None) or getattr(price, "amount_decimal", None)
    if amount is None:
        amount = price.unit_amount if hasattr(price, "unit_amount") else price.amount
    shown = format_amount(amount, price.currency)
    if not price.interval:
        return shown
    count = price.interval_count or 1
    if price.interval in INTERVALS:
        return str(INTERVALS[price.interval] % {"amount": shown, "count": count})
    return f"{shown} / {price.interval}" if count == 1 else f"{shown} / {count} {price.interval}"


def next_of(row: Subscription) -> str:
    """What happens next to a subscription, as far as it is decided; reads its customer."""
    if row.is_deleted or row.is_canceled:
        end = row.ended_at or row.deleted_at
        return gettext("ended on %(day)s") % {"day": day(end)} if end else gettext("ended")
    if row.customer is not None and row.customer.is_deleted:
        return gettext("ends because its customer was deleted")
    outlook = end_of(row) if row.will_cancel else continuation(row)
    trouble = str(TROUBLE.get(row.status, ""))
    return "; ".join(part for part in (trouble, outlook) if part)


def end_of(row: Subscription) -> str:
    """When a subscription ends whose end is decided."""
    end = row.cancel_at or row.current_period_end
    return told_of(end, ENDS) if end else gettext("ends at the end of its period")


def continuation(row: Subscription) -> str:
    """When a subscription renews; "" for one that waits for something else."""
    if row.status == "trialing" and row.trial_end:
        return told_of(row.trial_end, TRIAL_ENDS)
    if row.status in ("active", "trialing") and row.current_period_end:
        return told_of(row.current_period_end, RENEWS)
    return ""


def told_of(moment: datetime.datetime, texts: tuple[Any, Any]) -> str:
    """The first of two texts about a moment to come; the second when it is over and no event came."""
    return str(texts[moment < timezone.now()] % {"day": day(moment)})


ENDS = (_("ends on %(day)s"), _("should have ended on %(day)s"))
TRIAL_ENDS = (_("trial until %(day)s"), _("the trial should have ended on %(day)s"))
RENEWS = (_("renews on %(day)s"), _("should have been renewed on %(day)s"))
#: Status of a subscription that does not simply go on -> what it waits for.
TROUBLE = {
    "incomplete": _("waits for its first payment"),
    "past_due": _("a payment is overdue"),
    "paused": _("paused until it is resumed"),
    "unpaid": _("not paid; Stripe does not collect any more"),
}


def pause_of(row: Subscription) -> str:
    """Whether its invoices are not collected for a time (https://docs.stripe.com/billing/subscriptions/pause-payment)."""
    if not row.is_collection_paused:
        return ""
    until = row.pause_resumes_at
    if until is None:
        return gettext("its invoices are not collected for now")
    return gettext("its invoices are not collected until %(day)s") % {"day": day(until)}


def cancellation_of(row: Subscription) -> str:
    """Why it was canceled, and what the customer said of it; "" for one that is not, or where nothing is known."""
    why = [str(label_of(row, name)) for name in ("cancellation_reason", "cancellation_feedback") if getattr(row, name)]
    return gettext("canceled: %(why)s") % {"why": ", ".join(why)} if why else ""


def paid_in_all(request: HttpRequest, row: Subscription) -> Reading[Panel | None]:
    """What was paid of a subscription's invoices, and since when it runs."""
    if not may_view(request, Invoice):
        return None
    invoices = Invoice.objects.filter(subscription=row.pk, amount_paid__gt=0).order_by().values("currency")
    sums = invoices.annotate(number=Count("pk"), total=Sum("amount_paid"), last=Max("paid_at"))
    [rows] = yield [Rows(sums.values_list("currency", "number", "total", "last"))]
    start = day(row.start_date) if row.start_date else ""
    return Panel(
        title=gettext("Paid in all"),
        columns=(_("Invoices"), _("Paid"), _("Since"), _("Last")),
        rows=[
            [number, format_amount(int(total), currency), start, day(last) if last else ""]
            for currency, number, total, last in sorted(rows)
        ],
    )


def their_items() -> Prefetch:
    """Prefetches, in one query, what `item_text` needs of the items of subscriptions."""
    items = SubscriptionItem.objects.select_related("price__product", "plan__product").order_by("pk")
    return Prefetch("items", items.defer(*DOCUMENTS))


class SubscriptionList(MirroredList):
    """A list that knows what was subscribed to."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet:
        return super().get_queryset(request, *args, **kwargs).prefetch_related(their_items())


@admin.register(Subscription)
class SubscriptionAdmin(MirroredAdmin):
    changelist = SubscriptionList
    list_display = ("shown_status", reference("customer", _("customer")), "what_comes_next")
    list_filter = (SubscriptionStatusFilter, CustomerFilter)
    panelled = (SubscriptionItem, Invoice)

    @admin.display(description=_("status"))
    def shown_status(self, obj: Subscription) -> Any:
        """Stripe's word, and below it what that means for the customer."""
        return two_lines(status_badge(obj), gettext("entitled") if obj.is_active else gettext("not entitled"))

    @admin.display(description=_("what comes next"))
    def what_comes_next(self, obj: Subscription) -> str:
        return next_of(obj)

    def title_of(self, obj: Subscription) -> str:
        return " + ".join(item_text(item) for item in obj.items.all())

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Subscription | None:
        found = super().get_object(request, *args, **kwargs)
        if found is not None:
            # What has not come is not asked for again, either.
            prefetch_related_objects([found], "customer", their_items())
        return found

    def badges(self, obj: Subscription) -> list[Any]:
        entitled = badge(gettext("entitled"), "good") if obj.is_active else badge(gettext("not entitled"), "quiet")
        return [*super().badges(obj), entitled]

    def summary(self, obj: Subscription) -> Any:
        parts = (next_of(obj), cancellation_of(obj), pause_of(obj))
        return super().summary(obj) or "; ".join(part for part in parts if part)

    def panel_columns(self) -> PanelColumns:
        return subscription_columns()

    def own_panels(self, request: HttpRequest, obj: Subscription) -> Iterable[Reading[Panel | None]]:
        items = SubscriptionItem.all_objects.filter(subscription=obj.pk).order_by("deleted_at", "pk")
        items = items.select_related("price__product", "plan__product")
        url = links.list_url("subscriptionitem", subscription__id__exact=obj.pk)
        yield paid_in_all(request, obj)
        yield listed(request, gettext("Items"), items, item_columns(), more_url=url, more_text=gettext("All items"))
        invoices = Invoice.all_objects.filter(subscription=obj.pk).order_by("-created_at", "-pk")
        url = links.list_url("invoice", subscription=obj.pk)
        more = gettext("All invoices")
        yield listed(request, gettext("Invoices"), invoices, invoice_columns(), more_url=url, more_text=more)


@admin.register(SubscriptionItem)
class SubscriptionItemAdmin(MirroredAdmin):
    def summary(self, obj: SubscriptionItem) -> Any:
        found = super().summary(obj)
        if found or obj.current_period_end is None:
            return found or gettext("It is billed with its subscription.")
        return gettext("Its period ends on %(day)s; then it is billed again, if its subscription runs.") % {
            "day": day(obj.current_period_end)
        }
