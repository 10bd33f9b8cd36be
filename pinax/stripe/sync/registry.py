"""Which objects are mirrored, and what is particular about each: one table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import models
from ..api import quoted
from ..models.mirror import MirroredObject, mirror_key
from .readers.coupons import coupon_fields
from .readers.customers import customer_fields
from .readers.invoices import invoice_fields, invoice_line_item_fields, invoice_payment_fields
from .readers.payment_methods import bank_account_fields, card_fields, payment_method_fields, source_fields
from .readers.payments import charge_fields, payment_intent_fields, refund_fields
from .readers.products import plan_fields, price_fields, product_fields
from .readers.subscriptions import subscription_fields, subscription_item_fields
from .user_links import link_customer
from .values import identifier

Fields = Callable[[dict[str, Any]], dict[str, Any]]
#: Path and parameters of the API's list of all that an object has in one of its own lists.
ListPath = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def own_key(data: dict[str, Any], parent_key: str, account: str) -> str:
    """Key of a part whose id is unique."""
    return mirror_key(identifier(data), account)


def line_key(data: dict[str, Any], parent_key: str, account: str) -> str:
    """Key of an invoice line: its `il_` id, which older versions send as `unique_id`; else the invoice in front."""
    unique = identifier(data.get("unique_id")) or identifier(data)
    return mirror_key(unique, account) if unique.startswith("il_") else f"{parent_key}/{unique}"


@dataclass(frozen=True, kw_only=True)
class Children:
    """Parts that Stripe sends in a list of their owner, and that have no events of their own."""

    #: The key of the list in the owner's JSON.
    name: str
    model: type[MirroredObject]
    fields: Fields
    #: The column that names the owner.
    parent: str
    path: ListPath
    key: Callable[[dict[str, Any], str, str], str] = own_key
    #: Whether rows keep their place in the list.
    positioned: bool = False


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """How one type of object is mirrored."""

    model: type[MirroredObject]
    fields: Fields
    #: Path of the current object, for ties.
    path: Callable[[dict[str, Any]], str]
    #: Whether people choose the ids: such an id may come back after a deletion.
    chosen_ids: bool = False
    #: Only those that belong to a customer.
    of_customers: bool = False
    #: Lists of whole objects that some API versions embed.
    embedded: tuple[str, ...] = ()
    children: Children | None = None
    #: Other lists that are read whole when they are cut short: those of `embedded`, and those that columns are of.
    completed: dict[str, ListPath] = field(default_factory=dict)
    #: Called with key, data and account after news of an object was held against its row, whether the row changed or
    #: not, in the same transaction.
    after: Callable[[str, dict[str, Any], str], None] | None = None

    @property
    def lists(self) -> dict[str, ListPath]:
        """Every list that is read whole when it is cut short, by its name in the object."""
        parts = {} if self.children is None else {self.children.name: self.children.path}
        return {**parts, **self.completed}


def at(collection: str) -> Callable[[dict[str, Any]], str]:
    """Paths of a collection's objects."""
    return lambda data: f"/v1/{collection}/{quoted(identifier(data))}"


def customer_source_path(data: dict[str, Any]) -> str:
    """Cards and bank accounts are read below their customer."""
    return f"/v1/customers/{quoted(identifier(data.get('customer')))}/sources/{quoted(identifier(data))}"


def by(parameter: str, path: str) -> ListPath:
    """Lists that are filtered by their owner."""
    return lambda data: (path, {parameter: identifier(data)})


def below_customer(**params: str) -> ListPath:
    """What a customer has at `/v1/customers/:id/sources`."""
    return lambda data: (f"/v1/customers/{quoted(identifier(data))}/sources", params)


#: Stripe's `object` string -> how it is mirrored.
MIRRORED: dict[str, Mirrored] = {
    "customer": Mirrored(
        model=models.Customer,
        fields=customer_fields,
        path=at("customers"),
        embedded=("sources", "cards", "subscriptions"),
        completed={
            "sources": below_customer(),
            "cards": below_customer(object="card"),
            "subscriptions": by("customer", "/v1/subscriptions"),
        },
        after=link_customer,
    ),
    "payment_method": Mirrored(model=models.PaymentMethod, fields=payment_method_fields, path=at("payment_methods")),
    "card": Mirrored(model=models.Card, fields=card_fields, path=customer_source_path, of_customers=True),
    "bank_account": Mirrored(
        model=models.BankAccount, fields=bank_account_fields, path=customer_source_path, of_customers=True
    ),
    "source": Mirrored(model=models.Source, fields=source_fields, path=at("sources")),
    "product": Mirrored(model=models.Product, fields=product_fields, path=at("products"), chosen_ids=True),
    "price": Mirrored(model=models.Price, fields=price_fields, path=at("prices"), chosen_ids=True),
    "plan": Mirrored(model=models.Plan, fields=plan_fields, path=at("plans"), chosen_ids=True),
    "coupon": Mirrored(model=models.Coupon, fields=coupon_fields, path=at("coupons"), chosen_ids=True),
    "subscription": Mirrored(
        model=models.Subscription,
        fields=subscription_fields,
        path=at("subscriptions"),
        children=Children(
            name="items",
            model=models.SubscriptionItem,
            fields=subscription_item_fields,
            parent="subscription_id",
            path=by("subscription", "/v1/subscription_items"),
        ),
    ),
    "invoice": Mirrored(
        model=models.Invoice,
        fields=invoice_fields,
        path=at("invoices"),
        children=Children(
            name="lines",
            model=models.InvoiceLineItem,
            fields=invoice_line_item_fields,
            parent="invoice_id",
            path=lambda data: (f"/v1/invoices/{quoted(identifier(data))}/lines", {}),
            key=line_key,
            positioned=True,
        ),
        completed={"payments": by("invoice", "/v1/invoice_payments")},
    ),
    "invoice_payment": Mirrored(
        model=models.InvoicePayment, fields=invoice_payment_fields, path=at("invoice_payments")
    ),
    "charge": Mirrored(
        model=models.Charge,
        fields=charge_fields,
        path=at("charges"),
        embedded=("refunds",),
        completed={"refunds": by("charge", "/v1/refunds")},
    ),
    "payment_intent": Mirrored(model=models.PaymentIntent, fields=payment_intent_fields, path=at("payment_intents")),
    "refund": Mirrored(model=models.Refund, fields=refund_fields, path=at("refunds")),
}
