"""Pages of disputes: how much, why, and until when there is something to do."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import Dispute
from ...models.disputes import UNANSWERED
from ..display.badges import status_badge
from ..display.pages import Panel, day, two_lines
from ..filters import reference_filter, status_filter
from .columns import PanelColumns, label_of, own_link, reference, status
from .default import MirroredAdmin
from .payouts import transactions_about


def dispute_columns() -> PanelColumns:
    return {
        _("Id"): own_link,
        _("Status"): status_badge,
        _("Amount"): lambda row: format_amount(row.amount, row.currency),
        _("Reason"): lambda row: label_of(row, "reason"),
        _("Evidence due"): lambda row: day(row.evidence_due_by) if is_due(row) else "",
        _("Created"): lambda row: row.created_at,
    }


def is_due(dispute: Dispute) -> bool:
    """Whether Stripe waits for evidence, and has said until when."""
    return dispute.status in UNANSWERED and dispute.evidence_due_by is not None


def said_of(dispute: Dispute) -> str:
    """How much, why, and what comes next; "" for a status newer than this release."""
    sentence = SENTENCES.get(case_of(dispute))
    if sentence is None:
        return ""
    return str(sentence) % {
        "amount": format_amount(dispute.amount, dispute.currency),
        "reason": label_of(dispute, "reason") or gettext("unknown"),
        "day": day(dispute.evidence_due_by),
    }


def case_of(dispute: Dispute) -> str:
    """Key of `SENTENCES`: the status, and whether there is still time for evidence, and some of it saved."""
    if dispute.status != "needs_response" or dispute.evidence_due_by is None:
        return str(dispute.status)
    # Stripe makes no event when the time is over: `evidence_past_due` is as of the last one.
    if dispute.evidence_past_due or dispute.evidence_due_by <= timezone.now():
        return "needs_response, late"
    return "needs_response, saved" if dispute.has_evidence and not dispute.submission_count else "needs_response, due"


#: What a dispute comes to -> the sentence about it.
SENTENCES: dict[str, Any] = {
    "needs_response": _(
        "The customer's bank takes %(amount)s back. Reason: %(reason)s. Without evidence the dispute is lost."
    ),
    "needs_response, due": _(
        "The customer's bank takes %(amount)s back. Reason: %(reason)s. Evidence is due by %(day)s; without it the "
        "dispute is lost."
    ),
    "needs_response, saved": _(
        "The customer's bank takes %(amount)s back. Reason: %(reason)s. Evidence is saved, but not submitted: it is "
        "due by %(day)s."
    ),
    "needs_response, late": _(
        "The customer's bank takes %(amount)s back. Reason: %(reason)s. Evidence was due by %(day)s: it is too late "
        "for more, and the bank decides."
    ),
    "under_review": _(
        "The customer's bank took %(amount)s back. Reason: %(reason)s. Evidence is submitted; the bank decides, which "
        "can take months."
    ),
    "won": _("Won: the bank decided for you, and %(amount)s come back to the balance. Reason: %(reason)s."),
    "lost": _("Lost: %(amount)s stay with the customer. Reason: %(reason)s. Nothing more can be done."),
    "prevented": _("Prevented: %(amount)s were settled before a dispute began. Reason: %(reason)s."),
    "charge_refunded": _("Closed, because the charge of %(amount)s was refunded. Reason: %(reason)s."),
    "warning_needs_response": _(
        "An inquiry: the customer's bank asks about %(amount)s, and takes nothing yet. Reason: %(reason)s. Answer by "
        "%(day)s, or refund the charge; else it may become a dispute."
    ),
    "warning_under_review": _(
        "An inquiry about %(amount)s: the answer is with the customer's bank, which takes nothing yet. Reason: "
        "%(reason)s."
    ),
    "warning_closed": _("The inquiry about %(amount)s is closed, and no dispute came of it. Reason: %(reason)s."),
    "appeal_needs_response": _(
        "Lost: %(amount)s stay with the customer, unless you appeal by %(day)s. Reason: %(reason)s."
    ),
    "appeal_under_review": _(
        "Lost, and under appeal: the bank decides once more about %(amount)s. Reason: %(reason)s."
    ),
}


@admin.register(Dispute)
class DisputeAdmin(MirroredAdmin):
    list_display = ("shown_status", "due", reference("charge", _("charge")))
    sorted_columns = {"due": "evidence_due_by"}
    list_filter = (
        status_filter(Dispute._meta.get_field("status")),
        reference_filter(Dispute._meta.get_field("charge")),
        reference_filter(Dispute._meta.get_field("payment_intent")),
    )

    @admin.display(description=_("status"))
    def shown_status(self, obj: Dispute) -> Any:
        """The status, and below it the reason."""
        return two_lines(status(obj), label_of(obj, "reason"))

    @admin.display(description=_("evidence due"), ordering="evidence_due_by")
    def due(self, obj: Dispute) -> str:
        return day(obj.evidence_due_by) if is_due(obj) else ""

    def summary(self, obj: Dispute) -> Any:
        return super().summary(obj) or said_of(obj)

    def own_panels(self, request: HttpRequest, obj: Dispute) -> Iterable[Reading[Panel | None]]:
        yield transactions_about(request, obj)

    def panel_columns(self) -> PanelColumns:
        return dispute_columns()
