"""Invoices and payments towards them."""

from ..base import DeletedWebhook, MirrorWebhook
from ..registry import register


# invoice.upcoming is missing on purpose: it previews an invoice that does not exist yet.
@register(
    "invoice.created",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.overpaid",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_attempt_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "invoice.updated",
    "invoice.voided",
    "invoice.will_be_due",
)
class InvoiceWebhook(MirrorWebhook):
    """The invoice with its lines."""


@register("invoice.deleted")
class InvoiceDeletedWebhook(DeletedWebhook):
    """Only drafts can be deleted."""


@register("invoice_payment.paid")
class InvoicePaymentWebhook(MirrorWebhook):
    """The payment, which says what the invoice was paid with."""
