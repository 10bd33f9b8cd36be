"""Pages of reviews and early fraud warnings: what staff should look at before the bank does."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ...models import EarlyFraudWarning, Review
from ..display.badges import badge
from ..filters import ChoiceFilter, reference_filter
from .columns import PanelColumns, label_of, own_link, reference, word
from .default import MirroredAdmin


class OpenFilter(ChoiceFilter):
    title = _("state")
    parameter_name = "open"
    options = {
        "yes": (pgettext_lazy("state of a review", "open"), Q(open=True)),
        "no": (pgettext_lazy("state of a review", "closed"), Q(open=False)),
    }


class ActionableFilter(ChoiceFilter):
    title = _("can be acted on")
    parameter_name = "actionable"
    options = {"yes": (_("yes"), Q(actionable=True)), "no": (_("no"), Q(actionable=False))}


def review_badge(review: Review) -> SafeString | str:
    """Whether a review waits for staff."""
    if review.open is None:
        return ""
    if review.open:
        return badge(pgettext("state of a review", "open"), "open")
    return badge(pgettext("state of a review", "closed"), "quiet")


def warning_badge(warning: EarlyFraudWarning) -> SafeString | str:
    """Whether there is something to do about a warning."""
    if warning.actionable is None:
        return ""
    if warning.actionable:
        return badge(gettext("can be acted on"), "bad")
    return badge(gettext("nothing left to do"), "quiet")


def why_closed(review: Review) -> Any:
    return label_of(review, "closed_reason") or label_of(review, "reason") or gettext("unknown")


def why_opened(review: Review) -> Any:
    return label_of(review, "opened_reason") or label_of(review, "reason") or gettext("unknown")


@admin.register(Review)
class ReviewAdmin(MirroredAdmin):
    list_display = ("state", word("reason", _("reason")), reference("charge", _("charge")))
    list_filter = (
        OpenFilter,
        reference_filter(Review._meta.get_field("charge")),
        reference_filter(Review._meta.get_field("payment_intent")),
    )
    badge_columns = ("open",)

    @admin.display(description=_("state"))
    def state(self, obj: Review) -> SafeString | str:
        return review_badge(obj)

    def badges(self, obj: Review) -> list[Any]:
        return [*filter(None, [review_badge(obj)]), *super().badges(obj)]

    def summary(self, obj: Review) -> Any:
        if obj.is_deleted or obj.open is None:
            return super().summary(obj)
        if obj.open:
            sentence = gettext(
                "The payment waits for a decision. Reason: %(reason)s. Approve it in Stripe's dashboard, or refund it."
            )
            return sentence % {"reason": why_opened(obj)}
        sentence = gettext("The review is closed. Reason: %(reason)s. Nothing is left to do.")
        return sentence % {"reason": why_closed(obj)}

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Status"): review_badge,
            _("Reason"): lambda row: label_of(row, "reason"),
            _("Created"): lambda row: row.created_at,
        }


@admin.register(EarlyFraudWarning)
class EarlyFraudWarningAdmin(MirroredAdmin):
    list_display = ("state", word("fraud_type", _("kind of fraud")), reference("charge", _("charge")))
    list_filter = (
        ActionableFilter,
        reference_filter(EarlyFraudWarning._meta.get_field("charge")),
        reference_filter(EarlyFraudWarning._meta.get_field("payment_intent")),
    )
    badge_columns = ("actionable",)

    @admin.display(description=_("state"))
    def state(self, obj: EarlyFraudWarning) -> SafeString | str:
        return warning_badge(obj)

    def badges(self, obj: EarlyFraudWarning) -> list[Any]:
        return [*filter(None, [warning_badge(obj)]), *super().badges(obj)]

    def summary(self, obj: EarlyFraudWarning) -> Any:
        if obj.is_deleted or obj.actionable is None:
            return super().summary(obj)
        sentence = (
            gettext(
                "The issuer of the card suspects fraud: %(kind)s. A dispute is likely; a full refund of the charge "
                "prevents it."
            )
            if obj.actionable
            else gettext(
                "The issuer of the card suspected fraud: %(kind)s. The charge is disputed or refunded in full: nothing "
                "is left to do here."
            )
        )
        return sentence % {"kind": label_of(obj, "fraud_type") or gettext("unknown")}

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Status"): warning_badge,
            _("Kind of fraud"): lambda row: label_of(row, "fraud_type"),
            _("Created"): lambda row: row.created_at,
        }
