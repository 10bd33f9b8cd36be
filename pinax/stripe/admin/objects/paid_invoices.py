"""Invoices and what was paid towards them lead to each other, in every API version.

Until 2025-03-31.basil an invoice names its charge and its payment intent, and both name their invoice. Later none of
them does: only an invoice payment names the invoice and, mostly, the payment intent
(https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices).
"""

from functools import cached_property

from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...currencies import format_amount
from ...models import Charge, Invoice, InvoicePayment, PaymentIntent
from ..display.badges import status_badge
from ..display.pages import Panel
from .columns import PanelColumns, own_link
from .panels import listed


def invoice_columns() -> PanelColumns:
    return {
        _("Number"): lambda row: own_link(row, row.number),
        _("Status"): status_badge,
        _("Total"): lambda row: format_amount(row.total, row.currency),
        _("Still due"): lambda row: format_amount(row.amount_remaining or None, row.currency),
        _("Due"): lambda row: row.due_date,
        _("Created"): lambda row: row.created_at,
    }


def named_by(*ways: QuerySet) -> list[str]:
    """The keys that querysets of one column find.

    One statement asks all of them, and each is answered by its own index: conditions on several tables that are joined
    by OR make a database read whole tables.
    """
    first, *others = (way.order_by() for way in ways)
    return sorted({key for key in first.union(*others).order_by() if key})


def named(name: str, rows: QuerySet, column: str) -> QuerySet:
    """The keys in a column, each behind a name."""
    return rows.values_list(Value(name, output_field=CharField()), column)


class Payments:
    """What was paid towards an invoice, asked for once."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice

    @cached_property
    def keys(self) -> list[tuple[str, str]]:
        """The payment intents and charges, those of attempts that failed included: names of models, and keys."""
        payments = InvoicePayment.all_objects.filter(invoice=self.invoice.pk)
        intents = PaymentIntent.all_objects.filter(invoice=self.invoice.pk)
        charges = Charge.all_objects
        known = {"intent": self.invoice.payment_intent_id, "charge": self.invoice.charge_id}
        ways = [
            *(named("intent", payments, "payment_intent_id"), named("intent", intents, "pk")),
            *(named("charge", payments, "charge_id"), named("charge", charges.filter(invoice=self.invoice.pk), "pk")),
            # By the intents, each way of which has an index of its own.
            named("charge", charges.filter(payment_intent__in=payments.values("payment_intent_id")), "pk"),
            named("charge", charges.filter(payment_intent__in=intents.values("pk")), "pk"),
        ]
        if known["intent"]:
            ways.append(named("charge", charges.filter(payment_intent=known["intent"]), "pk"))
        first, *others = (way.order_by() for way in ways)
        return sorted({(name, key) for name, key in (*first.union(*others).order_by(), *known.items()) if key})

    @property
    def intent_keys(self) -> list[str]:
        """Of the payment intents."""
        return [key for name, key in self.keys if name == "intent"]

    @property
    def charge_keys(self) -> list[str]:
        """Of the charges."""
        return [key for name, key in self.keys if name == "charge"]

    @cached_property
    def charges(self) -> list[Charge]:
        """The amounts of the charges, and their refunds and disputes."""
        return [*Charge.all_objects.filter(pk__in=self.charge_keys).only("currency", "amount_refunded", "disputed")]

    @property
    def refunded(self) -> int:
        """What was given back, in minor units of the invoice's currency."""
        same = (charge for charge in self.charges if charge.currency == self.invoice.currency)
        return sum(charge.amount_refunded or 0 for charge in same)

    @property
    def is_disputed(self) -> bool:
        """Whether a customer's bank wants a payment back."""
        return any(charge.disputed for charge in self.charges)


def invoice_keys(charge: str | None, intent: str | None) -> list[str]:
    """Keys of the invoices towards which a charge or a payment intent was paid."""
    ways: list[QuerySet] = []
    if charge:
        ways += [
            Charge.all_objects.filter(pk=charge).values_list("invoice_id", flat=True),
            Invoice.all_objects.filter(charge=charge).values_list("pk", flat=True),
            InvoicePayment.all_objects.filter(charge=charge).values_list("invoice_id", flat=True),
        ]
    if intent:
        ways += [
            PaymentIntent.all_objects.filter(pk=intent).values_list("invoice_id", flat=True),
            Invoice.all_objects.filter(payment_intent=intent).values_list("pk", flat=True),
            InvoicePayment.all_objects.filter(payment_intent=intent).values_list("invoice_id", flat=True),
            Charge.all_objects.filter(payment_intent=intent).values_list("invoice_id", flat=True),
        ]
    return named_by(*ways) if ways else []


def paid_invoices(
    request: HttpRequest, *, charge: str | None = None, intent: str | None = None
) -> Reading[Panel | None]:
    """A panel with the invoices towards which a charge or a payment intent was paid."""
    rows = Invoice.all_objects.filter(pk__in=invoice_keys(charge, intent)).order_by("-created_at", "-pk")
    return listed(request, gettext("Invoices"), rows, invoice_columns())
