"""Pages of the cash of customers, and of what changes their balances."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...currencies import format_amount, format_amounts
from ...models import CashBalance, CustomerBalanceTransaction, CustomerCashBalanceTransaction
from .columns import PanelColumns, label_of, money, own_link, reference, word
from .default import MirroredAdmin


def balance_columns(amount: str) -> PanelColumns:
    """The columns of a panel of either kind; `amount` is the column that has it."""
    return {
        _("Id"): own_link,
        _("Type"): lambda row: label_of(row, "type"),
        _("Amount"): lambda row: format_amount(getattr(row, amount), row.currency),
        _("Balance afterwards"): lambda row: format_amount(row.ending_balance, row.currency),
        _("Created"): lambda row: row.created_at,
    }


def owed_afterwards(transaction: CustomerBalanceTransaction) -> str:
    """What the customer's balance is since, and what becomes of it; "" where that is not known."""
    balance = transaction.ending_balance
    if balance is None:
        return ""
    if not balance:
        return gettext("Afterwards nothing is left.")
    sentence = (
        gettext("Afterwards the customer has a credit of %(amount)s, which the next invoice uses.")
        if balance < 0
        else gettext("Afterwards the customer owes %(amount)s, which the next invoice adds.")
    )
    return sentence % {"amount": format_amount(abs(balance), transaction.currency)}


@admin.register(CustomerBalanceTransaction)
class CustomerBalanceTransactionAdmin(MirroredAdmin):
    list_display = (
        word("type", _("type")),
        money("ending_balance", _("balance afterwards")),
        reference("customer", _("customer")),
    )

    def summary(self, obj: CustomerBalanceTransaction) -> Any:
        if obj.is_deleted or obj.amount is None:
            return super().summary(obj)
        sentence = (
            gettext("The customer owes %(amount)s less. Reason: %(reason)s.")
            if obj.amount < 0
            else gettext("The customer owes %(amount)s more. Reason: %(reason)s.")
        )
        amount = format_amount(abs(obj.amount), obj.currency)
        reason = label_of(obj, "type") or gettext("unknown")
        return f"{sentence % {'amount': amount, 'reason': reason}} {owed_afterwards(obj)}".strip()

    def panel_columns(self) -> PanelColumns:
        return balance_columns("amount")


#: How a cash balance is used -> the sentence about it.
USES: dict[str, Any] = {
    "automatic": _("Stripe uses it for the customer's open invoices."),
    "manual": _("Stripe uses it for no payment until you say for which."),
}


@admin.register(CashBalance)
class CashBalanceAdmin(MirroredAdmin):
    list_display = (
        word("reconciliation_mode", _("use")),
        reference("customer", _("customer")),
    )

    def title_of(self, obj: CashBalance) -> str:
        return format_amounts(obj.available)

    def summary(self, obj: CashBalance) -> Any:
        if obj.is_deleted:
            return super().summary(obj)
        if not any(obj.available.values()):
            return gettext("The customer has sent no cash that is still to be used.")
        sentence = gettext("The customer has %(amounts)s in cash.") % {"amounts": format_amounts(obj.available)}
        return f"{sentence} {USES.get(obj.reconciliation_mode, '')}".strip()

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Available"): lambda row: format_amounts(row.available),
            _("Use"): lambda row: label_of(row, "reconciliation_mode"),
        }


@admin.register(CustomerCashBalanceTransaction)
class CustomerCashBalanceTransactionAdmin(MirroredAdmin):
    list_display = (
        word("type", _("type")),
        money("ending_balance", _("balance afterwards")),
        reference("customer", _("customer")),
    )

    def summary(self, obj: CustomerCashBalanceTransaction) -> Any:
        if obj.is_deleted or obj.net_amount is None:
            return super().summary(obj)
        sentence = (
            gettext(
                "%(amount)s left the customer's cash balance. Reason: %(reason)s. Afterwards it has %(balance)s, which "
                "open invoices can use."
            )
            if obj.net_amount < 0
            else gettext(
                "%(amount)s came into the customer's cash balance. Reason: %(reason)s. Afterwards it has %(balance)s, "
                "which open invoices can use."
            )
        )
        return sentence % {
            "amount": format_amount(abs(obj.net_amount), obj.currency),
            "reason": label_of(obj, "type") or gettext("unknown"),
            "balance": format_amount(obj.ending_balance, obj.currency) or "?",
        }

    def panel_columns(self) -> PanelColumns:
        return balance_columns("net_amount")
