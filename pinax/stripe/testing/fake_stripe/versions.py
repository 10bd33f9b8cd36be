"""What Stripe's objects looked like in older API versions: one table of the facts that moved.

A FakeStripe keeps objects in the newest shape, with whatever a test said of them in an older one, and shows them in
the version that is asked for. https://docs.stripe.com/changelog has the changes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...catalogue.objects import OBJECT_TYPES
from ...stripe_values import JsonObject
from ..builders.copies import copied_json
from ..builders.lists import embedded_list_url, list_object
from ..builders.objects import build_object, plan_of
from .paths import list_below


class ObjectsOfAccount(Protocol):
    """The other objects of an account: depending on the version, some facts are in one object or in another."""

    def find(self, stripe_id: Any) -> JsonObject: ...  # pragma: no cover

    def all(self, object_type: str, **attributes: Any) -> list[JsonObject]: ...  # pragma: no cover


#: An attribute of the older shape, made of the object and the others of its account.
Make = Callable[[JsonObject, ObjectsOfAccount], Any]


@dataclass(frozen=True, kw_only=True)
class MovedAttributes:
    """A fact that moved within a type of object."""

    object: str
    #: The first version with the shape of today.
    since: str
    #: The attributes that tell it in older versions. What a test said of them itself stays, unless they are in `new`.
    old: dict[str, Make]
    #: The attributes that tell it today; older versions have none of that name, or the one of `old`.
    new: tuple[str, ...] = ()
    #: Attribute of today -> the one of `old` that a test may give instead, and what that means today.
    given: dict[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)
    #: Whether those of `old` may be seen today, too: expanded, or only left out of the documentation.
    seen_today: bool = False

    @property
    def gone(self) -> set[str]:
        """Attributes that today's shape does not have."""
        return set() if self.seen_today else self.old.keys() - set(self.new)


def renamed_attribute(object: str, since: str, old: str, new: str) -> MovedAttributes:
    """An attribute that has another name since a version."""
    return MovedAttributes(
        object=object,
        since=since,
        old={old: lambda data, objects: data.get(new)},
        new=(new,),
        given={new: (old, lambda value: value)},
    )


# Payments of invoices: since basil an object of its own names both.


def payment_of(invoice: JsonObject, objects: ObjectsOfAccount) -> JsonObject:
    """The payment towards an invoice that counts: the default one, else the newest; {} without any."""
    payments = objects.all("invoice_payment", invoice=invoice.get("id"))
    chosen = sorted(payments, key=lambda payment: payment.get("is_default") is not True)
    return (chosen[0].get("payment") or {}) if chosen else {}


def older_invoice_charge(invoice: JsonObject, objects: ObjectsOfAccount) -> Any:
    payment = payment_of(invoice, objects)
    return payment.get("charge") or objects.find(payment.get("payment_intent")).get("latest_charge")


def invoice_paid_with(kind: str) -> Make:
    """Finds the invoice of a charge or payment intent."""

    def invoice(data: JsonObject, objects: ObjectsOfAccount) -> Any:
        intent = data["id"] if kind == "payment_intent" else data.get("payment_intent")
        for payment in objects.all("invoice_payment"):
            paid = payment.get("payment") or {}
            if paid.get(kind) == data["id"] or (intent and paid.get("payment_intent") == intent):
                return payment.get("invoice")
        return None

    return invoice


def older_invoice_tax(invoice: JsonObject, objects: ObjectsOfAccount) -> int | None:
    taxes = invoice.get("total_taxes") or []
    return sum(tax.get("amount") or 0 for tax in taxes) if taxes else None


def parent_of(subscription: str | None) -> JsonObject | None:
    """How an invoice names its subscription today."""
    if subscription is None:
        return None
    details = {"metadata": {}, "subscription": subscription}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def value_at_path(*path: str) -> Make:
    """The value at a path."""

    def value(data: JsonObject, objects: ObjectsOfAccount) -> Any:
        found: Any = data
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return value


def is_status(*statuses: str) -> Make:
    return lambda data, objects: data.get("status") in statuses


def hash_without(name: str, part: str) -> Make:
    """A hash without one of its members."""
    return lambda data, objects: {key: value for key, value in (data.get(name) or {}).items() if key != part}


# Subscriptions and what they bill


def items_of(subscription: JsonObject) -> list[JsonObject]:
    return (subscription.get("items") or {}).get("data") or []


def period_bound(name: str, choose: Callable[[Iterable[int]], int]) -> Make:
    """A bound of the period of all items."""

    def bound(data: JsonObject, objects: ObjectsOfAccount) -> int | None:
        found = [item[name] for item in items_of(data) if item.get(name) is not None]
        return choose(found) if found else None

    return bound


def of_only_item(name: str) -> Make:
    """An attribute of the item of a subscription that has one; null for several."""

    def value(data: JsonObject, objects: ObjectsOfAccount) -> Any:
        items = items_of(data)
        return items[0].get(name) if len(items) == 1 else None

    return value


def line_details(line: JsonObject) -> JsonObject:
    parent = line.get("parent") or {}
    return parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}


def line_detail(name: str) -> Make:
    return lambda line, objects: line_details(line).get(name)


def line_type(line: JsonObject, objects: ObjectsOfAccount) -> str:
    return "invoiceitem" if (line.get("parent") or {}).get("invoice_item_details") else "subscription"


def line_price(line: JsonObject, objects: ObjectsOfAccount) -> JsonObject | None:
    """The whole price of a line that names it."""
    named = (line.get("pricing") or {}).get("price_details") or {}
    if not named.get("price"):
        return None
    found = objects.find(named["price"])
    if found.get("object") == "price":
        return found
    same = {"created": line.get("created") or 0, "livemode": bool(line.get("livemode"))}
    return build_object("price", id=named["price"], product=named.get("product"), **same)


def line_plan(line: JsonObject, objects: ObjectsOfAccount) -> JsonObject | None:
    price = line_price(line, objects)
    found = objects.find(price["id"]) if price else {}
    return found if found.get("object") == "plan" else plan_of(price) if price else None


def line_origin(line: JsonObject, objects: ObjectsOfAccount) -> Any:
    """The id that lines had before they got one of their own: that of what they bill."""
    details = line_details(line)
    named = line.get("subscription") or line.get("invoice_item")
    return named or details.get("invoice_item") or details.get("subscription") or line.get("id")


def plan_name(plan: JsonObject, objects: ObjectsOfAccount) -> Any:
    return objects.find(plan.get("product")).get("name") or plan.get("nickname")


def list_below_it(owner: str, attribute: str) -> Make:
    """The list of what names an object, without what has ended: the `sources` of a customer."""
    address = list_below(OBJECT_TYPES[owner], attribute)

    def made(data: JsonObject, objects: ObjectsOfAccount) -> JsonObject:
        found = [
            entry
            for row in address.entries
            for entry in objects.all(row.name, **{address.parent: data["id"]})
            if entry.get("status") not in row.ended_statuses
        ]
        return list_object(found, embedded_list_url(OBJECT_TYPES[owner], attribute, data["id"]))

    return made


# Charges


def older_intent_status(intent: JsonObject, objects: ObjectsOfAccount) -> Any:
    old = {"requires_payment_method": "requires_source", "requires_action": "requires_source_action"}
    return old.get(intent.get("status") or "", intent.get("status"))


def charges_of(intent: JsonObject, objects: ObjectsOfAccount) -> JsonObject:
    url = f"/v1/charges?payment_intent={intent['id']}"
    return list_object(objects.all("charge", payment_intent=intent["id"]), url)


def dispute_of(charge: JsonObject, objects: ObjectsOfAccount) -> Any:
    disputes = objects.all("dispute", charge=charge["id"])
    return disputes[0]["id"] if disputes else None


# Customers and coupons


def discount_coupon(discount: JsonObject, objects: ObjectsOfAccount) -> Any:
    """The whole coupon."""
    stripe_id = value_at_path("source", "coupon")(discount, objects)
    made_at = discount.get("start") or discount.get("created") or 0
    return objects.find(stripe_id) or (build_object("coupon", id=stripe_id, created=made_at) if stripe_id else None)


def promoted_coupon(code: JsonObject, objects: ObjectsOfAccount) -> Any:
    """The whole coupon of a promotion code."""
    return discount_coupon({**code, "source": code.get("promotion")}, objects)


def only_discount(data: JsonObject, objects: ObjectsOfAccount) -> JsonObject | None:
    """The first discount, whole: there could be but one."""
    named = (data.get("discounts") or [None])[0]
    return named if isinstance(named, dict) else objects.find(named) or None


def whole_percent(coupon: JsonObject, objects: ObjectsOfAccount) -> int | None:
    percent = coupon.get("percent_off")
    return None if percent is None else int(percent)


def only_refund(note: JsonObject, objects: ObjectsOfAccount) -> Any:
    """The first refund: there could be but one."""
    return ((note.get("refunds") or [{}])[0] or {}).get("refund")


# Accounts and schedules


def legal_entity(account: JsonObject, objects: ObjectsOfAccount) -> JsonObject:
    """Who is behind an account, as far as both shapes say it."""
    return {"type": account.get("business_type")}


def verification(account: JsonObject, objects: ObjectsOfAccount) -> JsonObject | None:
    """What is due, until `requirements` told it."""
    due = account.get("requirements")
    if not isinstance(due, dict):
        return None
    return {
        "disabled_reason": due.get("disabled_reason"),
        "due_by": due.get("current_deadline"),
        "fields_needed": due.get("currently_due") or [],
    }


def phases_of_plans(schedule: JsonObject, objects: ObjectsOfAccount) -> list[JsonObject]:
    """Phases whose `items` are `plans`."""
    return [
        {
            **{name: value for name, value in phase.items() if name != "items"},
            "plans": [
                {"plan": entry.get("plan") or entry.get("price"), "quantity": entry.get("quantity")}
                for entry in phase.get("items") or []
            ],
        }
        for phase in schedule.get("phases") or []
    ]


default_collection_method = value_at_path("default_settings", "collection_method")

MOVED_ATTRIBUTES = [
    MovedAttributes(
        object="subscription_schedule", since="2020-08-27", old={"phases": phases_of_plans}, new=("phases",)
    ),
    MovedAttributes(
        object="subscription_schedule",
        since="2019-11-05",
        old={"collection_method": default_collection_method},
        new=("default_settings",),
    ),
    MovedAttributes(
        object="subscription_schedule",
        since="2019-10-17",
        old={"billing": default_collection_method, "renewal_behavior": value_at_path("end_behavior")},
        new=("collection_method", "end_behavior"),
    ),
    MovedAttributes(
        object="account",
        since="2019-02-19",
        old={
            "business_name": value_at_path("business_profile", "name"),
            "business_url": value_at_path("business_profile", "url"),
            "display_name": value_at_path("settings", "dashboard", "display_name"),
            "legal_entity": legal_entity,
            "verification": verification,
        },
        new=("business_profile", "business_type", "company", "individual", "requirements", "settings"),
    ),
    MovedAttributes(
        object="account",
        since="2017-05-25",
        old={"managed": lambda data, objects: data.get("type") == "custom"},
        new=("type",),
    ),
    MovedAttributes(
        object="payout",
        since="2017-04-06",
        old={"object": lambda data, objects: "transfer", "date": value_at_path("arrival_date")},
        new=("object", "arrival_date"),
        given={"arrival_date": ("date", lambda value: value)},
    ),
    renamed_attribute("account", "2017-04-06", "transfers_enabled", "payouts_enabled"),
    MovedAttributes(
        object="file", since="2018-10-31", old={"object": lambda data, objects: "file_upload"}, new=("object",)
    ),
    MovedAttributes(
        object="invoiceitem",
        since="2025-03-31",
        old={
            "plan": line_plan,
            "price": line_price,
            "subscription": value_at_path("parent", "subscription_details", "subscription"),
            "unit_amount_decimal": value_at_path("pricing", "unit_amount_decimal"),
        },
        new=("parent", "pricing"),
        given={"parent": ("subscription", parent_of)},
    ),
    MovedAttributes(
        object="credit_note",
        since="2025-03-31",
        old={"refund": only_refund, "tax_amounts": value_at_path("total_taxes")},
        new=("post_payment_amount", "pre_payment_amount", "refunds", "total_taxes"),
    ),
    MovedAttributes(
        object="credit_note_line_item",
        since="2025-03-31",
        old={"tax_amounts": value_at_path("taxes")},
        new=("taxes",),
    ),
    MovedAttributes(
        object="discount",
        since="2025-09-30",
        old={"coupon": discount_coupon},
        new=("source",),
    ),
    MovedAttributes(
        object="promotion_code",
        since="2025-09-30",
        old={"coupon": promoted_coupon},
        new=("promotion",),
    ),
    # `discounts` of subscriptions were beside the only one for a year.
    MovedAttributes(object="subscription", since="2025-03-31", old={"discount": only_discount}),
    MovedAttributes(object="subscription", since="2024-04-10", old={}, new=("discounts",)),
    MovedAttributes(object="subscription_item", since="2024-04-10", old={}, new=("discounts",)),
    MovedAttributes(object="invoice", since="2025-03-31", old={"discount": only_discount}),
    MovedAttributes(object="invoice", since="2020-08-27", old={}, new=("discounts",)),
    MovedAttributes(
        object="discount",
        since="2020-08-27",
        old={},
        new=("id", "checkout_session", "invoice", "invoice_item", "promotion_code"),
    ),
    MovedAttributes(
        object="invoice",
        since="2025-03-31",
        old={
            "charge": older_invoice_charge,
            "paid": is_status("paid"),
            "payment_intent": lambda data, objects: payment_of(data, objects).get("payment_intent"),
            "subscription": value_at_path("parent", "subscription_details", "subscription"),
            "tax": older_invoice_tax,
        },
        new=("parent", "payments", "total_taxes"),
        given={"parent": ("subscription", parent_of)},
    ),
    MovedAttributes(
        object="line_item",
        since="2025-03-31",
        old={
            "invoice_item": line_detail("invoice_item"),
            "plan": line_plan,
            "price": line_price,
            "proration": line_detail("proration"),
            "subscription": line_detail("subscription"),
            "subscription_item": line_detail("subscription_item"),
            "type": line_type,
        },
        new=("parent", "pricing"),
    ),
    MovedAttributes(
        object="subscription",
        since="2025-03-31",
        old={
            "current_period_end": period_bound("current_period_end", max),
            "current_period_start": period_bound("current_period_start", min),
        },
    ),
    MovedAttributes(
        object="subscription_item", since="2025-03-31", old={}, new=("current_period_end", "current_period_start")
    ),
    MovedAttributes(object="charge", since="2025-03-31", old={"invoice": invoice_paid_with("charge")}),
    MovedAttributes(object="payment_intent", since="2025-03-31", old={"invoice": invoice_paid_with("payment_intent")}),
    MovedAttributes(
        object="charge", since="2022-11-15", old={"refunds": list_below_it("charge", "refunds")}, seen_today=True
    ),
    MovedAttributes(object="payment_intent", since="2022-11-15", old={"charges": charges_of}, new=("latest_charge",)),
    MovedAttributes(
        object="customer",
        since="2020-08-27",
        old={name: list_below_it("customer", name) for name in ("sources", "subscriptions")},
        seen_today=True,
    ),
    MovedAttributes(
        object="subscription",
        since="2020-08-27",
        old={"plan": of_only_item("plan"), "quantity": of_only_item("quantity")},
        seen_today=True,
    ),
    MovedAttributes(
        object="line_item",
        since="2019-12-03",
        old={"id": line_origin, "unique_id": value_at_path("id")},
        new=("id",),
    ),
    MovedAttributes(
        object="charge", since="2019-11-05", old={"dispute": dispute_of}, new=("disputed",), seen_today=True
    ),
    renamed_attribute("customer", "2019-10-17", "account_balance", "balance"),
    renamed_attribute("invoice", "2019-10-17", "billing", "collection_method"),
    renamed_attribute("subscription", "2019-10-17", "billing", "collection_method"),
    renamed_attribute("subscription", "2019-10-17", "start", "start_date"),
    renamed_attribute("invoice", "2019-03-14", "date", "created"),
    MovedAttributes(
        object="invoice",
        since="2019-03-14",
        old={
            "finalized_at": value_at_path("status_transitions", "finalized_at"),
            "status_transitions": hash_without("status_transitions", "finalized_at"),
        },
        new=("status_transitions",),
    ),
    MovedAttributes(object="payment_intent", since="2019-02-11", old={"status": older_intent_status}, new=("status",)),
    MovedAttributes(
        object="invoice",
        since="2018-11-08",
        old={
            "closed": lambda data, objects: data.get("status") not in ("draft", "open"),
            "forgiven": is_status("uncollectible"),
        },
        new=("status", "auto_advance", "status_transitions"),
    ),
    MovedAttributes(
        object="coupon",
        since="2018-07-27",
        old={"percent_off": whole_percent, "percent_off_precise": value_at_path("percent_off")},
        new=("percent_off",),
    ),
    MovedAttributes(object="plan", since="2018-02-05", old={"name": plan_name}, new=("product", "nickname")),
]

#: Object type -> what moved in it.
MOVED_IN: dict[str, list[MovedAttributes]] = {
    name: [moved for moved in MOVED_ATTRIBUTES if moved.object == name]
    for name in sorted({moved.object for moved in MOVED_ATTRIBUTES})
}


def moved_in(value: JsonObject) -> list[MovedAttributes]:
    """What moved in the type of an object; [] for what is no object of Stripe's, and for the stub of a deleted one."""
    name = value.get("object")
    return MOVED_IN.get(name, []) if isinstance(name, str) and value.get("deleted") is not True else []


def in_version(
    data: JsonObject, api_version: str, objects: ObjectsOfAccount, said: JsonObject | None = None
) -> JsonObject:
    """A copy of an object in the shape of a version.

    `said` has what else is known of the object in older shapes (see `said_of`).
    """
    shown = shaped_object(copied_json(data), api_version, objects, said or {})
    return shaped_parts(shown, api_version, objects)


def any_in_version(value: Any, api_version: str, objects: ObjectsOfAccount) -> Any:
    """Anything in an object, in the shape of a version."""
    if isinstance(value, list):
        return [any_in_version(entry, api_version, objects) for entry in value]
    if not isinstance(value, dict):
        return value
    return shaped_parts(shaped_object(value, api_version, objects, {}), api_version, objects)


def shaped_parts(data: JsonObject, api_version: str, objects: ObjectsOfAccount) -> JsonObject:
    """An object with what is in it in the shape of a version. Metadata may have any names."""
    return {
        name: value if name == "metadata" else any_in_version(value, api_version, objects)
        for name, value in data.items()
    }


def shaped_object(data: JsonObject, api_version: str, objects: ObjectsOfAccount, said: JsonObject) -> JsonObject:
    """An object in the shape of a version, what is in it as it is."""
    dropped: set[str] = set()
    added: JsonObject = {}
    for moved in moved_in(data):
        if api_version[:10] >= moved.since:
            dropped |= moved.gone
            continue
        dropped |= set(moved.new)
        # The newest come first: what is still older has neither the shape of today nor the one in between.
        added = {name: value for name, value in added.items() if name not in moved.new}
        for name, make in moved.old.items():
            if name in data and name not in moved.new:
                continue
            made = make(data, objects)
            added[name] = said.get(name) if made is None else made
    return {**{name: value for name, value in data.items() if name not in dropped}, **added}


def older_attributes(data: JsonObject) -> JsonObject:
    """What an object says in attributes that today's shape does not have."""
    gone = {name for moved in moved_in(data) for name in moved.gone}
    return {name: copied_json(value) for name, value in data.items() if name in gone}


def as_of_today(object_type: str, fields: JsonObject) -> JsonObject:
    """Attributes that a test gives; those of an older shape that have another place today are put there."""
    found = dict(fields)
    for moved in MOVED_IN.get(object_type, []):
        for name, (old, convert) in moved.given.items():
            if old in found and name not in found:
                found[name] = convert(found.pop(old))
    return found
