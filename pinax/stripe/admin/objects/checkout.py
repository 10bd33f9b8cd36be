"""Pages of checkout sessions and quotes with their lines, and of what they are made with."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import CheckoutLineItem, CheckoutSession, PaymentLink, PortalConfiguration, Quote, ShippingRate
from ..display import links
from ..display.badges import badge, deleted_badge, status_badge
from ..display.pages import Panel, day
from .columns import PanelColumns, label_of, money, own_link, reference, status, word
from .default import MirroredAdmin
from .panels import listed


def session_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Payment"): lambda row: label_of(row, "payment_status"),
        _("Total"): lambda row: format_amount(row.amount_total, row.currency),
        _("E-mail address"): lambda row: row.customer_email,
        _("Created"): lambda row: row.created_at,
    }


def line_columns() -> PanelColumns:
    return {
        _("What"): lambda row: own_link(row, row.description),
        _("Quantity"): lambda row: row.quantity,
        _("Discount"): lambda row: format_amount(row.amount_discount or None, row.currency),
        _("Tax"): lambda row: format_amount(row.amount_tax or None, row.currency),
        _("Total"): lambda row: format_amount(row.amount_total, row.currency),
    }


def lines_panel(request: HttpRequest, owner: Any, name: str) -> Reading[Panel | None]:
    """The lines that name an owner in a column."""
    lines = CheckoutLineItem.all_objects.filter(**{name: owner.pk}).order_by("position", "pk")
    url = links.list_url("checkoutlineitem", **{f"{name}__id__exact": owner.pk})
    return listed(request, gettext("Lines"), lines, line_columns(), more_url=url, more_text=gettext("All lines"))


@admin.register(CheckoutSession)
class CheckoutSessionAdmin(MirroredAdmin):
    list_display = (
        status,
        word("payment_status", _("payment")),
        money("amount_total", _("total")),
        reference("customer", _("customer")),
    )
    search_help_text = _("An exact id, e-mail address, or reference of the project.")
    search_fields = ("id", "stripe_id", "customer_email", "client_reference_id")
    panelled = (CheckoutLineItem,)

    def summary(self, obj: CheckoutSession) -> Any:
        return super().summary(obj) or said_of(obj)

    def own_panels(self, request: HttpRequest, obj: CheckoutSession) -> Iterable[Reading[Panel | None]]:
        yield lines_panel(request, obj, "session")

    def panel_columns(self) -> PanelColumns:
        return session_columns()


def said_of(session: CheckoutSession) -> str:
    """Who paid how much, or that the customer went away."""
    sentence = SENTENCES.get(case_of(session))
    return str(sentence or "") % {
        "who": session.customer_email or gettext("the customer"),
        "total": format_amount(session.amount_total, session.currency),
        "day": day(session.expires_at),
    }


def case_of(session: CheckoutSession) -> str:
    """Key of `SENTENCES`: the status of a session, and what else there is to say."""
    if session.status != "complete":
        is_known = session.status == "expired" and session.customer_email
        return f"{session.status}, known" if is_known else str(session.status)
    if session.mode == "setup":
        return "setup"
    is_unknown = session.payment_status == "paid" and session.amount_total is None
    return "paid, unknown" if is_unknown else str(session.payment_status)


#: What a session comes to -> the sentence about it.
SENTENCES: dict[str, Any] = {
    "open": _("The customer is not done yet; the page closes on %(day)s."),
    "expired": _("Abandoned: the page closed on %(day)s, and nothing was paid."),
    "expired, known": _("Abandoned by %(who)s: the page closed on %(day)s, and nothing was paid."),
    "paid": _("%(total)s were paid by %(who)s."),
    "paid, unknown": _("Paid by %(who)s."),
    "unpaid": _("Completed by %(who)s, but %(total)s are not paid: the payment is on its way, or it failed."),
    "no_payment_required": _("Completed by %(who)s. There was nothing to pay."),
    "setup": _("Completed by %(who)s: a payment method was saved for later."),
}


class SwitchedAdmin(MirroredAdmin):
    """Pages of what is active, or switched off; Stripe deletes none of it."""

    list_display: Any = ("state",)
    badge_columns = ("active",)

    @admin.display(description=_("state"))
    def state(self, obj: Any) -> Any:
        """Whether it is active."""
        if obj.is_deleted:
            return deleted_badge()
        return badge(gettext("active"), "good") if obj.active else badge(gettext("switched off"), "quiet")

    def badges(self, obj: Any) -> list[Any]:
        return [self.state(obj), *self.mode_badges(obj)]

    def summary(self, obj: Any) -> Any:
        said = super().summary(obj)
        return said if said or obj.active is None else self.said_of(obj)

    def said_of(self, obj: Any) -> str:
        """What it means for customers that it is active, or not."""
        raise NotImplementedError


@admin.register(PaymentLink)
class PaymentLinkAdmin(SwitchedAdmin):
    list_display = ("state", "url")
    panelled = (CheckoutLineItem,)

    def said_of(self, obj: PaymentLink) -> str:
        if obj.active:
            return gettext("Each customer who opens it gets a checkout session of their own.")
        return gettext("Customers who open it can no longer pay.")

    def own_panels(self, request: HttpRequest, obj: PaymentLink) -> Iterable[Reading[Panel | None]]:
        yield lines_panel(request, obj, "payment_link")


@admin.register(ShippingRate)
class ShippingRateAdmin(SwitchedAdmin):
    list_display = ("state", money("amount", _("amount")))

    def said_of(self, obj: ShippingRate) -> str:
        if obj.active:
            return gettext("Customers can choose it for %(amount)s.") % {
                "amount": format_amount(obj.amount, obj.currency)
            }
        return gettext("Customers can no longer choose it.")


#: What a portal configuration may allow -> its words.
RIGHTS: dict[str, Any] = {
    "can_cancel": _("cancel a subscription"),
    "can_change_plan": _("change the plan"),
    "can_change_payment_method": _("change the payment method"),
}


@admin.register(PortalConfiguration)
class PortalConfigurationAdmin(SwitchedAdmin):
    list_display = ("state", "is_default")

    def said_of(self, obj: PortalConfiguration) -> str:
        if not obj.active:
            return gettext("No customer gets to the portal with it.")
        rights = ", ".join(str(words) for name, words in RIGHTS.items() if getattr(obj, name))
        if not rights:
            return gettext("In the portal, customers can change nothing about subscriptions and payment methods.")
        return gettext("In the portal, customers can: %(rights)s.") % {"rights": rights}


#: Status of a quote -> the sentence about it.
QUOTE_SENTENCES: dict[str, Any] = {
    "draft": _("A draft: the customer cannot accept it before it is finalized."),
    "open": _("%(total)s are offered; the customer can accept until %(expires)s."),
    "accepted": _("The customer accepted on %(accepted)s."),
    "canceled": _("Canceled on %(canceled)s, or expired: the customer can no longer accept it."),
}


@admin.register(CheckoutLineItem)
class CheckoutLineItemAdmin(MirroredAdmin):
    def summary(self, obj: CheckoutLineItem) -> Any:
        if obj.is_deleted or obj.amount_total is None:
            return super().summary(obj)
        sentence = gettext("The customer was asked for %(amount)s.")
        if obj.quote_id:
            sentence = gettext("The quote offers it for %(amount)s.")
        elif obj.payment_link_id:
            sentence = gettext("The payment link offers it for %(amount)s.")
        return sentence % {"amount": format_amount(obj.amount_total, obj.currency)}


@admin.register(Quote)
class QuoteAdmin(MirroredAdmin):
    list_display = (status, money("amount_total", _("total")), reference("customer", _("customer")))
    search_help_text = _("An exact id or number.")
    panelled = (CheckoutLineItem,)

    def summary(self, obj: Quote) -> Any:
        said = super().summary(obj)
        return said or str(QUOTE_SENTENCES.get(obj.status, "")) % {
            "total": format_amount(obj.amount_total, obj.currency),
            "expires": day(obj.expires_at),
            "accepted": day(obj.accepted_at),
            "canceled": day(obj.canceled_at),
        }

    def own_panels(self, request: HttpRequest, obj: Quote) -> Iterable[Reading[Panel | None]]:
        yield lines_panel(request, obj, "quote")
