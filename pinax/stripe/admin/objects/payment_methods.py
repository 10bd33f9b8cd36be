"""Pages of what customers pay with."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...models import BankAccount, Card, PaymentMethod, Source
from ..display.badges import badge, deleted_badge, status_badge
from ..display.line_breaks import breakable
from ..display.pages import two_lines
from .columns import label_of, reference
from .default import MirroredAdmin


def is_expired(row: Any) -> bool:
    """Whether the last month of a card is over."""
    year, month = getattr(row, "exp_year", None), getattr(row, "exp_month", None)
    today = timezone.localdate()
    return bool(year and month) and (year, month) < (today.year, today.month)


def last_month(row: Any) -> str:
    """The last month of a card; "" for what does not expire."""
    year, month = getattr(row, "exp_year", None), getattr(row, "exp_month", None)
    return f"{month:02}/{year}" if year and month else ""


def expiry(row: Any) -> SafeString | str:
    """The last month of a card, marked when it is over; "" for what does not expire."""
    return format_html("{} {}", last_month(row), expired_badge()) if is_expired(row) else last_month(row)


def expired_badge() -> SafeString:
    """For a card whose last month is over: most attempts to charge it fail."""
    return badge(pgettext("state of a card", "expired"), "bad")


def use_badge(row: Any) -> SafeString | str:
    """Why nothing can be charged to a means of payment any more; "" when nothing speaks against it.

    A payment method that was detached from its customer can never be attached again.
    """
    if row.is_deleted:
        return deleted_badge()
    if row.customer_id is None:
        return badge(pgettext("state of a card", "without a customer"), "quiet")
    if row.customer is not None and row.customer.is_deleted:
        return badge(pgettext("state of a card", "customer deleted"), "quiet")
    return expired_badge() if is_expired(row) else ""


#: Status of a source or a bank account -> what it means for payments.
STATUS_SENTENCES: dict[str, Any] = {
    "canceled": _("It cannot be charged any more."),
    "consumed": _("A payment has used it up: it cannot be charged again."),
    "failed": _("The customer did not approve it: it cannot be charged."),
    "pending": _("The customer has to approve it before it can be charged."),
    "new": _("It has to be verified before it can be charged."),
    "errored": _("A payment from it failed: the customer has to correct it."),
    "verification_failed": _("Its verification failed: it cannot be charged."),
}


def use_of(row: Any) -> str:
    """Whether the customer can pay with it, and until when."""
    if row.customer_id is None:
        return gettext("No customer has it: it cannot be charged.")
    if row.customer is not None and row.customer.is_deleted:
        return gettext("Its customer is deleted: it cannot be charged.")
    if is_expired(row):
        return gettext("It has expired: most attempts to charge it fail.")
    sentence = STATUS_SENTENCES.get(getattr(row, "status", ""))
    if sentence is not None:
        return str(sentence)
    month = last_month(row)
    if not month:
        return gettext("The customer can pay with it.")
    return gettext("The customer can pay with it until the end of %(month)s.") % {"month": month}


class MeansAdmin(MirroredAdmin):
    def summary(self, obj: Any) -> Any:
        return super().summary(obj) or use_of(obj)

    def title_of(self, obj: Any) -> str:
        name = getattr(obj, "brand", "") or getattr(obj, "bank_name", "")
        return f"{name} •••• {obj.last4}".strip() if obj.last4 else ""

    @admin.display(description=_("type"))
    def shown_type(self, obj: Any) -> Any:
        return breakable(str(label_of(obj, "type")))

    @admin.display(description=_("expires"))
    def expires(self, obj: Any) -> Any:
        return two_lines(last_month(obj), expired_badge()) if is_expired(obj) else last_month(obj)

    def badges(self, obj: Any) -> list[Any]:
        found = super().badges(obj)
        mark = "" if obj.is_deleted else use_badge(obj)
        return [mark, *found] if mark else found


CUSTOMER = reference("customer", _("customer"))


@admin.register(PaymentMethod)
class PaymentMethodAdmin(MeansAdmin):
    search_help_text = _("An exact id, or the last four digits of a card.")
    digit_columns = ("last4",)
    list_display = ("shown_type", "expires", CUSTOMER)


@admin.register(Card)
class CardAdmin(MeansAdmin):
    search_help_text = _("An exact id, or the last four digits of a card.")
    digit_columns = ("last4",)
    list_display = ("expires", CUSTOMER)


@admin.register(BankAccount)
class BankAccountAdmin(MeansAdmin):
    pass


@admin.register(Source)
class SourceAdmin(MeansAdmin):
    list_display = ("shown_status", "expires", CUSTOMER)

    @admin.display(description=_("status"))
    def shown_status(self, obj: Source) -> Any:
        """The status, and below it the type."""
        return two_lines(status_badge(obj), self.shown_type(obj))
