"""Pages of the balance, of payouts, and of the balance transactions that they contain."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ...catalogue.objects import OBJECT_TYPES
from ...combined_reads import Reading
from ...currencies import format_amount, format_amounts
from ...models import Balance, BalanceTransaction, Payout, TopUp
from ...models.mirror import MirroredObject, mirror_key
from ...sync.registry import MIRRORED
from ..display.badges import status_badge
from ..display.line_breaks import breakable
from ..display.pages import Panel, day, two_lines
from ..filters import reference_filter, status_filter
from ..permissions import may_see
from .columns import PanelColumns, label_of, money, own_link, reference, status
from .default import MirroredAdmin
from .panels import columns_on, listed

#: How long after its arrival a bank may return a payout: five business days (https://docs.stripe.com/payouts).
RETURNED_WITHIN = datetime.timedelta(days=7)


def transaction_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Type"): lambda row: label_of(row, "type"),
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Fee"): lambda row: format_amount(row.fee, row.currency),
        _("Net"): lambda row: format_amount(row.net, row.currency),
        _("Source"): lambda row: row.source,
        _("Created"): lambda row: row.created_at,
    }


def transactions_about(request: HttpRequest, obj: MirroredObject) -> Reading[Panel | None]:
    """What an object added to the balance, or took from it."""
    rows = BalanceTransaction.all_objects.filter(source=obj.stripe_id, stripe_account=obj.stripe_account)
    return listed(request, gettext("Balance transactions"), rows.order_by("-created_at", "-pk"), transaction_columns())


def said_of(payout: Payout) -> str:
    """Where the money of a payout is, and what comes next; "" for a status newer than this release."""
    sentence = SENTENCES.get(case_of(payout))
    if sentence is None:
        return ""
    return str(sentence) % {
        "amount": format_amount(payout.amount, payout.currency),
        "day": day(payout.arrival_date),
        "why": payout.failure_message or payout.failure_code or gettext("unknown"),
    }


def case_of(payout: Payout) -> str:
    """Key of `SENTENCES`: the status, and whether the bank may still return the money."""
    if payout.status != "paid":
        return str(payout.status)
    if payout.reversed_by_id:
        return "paid, reversed"
    arrival = payout.arrival_date
    return "paid" if arrival is not None and arrival + RETURNED_WITHIN < timezone.now() else "paid, lately"


#: What a payout comes to -> the sentence about it.
SENTENCES: dict[str, Any] = {
    "pending": _("%(amount)s are to be sent to the bank; they should arrive on %(day)s."),
    "in_transit": _("%(amount)s are on their way to the bank; they should arrive on %(day)s."),
    "paid": _("%(amount)s arrived at the bank on %(day)s."),
    "paid, lately": _(
        "%(amount)s were sent to the bank, for arrival on %(day)s. The bank can still return them, for five business "
        "days after that."
    ),
    "paid, reversed": _("%(amount)s were sent to the bank, and came back: another payout reverses this one."),
    "failed": _(
        "%(amount)s did not reach the bank, and are in the balance again. Reason: %(why)s. Check the bank account in "
        "Stripe's dashboard."
    ),
    "canceled": _("Canceled: %(amount)s stay in the balance."),
}


def contents_of(payout: Payout) -> str:
    """What a payout contains, as far as Stripe tells."""
    if payout.automatic is False:
        return gettext("It was made by hand: Stripe does not say what it contains.")
    if payout.reconciliation_status == "in_progress":
        return gettext("Stripe is still listing what it contains.")
    if not may_see(payout, BalanceTransaction):
        return ""
    # Its own transaction, which takes the amount from the balance, is in the list, too.
    rows = BalanceTransaction.all_objects.filter(payout=payout.pk).exclude(source=payout.stripe_id)
    found = rows.aggregate(count=Count("pk"), amount=Sum("amount"), fee=Sum("fee"))
    if not found["count"]:
        return ""
    text = ngettext(
        "It contains %(count)d transaction of %(amount)s, less %(fee)s in fees.",
        "It contains %(count)d transactions of together %(amount)s, less %(fee)s in fees.",
        found["count"],
    )
    amounts = {name: format_amount(int(found[name] or 0), payout.currency) for name in ("amount", "fee")}
    return text % {"count": found["count"], **amounts}


@admin.register(Payout)
class PayoutAdmin(MirroredAdmin):
    list_display = ("shown_status", "arrival")
    list_filter = (status_filter(Payout._meta.get_field("status")),)
    sorted_columns = {"arrival": "arrival_date"}

    @admin.display(description=_("status"))
    def shown_status(self, obj: Payout) -> Any:
        """The status, and below it why a payout failed."""
        badge = status_badge(obj)
        return two_lines(badge, breakable(obj.failure_code)) if obj.failure_code else badge

    @admin.display(description=_("arrival"), ordering="arrival_date")
    def arrival(self, obj: Payout) -> str:
        return day(obj.arrival_date) if obj.arrival_date else ""

    def summary(self, obj: Payout) -> Any:
        return super().summary(obj) or f"{said_of(obj)} {contents_of(obj)}".strip()


@admin.register(Balance)
class BalanceAdmin(MirroredAdmin):
    list_display = ("shown_pending", "shown_as_of")

    def title_of(self, obj: Balance) -> str:
        return format_amounts(obj.available)

    @admin.display(description=_("pending"))
    def shown_pending(self, obj: Balance) -> str:
        return format_amounts(obj.pending)

    @admin.display(description=_("as of"))
    def shown_as_of(self, obj: Balance) -> str:
        return day(obj.as_of)

    def summary(self, obj: Balance) -> Any:
        """What could be paid out when Stripe last told of the balance, and what was to come."""
        if obj.is_deleted or not obj.available:
            return super().summary(obj)
        sentence = (
            gettext("On %(day)s, %(available)s could be paid out, and %(pending)s were to become available later.")
            if any(obj.pending.values())
            else gettext("On %(day)s, %(available)s could be paid out.")
        )
        told = sentence % {
            "day": day(obj.as_of),
            "available": format_amounts(obj.available),
            "pending": format_amounts(obj.pending),
        }
        return f"{told} " + gettext("Stripe tells of the balance only when funds become available.")


@admin.register(BalanceTransaction)
class BalanceTransactionAdmin(MirroredAdmin):
    list_display = (
        "shown_type",
        money("fee", _("fee"), zero=False),
        money("net", _("net")),
        reference("payout", _("payout")),
    )
    list_filter = (reference_filter(BalanceTransaction._meta.get_field("payout")),)

    @admin.display(description=_("type"))
    def shown_type(self, obj: BalanceTransaction) -> Any:
        return two_lines(label_of(obj, "type"), breakable(obj.source))

    def summary(self, obj: BalanceTransaction) -> Any:
        """How the balance changes, and from when on the money can be used."""
        if obj.is_deleted or obj.net is None:
            return super().summary(obj)
        amounts = {name: format_amount(getattr(obj, name), obj.currency) for name in ("amount", "fee", "net")}
        is_available = obj.available_on is not None and obj.available_on <= timezone.now()
        sentence = (
            gettext("%(amount)s, less %(fee)s in fees, change the balance by %(net)s, since %(day)s.")
            if is_available
            else gettext("%(amount)s, less %(fee)s in fees, change the balance by %(net)s, from %(day)s on.")
        )
        return sentence % {**amounts, "day": day(obj.available_on)}

    def own_panels(self, request: HttpRequest, obj: BalanceTransaction) -> Iterable[Reading[Panel | None]]:
        """What it is about."""
        for model in models_of_id(obj.source):
            rows = model.all_objects.filter(pk=mirror_key(obj.source, obj.stripe_account))
            yield listed(request, gettext("What it is about"), rows, columns_on(self.admin_site, model))

    def panel_columns(self) -> PanelColumns:
        return transaction_columns()


def models_of_id(stripe_id: str) -> list[type[MirroredObject]]:
    """The tables whose objects have ids that begin like this one."""
    rows = (row for row in OBJECT_TYPES.values() if row.name in MIRRORED and row.id_prefixes)
    return [MIRRORED[row.name].model for row in rows if stripe_id.startswith(row.id_prefixes)]


#: Status of a top-up -> where its money is.
TOPUP_SENTENCES: dict[str, Any] = {
    "pending": _("%(amount)s are on their way from your bank; they should be in the balance on %(day)s."),
    "succeeded": _("%(amount)s are in the balance."),
    "failed": _("%(amount)s did not come from your bank. Reason: %(why)s."),
    "canceled": _("Canceled: %(amount)s stay at your bank."),
    "reversed": _("%(amount)s went back to your bank."),
}


@admin.register(TopUp)
class TopUpAdmin(MirroredAdmin):
    list_display = (status, "expected")

    @admin.display(description=_("expected on"))
    def expected(self, obj: TopUp) -> str:
        return day(obj.expected_availability_date) if obj.expected_availability_date else ""

    def summary(self, obj: TopUp) -> Any:
        sentence = TOPUP_SENTENCES.get(obj.status)
        if obj.is_deleted or sentence is None:
            return super().summary(obj)
        return str(sentence) % {
            "amount": format_amount(obj.amount, obj.currency),
            "day": day(obj.expected_availability_date),
            "why": obj.failure_message or obj.failure_code or gettext("unknown"),
        }

    def own_panels(self, request: HttpRequest, obj: TopUp) -> Iterable[Reading[Panel | None]]:
        yield transactions_about(request, obj)
