"""Every type of object that Stripe's API has: one row says all that is particular about it.

Whatever asks about object types reads this table: the handlers of events, the mirror, the admin, redaction, the test
kit, the documentation and the tests. https://docs.stripe.com/api
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..stripe_values import identifier

#: A placeholder of a path: the attribute of the object whose id stands there.
PLACEHOLDER = re.compile(r"{(\w+)}")
#: What nearly every object has, as names for `ObjectType.lacks`.
CREATED, LIVEMODE, METADATA = "created", "livemode", "metadata"
#: What names that of which an account has one in each mode.
MODES: Mapping[bool, str] = MappingProxyType({True: "live", False: "test"})


@dataclass(frozen=True, kw_only=True)
class OwnedList:
    """A list that an object holds, of which Stripe embeds no more than the first entries."""

    #: Where the whole list is read, below `/v1/`, with the owner's id for `{id}`.
    path: str
    #: Parameters of that list, with the owner's id for `{id}`.
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Part(OwnedList):
    """Objects that Stripe sends in a list of their owner, and about which it sends no events."""

    #: Attribute of the owner that holds the list, such as `lines`.
    attribute: str
    #: The `object` string of an entry.
    object_type: str
    #: Attribute of an entry's row that names the owner, without `_id`.
    owner: str
    #: Whether rows keep their place in the list.
    is_positioned: bool = False
    #: Whether it is a plain array of hashes without ids, never cut short: the key of a row has the place in it.
    is_array: bool = False
    #: Statuses of the owner with which the list is read, once, because no event shows it.
    read_with: frozenset[str] = frozenset()
    #: Whether the list is read with each event of the owner: no event shows it, and it can change with any of them.
    is_read_always: bool = False
    #: Attribute of the owner that names the newest part, where there are more later: the list is read until that one
    #: has a row with one of these statuses, which it keeps.
    newest: str = ""
    final_statuses: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ListedWithEvent(OwnedList):
    """Objects about which Stripe makes no events: they are listed with some events of what they belong to.

    Such an event costs one read for each hundred of them.
    """

    #: The `object` string of an entry, which has a table of its own.
    object_type: str
    event_types: frozenset[str]
    #: Attributes of which one has to be among the `previous_attributes` of the event; () for any change.
    changed: tuple[str, ...] = ()
    #: Attribute of an entry's row that names what it belongs to, without `_id`, where the entry itself does not.
    owner: str = ""
    #: Attributes of what they belong to in API versions that have no such list.
    unless_named: tuple[str, ...] = ()
    #: A status of an entry's row: only when one of what they belong to has it.
    only_with_status: str = ""
    #: Whether entries change: each is compared with its row like any other object that is read, and a tie is settled.
    are_compared: bool = False
    #: Whether entries are never changed and come newest first: a page whose last one has a row is the last to be read.
    is_appended: bool = False
    #: Whether the list has pages; else it comes whole, and takes no `limit`.
    is_paged: bool = True


@dataclass(frozen=True, kw_only=True)
class Move:
    """Another object whose events tell that one of this type changed, too; Stripe makes no event about that change.

    "Events that occur on subresources don't trigger a corresponding event for the parent resource"
    (https://docs.stripe.com/api/events/types). Such an event costs one read of each object that it moves.
    """

    #: Type of the other object; "" for all types.
    by: str = ""
    #: Attribute (dotted path) of the other object that names the one that changed.
    reference: str = ""
    #: Instead of `reference`: the attribute of this type that names the other object. Rows that name it are meant.
    named_in: str = ""
    #: With `named_in`: lookups -> values that the other object's row has afterwards. By that an event is known to be
    #: from before which comes later, and is about an object that still names the other one.
    leaves: Mapping[str, bool] = field(default_factory=dict)
    #: Attribute of the other object that holds the one that changed whole, in some API versions: then it is taken from
    #: there, and costs no read.
    whole: str = ""
    #: With these event types, or when the other object has one of these statuses; always when neither is given.
    event_types: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    #: Attributes of the other object: only when it has this one, and only when it lacks that one.
    when_set: str = ""
    when_unset: str = ""
    #: Whether only an object that has no row yet is meant.
    only_missing: bool = False
    #: Columns -> values with which an object does not change by this any more: then it is not read.
    settled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Whether only an id counts that begins as those of this type do: the attribute may name another type, too.
    is_prefixed: bool = False
    #: Whether the event says that the object is gone: it is not read, and its row becomes a tombstone.
    is_gone: bool = False
    #: Attributes that change without an event of their own.
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Told:
    """In which API versions objects can express a fact, by the first ten characters of the version; "" is no bound.

    What Stripe adds comes in all versions at once; what it removes, renames or moves depends on the version
    (https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible).
    """

    #: The first version that expresses it.
    since: str = ""
    #: The first version that no longer does.
    until: str = ""

    def is_in(self, api_version: str) -> bool:
        """Whether objects of a version express it."""
        return self.since <= api_version[:10] and not (self.until and self.until <= api_version[:10])


@dataclass(frozen=True, kw_only=True)
class ObjectType:
    """What is particular about one type of object."""

    #: Stripe's `object` string, `checkout.session`.
    name: str
    #: Name of the model that mirrors it; "" for those that are rows of the general table.
    model: str = ""
    #: Path of its collection below `/v1/`, `checkout/sessions`; placeholders are attributes that name a parent. "" when
    #: it cannot be read by itself.
    path: str = ""
    #: Whether the collection can be listed, and read by id.
    is_listed: bool = True
    is_read: bool = True
    #: Parameters without which the list leaves objects out.
    list_parameters: Mapping[str, str] = field(default_factory=dict)
    #: Parameters that the list demands. Those with the name of another type, such as `subscription`, say of which
    #: object the entries are listed.
    list_demands: tuple[str, ...] = ()
    #: Statuses that the list leaves out without `list_parameters`: the object has ended.
    ended_statuses: frozenset[str] = frozenset()
    #: Paths of further lists of such objects, each below one other object.
    further_paths: tuple[str, ...] = ()
    #: Paths at which thin events say that one is, without an id: it is not read there, but with what it belongs to.
    named_at: tuple[str, ...] = ()
    #: Parents in its paths, and objects that its list demands or filters by, which the object itself does not name.
    unnamed: frozenset[str] = frozenset()
    #: Its lists that an answer has only when `expand` asks for them
    #: (https://docs.stripe.com/expand#includable-properties).
    includable: frozenset[str] = frozenset()
    #: Lists below one of its objects that the list of these objects has, too, if `expand` asks for them: a hundred are
    #: read with one call then. Where the entries have a list of their own (`invoice_payments`), that saves nothing.
    expandable: frozenset[str] = frozenset()
    #: What its ids begin with; () for ids that people choose or that tell nothing.
    id_prefixes: tuple[str, ...] = ()
    #: Where Stripe's dashboard shows one: `https://dashboard.stripe.com/<dashboard>/<id>`; "" when it has no page.
    dashboard: str = ""
    #: Its page in Stripe's reference, `https://docs.stripe.com/api/<reference>/object`; "" when it is that of its path.
    reference: str = ""
    #: Whether the object has an id at all.
    has_id: bool = True
    #: What stands for the id of an object without one, because there is one each: the attribute that names what it
    #: belongs to, or `livemode` for what an account has one of in each mode. "" for objects that get no row.
    named_by: str = ""
    #: Whether an id may name another object later (people choose it), in the same account and mode.
    ids_can_recur: bool = False
    #: Whether the mirror has rows of it: what is there to be used at once is nothing but a secret.
    is_kept: bool = True
    #: Whether it is of this type only when it belongs to a customer: a card or bank account that a connected account is
    #: paid to is an `EXTERNAL_ACCOUNT`.
    is_customer_owned: bool = False
    #: Attribute that names the account it is of, for accounts and what is read below them. Stripe tells of such an
    #: object in the name of the account, and shows it to the platform, too: it has one row for both.
    account_named_in: str = ""
    #: Attributes that Stripe's object lacks, of those that nearly all objects have.
    lacks: frozenset[str] = frozenset()
    #: Attribute that says when the object was made, in epoch seconds, where `created` is missing; "" when none does.
    created: str = ""
    #: Attributes (dotted paths) that name the customer the object is about, the first that has one counts.
    customer: tuple[str, ...] = ()
    #: Further attributes (dotted paths) that name what the object belongs to -> the type of that, "" for any. The owner
    #: of that owns this.
    owners: Mapping[str, str] = field(default_factory=dict)
    #: Whether many customers have to do with one, although it may name one of them.
    is_shared: bool = False
    #: Whether it is something that is sold, or a price of it: it says nothing about a person.
    is_for_sale: bool = False
    #: Whether its `number` stands in the books: redaction leaves it.
    has_book_number: bool = False
    #: Attributes that hold whole objects with events of their own, in lists that some API versions embed.
    embedded: tuple[str, ...] = ()
    #: Attributes (dotted paths, through the entries of lists) that hold other objects with rows of their own: whole
    #: ones in some API versions or when expanded, else their ids.
    inside: tuple[str, ...] = ()
    #: Attributes (dotted paths, as `inside`) that may show whole objects, of which rows are made that are missing. Rows
    #: that are there stay as they are.
    shows: tuple[str, ...] = ()
    #: Its parts, if it has any that are rows of their own.
    part: Part | None = None
    #: Further lists of it that rows or columns are made of, by attribute; those of `embedded` are among them.
    lists: Mapping[str, OwnedList] = field(default_factory=dict)
    #: Lists that are read with some of its events.
    listed_with_events: tuple[ListedWithEvent, ...] = ()
    #: Attributes, anywhere in the object, that let a reader act at Stripe, pay, or see documents.
    secrets: frozenset[str] = frozenset()
    #: What the types of its events begin with, where that is not its name alone: `("refund", "charge.refund")`. The
    #: first is that of its creation.
    events: tuple[str, ...] = ()
    #: Status of a new object; "" for objects without one.
    new_status: str = ""
    #: A status that it gets -> last parts, separated by spaces, of the types of the events that tell of that. Of other
    #: statuses the event of any change tells, if there is one.
    status_events: Mapping[str, str] = field(default_factory=dict)
    #: Further attributes with such words -> the same of each.
    word_events: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: An attribute that is set, or no longer is -> last parts of the types of the events that tell of either; "" for
    #: none.
    attribute_events: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Status of one that was deleted, where it stays readable; "" where it does not.
    status_after_deletion: str = ""
    #: Whether a deleted one is read as a stub, `{"id": …, "object": …, "deleted": true}`.
    leaves_stub: bool = False
    #: Event types that end in `.deleted` and yet do not say that the object is gone.
    not_deleted_by: frozenset[str] = frozenset()
    #: Event types that carry an object which does not exist yet, without an id.
    previewed_by: frozenset[str] = frozenset()
    #: Other objects whose events tell that one of this type changed.
    moved_by: tuple[Move, ...] = ()
    #: Attributes that change with no event at all.
    changed_silently: frozenset[str] = frozenset()
    #: Columns that change when a moment is over, of which no event tells -> the column or the method that says it.
    changed_by_time: Mapping[str, str] = field(default_factory=dict)
    #: Columns that objects fill in some API versions only -> in which. An object of another version, which has not even
    #: a null for the fact, leaves the column as it is.
    told: Mapping[str, Told] = field(default_factory=dict)
    #: What the types of its events began with in old API versions, where Stripe lists those no more.
    former_events: tuple[str, ...] = ()
    #: Former names of the type -> the API version until which it had that name. One that is the name of another type
    #: now is told apart by `type_of_object`.
    formerly: Mapping[str, str] = field(default_factory=dict)

    @property
    def event_prefixes(self) -> tuple[str, ...]:
        """What the types of its events begin with, without the last dot."""
        return self.events or (self.name,)

    @property
    def reference_url(self) -> str:
        """Where Stripe describes the object; "" when that is not known."""
        page = self.reference or self.path.rpartition("}/")[2]
        return page and f"https://docs.stripe.com/api/{page}/object"

    def account_of(self, data: Mapping[str, Any], account: str) -> str:
        """The account that an object belongs to; `account` is the one that was asked for it, or that told of it."""
        named = data.get(self.account_named_in) if self.account_named_in else None
        named = named.get("id") if isinstance(named, dict) else named
        return named if isinstance(named, str) and named.startswith("acct_") else account

    def naming(self, name: str) -> Mapping[str, Any]:
        """The attribute by which an object says its name: its id, or what stands for it. `name_of` reads it."""
        modes = {mode: livemode for livemode, mode in MODES.items()}
        return {self.named_by or "id": modes.get(name) if self.named_by == LIVEMODE else name}

    @property
    def unsent(self) -> frozenset[str]:
        """Its lists that no event has."""
        part = self.part
        is_silent = part is not None and bool(part.read_with or part.is_read_always)
        return self.includable | {part.attribute} if part is not None and is_silent else self.includable

    @property
    def parents(self) -> tuple[str, ...]:
        """Attributes that name the parents in its path."""
        return tuple(PLACEHOLDER.findall(self.path))


_CLIENT_SECRET = frozenset({"client_secret"})
#: Of issued cards, when expanded.
_CARD_DATA = frozenset({"number", "cvc"})
_ACCOUNT_NUMBERS = frozenset({"account_number", "iban"})


_CUSTOMER = ("customer",)
_ENDED_SUBSCRIPTION = frozenset({"canceled", "incomplete_expired"})
_DETACHED = frozenset({"payment_method.detached"})
_NO_CUSTOMER = {"customer__isnull": True}
#: A card that is detached as a payment method is deleted, and only the payment method has an event.
_GONE_WHEN_DETACHED = Move(by="payment_method", reference="id", is_prefixed=True, event_types=_DETACHED, is_gone=True)
#: Types of thin events of accounts that take payments, or are paid.
_OF_V2_ACCOUNTS = frozenset(
    f"v2.core.account[configuration.{use}].{change}"
    for use in ("merchant", "recipient")
    for change in ("capability_status_updated", "updated")
)


def _status_events(*same: str, **others: str) -> Mapping[str, str]:
    """Statuses whose events have the same name, and those with events of other names."""
    return {**dict(zip(same, same, strict=True)), **others}


def _since(api_version: str, *columns: str) -> Mapping[str, Told]:
    return {column: Told(since=api_version) for column in columns}


def _until(api_version: str, *columns: str) -> Mapping[str, Told]:
    return {column: Told(until=api_version) for column in columns}


#: Breaking changes that several types of objects have had. https://docs.stripe.com/changelog
_IDS_OF_DISCOUNTS, _BASIL = "2020-08-27", "2025-03-31"
#: Where an item or a line shows what it is about.
_SOLD = ("price", "plan", "price.product", "plan.product", "tax_rates")


def _paths(owner: str, *names: str) -> tuple[str, ...]:
    """Paths below an attribute."""
    return tuple(f"{owner}.{name}" for name in names)


#: Until API version 2025-03-31.basil an invoice named its one payment.
_PAID_BY = ("charge", "payment_intent")
_PAYMENTS_OF_INVOICE: Mapping[str, Any] = {"path": "invoice_payments", "parameters": {"invoice": "{id}"}}


def _lacks(*names: str) -> frozenset[str]:
    return frozenset(names)


def _owned_by(*paths: str, **others: str) -> Mapping[str, str]:
    """`owners`: paths that end with the name of the type, and others with it."""
    return {path: path.rpartition(".")[2] for path in paths} | others


def _treasury(
    name: str,
    id_prefix: str,
    new_status: str,
    status_events: Mapping[str, str],
    *,
    lacks: frozenset[str] = frozenset(),
    customer: tuple[str, ...] = (),
    reversed_type: str = "",
) -> ObjectType:
    """What moves money to or from a financial account."""
    owners = ("financial_account", reversed_type) if reversed_type else ("financial_account",)
    return ObjectType(
        name=f"treasury.{name}",
        path=f"treasury/{name}s",
        list_demands=("financial_account",),
        id_prefixes=(id_prefix,),
        lacks=lacks,
        customer=customer,
        owners={owner: f"treasury.{owner}" for owner in owners},
        new_status=new_status,
        status_events=status_events,
        secrets=_ACCOUNT_NUMBERS,
    )


_ROWS = (
    # Customers and what they pay with.
    ObjectType(
        name="customer",
        model="Customer",
        path="customers",
        id_prefixes=("cus_",),
        dashboard="customers",
        customer=("id",),
        leaves_stub=True,
        moved_by=(
            # Neither its creation nor its changes have events of a customer that is an account
            # (https://docs.stripe.com/connect/accounts-v2).
            Move(reference="customer", when_set="customer_account", only_missing=True),
            Move(by="v2.core.account", named_in="customer_account"),
            # Whether a `customer.updated` comes with these is not documented, nor is an event of the subscription's.
            Move(by="discount", reference="customer", when_unset="subscription", attributes=frozenset({"discount"})),
            # Whether Stripe takes the default away is not documented, nor is an event of it.
            Move(by="payment_method", named_in="default_payment_method", event_types=_DETACHED, leaves=_NO_CUSTOMER),
        ),
        listed_with_events=(
            ListedWithEvent(
                object_type="customer_balance_transaction",
                path="customers/{id}/balance_transactions",
                event_types=frozenset({"customer.updated"}),
                # `account_balance` until API version 2019-10-17.
                changed=("balance", "account_balance"),
                is_appended=True,
            ),
        ),
        expandable=frozenset({"sources", "tax_ids"}),
        embedded=("sources", "cards", "subscriptions"),
        inside=("discount",),
        lists={
            "sources": OwnedList(path="customers/{id}/sources"),
            "cards": OwnedList(path="customers/{id}/sources", parameters={"object": "card"}),
            "subscriptions": OwnedList(path="subscriptions", parameters={"customer": "{id}"}),
        },
    ),
    ObjectType(
        name="payment_method",
        model="PaymentMethod",
        path="payment_methods",
        further_paths=("customers/{customer}/payment_methods",),
        id_prefixes=("pm_",),
        customer=_CUSTOMER,
        attribute_events={"customer": ("attached", "detached")},
    ),
    ObjectType(
        name="card",
        model="Card",
        path="customers/{customer}/sources",
        further_paths=("accounts/{account}/external_accounts",),
        reference="cards",
        id_prefixes=("card_",),
        customer=_CUSTOMER,
        lacks=_lacks(CREATED, LIVEMODE),
        is_customer_owned=True,
        events=("customer.source", "account.external_account"),
        former_events=("customer.card",),
        secrets=_CARD_DATA,
        moved_by=(_GONE_WHEN_DETACHED,),
    ),
    ObjectType(
        name="bank_account",
        model="BankAccount",
        path="customers/{customer}/sources",
        further_paths=("accounts/{account}/external_accounts",),
        reference="customer_bank_accounts",
        id_prefixes=("ba_",),
        customer=_CUSTOMER,
        lacks=_lacks(CREATED, LIVEMODE),
        is_customer_owned=True,
        events=("account.external_account", "customer.source"),
        new_status="new",
        former_events=("customer.bank_account",),
        secrets=_ACCOUNT_NUMBERS,
        moved_by=(_GONE_WHEN_DETACHED,),
    ),
    ObjectType(
        name="source",
        model="Source",
        path="sources",
        is_listed=False,
        further_paths=("customers/{customer}/sources",),
        id_prefixes=("src_",),
        customer=_CUSTOMER,
        events=("source", "customer.source"),
        new_status="chargeable",
        status_events=_status_events("canceled", "chargeable", "failed"),
        secrets=_CLIENT_SECRET | {"iban", "account_number"},
        moved_by=(
            # There is no event of a source that is used up (https://docs.stripe.com/sources#source-statuses).
            Move(
                by="charge",
                reference="payment_method",
                is_prefixed=True,
                whole="source",
                event_types=frozenset({"charge.failed", "charge.pending", "charge.succeeded"}),
                settled={"status": frozenset({"canceled", "consumed", "failed"}), "usage": frozenset({"reusable"})},
            ),
            Move(by="payment_method", reference="id", is_prefixed=True, event_types=_DETACHED),
        ),
    ),
    ObjectType(
        name="source_transaction",
        path="sources/{source}/source_transactions",
        is_read=False,
        id_prefixes=("srctxn_",),
        lacks=_lacks(METADATA),
        owners=_owned_by("source"),
        events=("source.transaction",),
        new_status="succeeded",
    ),
    ObjectType(
        name="source_mandate_notification",
        owners=_owned_by("source", **{"source.id": "source"}),
        id_prefixes=("srcmn_",),
        lacks=_lacks(METADATA),
        events=("source.mandate_notification",),
        new_status="submitted",
    ),
    ObjectType(
        name="mandate",
        model="Mandate",
        path="mandates",
        is_listed=False,
        id_prefixes=("mandate_",),
        lacks=_lacks(CREATED, METADATA),
        owners=_owned_by("payment_method"),
        new_status="active",
        # There is no event of a new one.
        moved_by=(Move(by="setup_intent", reference="mandate", only_missing=True),),
    ),
    ObjectType(
        name="tax_id",
        model="TaxId",
        path="tax_ids",
        further_paths=("customers/{customer}/tax_ids",),
        id_prefixes=("txi_",),
        lacks=_lacks(METADATA),
        customer=("customer", "owner.customer"),
        events=("customer.tax_id",),
    ),
    ObjectType(
        name="customer_balance_transaction",
        model="CustomerBalanceTransaction",
        path="customers/{customer}/balance_transactions",
        id_prefixes=("cbtxn_",),
        customer=_CUSTOMER,
        owners=_owned_by("invoice", "credit_note", checkout_session="checkout.session"),
    ),
    ObjectType(
        name="cash_balance",
        model="CashBalance",
        path="customers/{customer}/cash_balance",
        reference="cash_balance",
        customer=_CUSTOMER,
        is_listed=False,
        has_id=False,
        named_by="customer",
        lacks=_lacks(CREATED, METADATA),
        # Its own event tells of funds that payments have left over; of the others only their transactions tell.
        moved_by=(
            Move(
                by="customer_cash_balance_transaction",
                reference="customer",
                attributes=frozenset({"available"}),
            ),
        ),
        changed_silently=frozenset({"settings"}),
    ),
    ObjectType(
        name="customer_cash_balance_transaction",
        model="CustomerCashBalanceTransaction",
        path="customers/{customer}/cash_balance_transactions",
        id_prefixes=("ccsbtxn_",),
        customer=_CUSTOMER,
        lacks=_lacks(METADATA),
    ),
    # What is sold.
    ObjectType(
        name="product",
        is_for_sale=True,
        model="Product",
        path="products",
        id_prefixes=("prod_",),
        dashboard="products",
        ids_can_recur=True,
    ),
    ObjectType(
        name="price",
        is_for_sale=True,
        model="Price",
        path="prices",
        id_prefixes=("price_",),
        dashboard="prices",
        ids_can_recur=True,
    ),
    ObjectType(
        name="plan",
        is_for_sale=True,
        model="Plan",
        path="plans",
        id_prefixes=("plan_",),
        dashboard="plans",
        ids_can_recur=True,
        # Plans got products, which have the names.
        told={**_since("2018-02-05", "nickname", "product"), **_until("2018-02-05", "name")},
    ),
    ObjectType(
        name="coupon",
        is_for_sale=True,
        model="Coupon",
        path="coupons",
        dashboard="coupons",
        ids_can_recur=True,
        moved_by=(
            # Whether a `coupon.updated` tells that it was redeemed is not documented.
            Move(
                by="discount",
                reference="source.coupon",
                whole="coupon",
                event_types=frozenset({"customer.discount.created", "customer.discount.updated"}),
                attributes=frozenset({"times_redeemed", "valid"}),
            ),
        ),
        changed_by_time={"valid": "is_valid"},
    ),
    ObjectType(
        name="promotion_code",
        is_for_sale=True,
        model="PromotionCode",
        path="promotion_codes",
        id_prefixes=("promo_",),
        dashboard="promotion_codes",
        customer=_CUSTOMER,
        is_shared=True,
        inside=("coupon",),
    ),
    ObjectType(
        name="discount",
        model="Discount",
        reference="discounts",
        id_prefixes=("di_",),
        customer=_CUSTOMER,
        lacks=_lacks(CREATED, LIVEMODE, METADATA),
        created="start",
        owners=_owned_by(
            "subscription",
            "subscription_item",
            "invoice",
            invoice_item="invoiceitem",
            checkout_session="checkout.session",
        ),
        events=("customer.discount",),
        named_at=("customers/{customer}/discount", "subscriptions/{subscription}/discount"),
        inside=("coupon",),
        changed_by_time={"is_deleted": "is_running"},
    ),
    ObjectType(
        name="tax_rate",
        is_for_sale=True,
        model="TaxRate",
        path="tax_rates",
        id_prefixes=("txr_",),
        dashboard="tax-rates",
    ),
    ObjectType(
        name="tax_code",
        is_for_sale=True,
        path="tax_codes",
        id_prefixes=("txcd_",),
        lacks=_lacks(CREATED, LIVEMODE, METADATA),
    ),
    ObjectType(
        name="shipping_rate",
        model="ShippingRate",
        is_for_sale=True,
        path="shipping_rates",
        id_prefixes=("shr_",),
        dashboard="shipping-rates",
    ),
    ObjectType(
        name="payment_link",
        model="PaymentLink",
        path="payment_links",
        includable=frozenset({"line_items"}),
        id_prefixes=("plink_",),
        dashboard="payment-links",
        lacks=_lacks(CREATED),
        shows=_paths("line_items", "price", "price.product"),
        part=Part(
            attribute="line_items",
            object_type="item",
            owner="payment_link",
            path="payment_links/{id}/line_items",
            is_positioned=True,
            # Quantities can be edited (https://docs.stripe.com/api/payment-link/update).
            is_read_always=True,
        ),
    ),
    ObjectType(
        name="product_catalog.trial_offer", path="product_catalog/trial_offers", lacks=_lacks(CREATED, METADATA)
    ),
    ObjectType(name="sku", is_for_sale=True, path="skus", id_prefixes=("sku_",), ids_can_recur=True),
    ObjectType(name="order", path="orders", id_prefixes=("or_",), customer=_CUSTOMER, secrets=_CLIENT_SECRET),
    # Billing.
    ObjectType(
        name="subscription",
        model="Subscription",
        path="subscriptions",
        # Without it the list leaves canceled ones out (https://docs.stripe.com/api/subscriptions/list).
        list_parameters={"status": "all"},
        ended_statuses=_ENDED_SUBSCRIPTION,
        further_paths=("customers/{customer}/subscriptions",),
        id_prefixes=("sub_",),
        dashboard="subscriptions",
        customer=_CUSTOMER,
        events=("customer.subscription",),
        # It is canceled, and stays readable.
        not_deleted_by=frozenset({"customer.subscription.deleted"}),
        new_status="active",
        status_events=_status_events(paused="updated paused"),
        status_after_deletion="canceled",
        part=Part(
            attribute="items",
            object_type="subscription_item",
            owner="subscription",
            path="subscription_items",
            parameters={"subscription": "{id}"},
        ),
        inside=("discount", "discounts", "items.discounts"),
        told=_since(_IDS_OF_DISCOUNTS, "discount_ids"),
        shows=("plan", "default_tax_rates", *_paths("items", *_SOLD)),
        moved_by=(
            Move(by="discount", reference="subscription", attributes=frozenset({"discount", "discounts"})),
            # A customer's deletion cancels them. That each has an event of its own then is not documented.
            Move(
                by="customer",
                named_in="customer",
                event_types=frozenset({"customer.deleted"}),
                leaves={"deleted_at__isnull": False},
                settled={"status": _ENDED_SUBSCRIPTION},
            ),
            Move(
                by="payment_method",
                named_in="default_payment_method",
                event_types=_DETACHED,
                leaves=_NO_CUSTOMER,
                settled={"status": _ENDED_SUBSCRIPTION},
            ),
        ),
    ),
    ObjectType(
        name="subscription_item",
        model="SubscriptionItem",
        path="subscription_items",
        list_demands=("subscription",),
        id_prefixes=("si_",),
        lacks=_lacks(LIVEMODE),
        owners=_owned_by("subscription"),
        told={
            **_since(_BASIL, "current_period_start", "current_period_end"),
            # With the one discount, only subscriptions and customers had any.
            **_since("2024-04-10", "discount_ids"),
        },
    ),
    ObjectType(
        name="subscription_schedule",
        model="SubscriptionSchedule",
        path="subscription_schedules",
        id_prefixes=("sub_sched_",),
        dashboard="subscription_schedules",
        customer=_CUSTOMER,
        owners=_owned_by("subscription", released_subscription="subscription"),
        new_status="not_started",
        status_events=_status_events("canceled", "completed", "released"),
        part=Part(
            attribute="phases",
            object_type="subscription_schedule_phase",
            owner="subscription_schedule",
            path="",
            is_positioned=True,
            is_array=True,
        ),
    ),
    ObjectType(
        # No `object` string of Stripe's: phases are hashes of their schedule.
        name="subscription_schedule_phase",
        model="SubscriptionSchedulePhase",
        reference="subscription_schedules",
        is_listed=False,
        is_read=False,
        has_id=False,
        lacks=_lacks(CREATED, LIVEMODE),
        owners=_owned_by("subscription_schedule"),
    ),
    ObjectType(
        name="invoice",
        has_book_number=True,
        model="Invoice",
        path="invoices",
        id_prefixes=("in_",),
        dashboard="invoices",
        customer=_CUSTOMER,
        owners=_owned_by("subscription", "parent.subscription_details.subscription"),
        secrets=_CLIENT_SECRET,
        previewed_by=frozenset({"invoice.upcoming"}),
        new_status="draft",
        status_events=_status_events(
            open="finalized updated",
            paid="paid updated",
            uncollectible="marked_uncollectible updated",
            void="voided updated",
        ),
        part=Part(
            attribute="lines",
            object_type="line_item",
            owner="invoice",
            path="invoices/{id}/lines",
            is_positioned=True,
        ),
        lists={"payments": OwnedList(**_PAYMENTS_OF_INVOICE)},
        # There is an event of a payment that was made only, none of one that is open or was canceled.
        listed_with_events=(
            ListedWithEvent(
                object_type="invoice_payment",
                **_PAYMENTS_OF_INVOICE,
                event_types=frozenset(
                    {
                        "invoice.marked_uncollectible",
                        "invoice.payment_action_required",
                        "invoice.payment_failed",
                        "invoice.voided",
                    }
                ),
                unless_named=_PAID_BY,
                are_compared=True,
            ),
            ListedWithEvent(
                object_type="invoice_payment",
                **_PAYMENTS_OF_INVOICE,
                event_types=frozenset({"invoice.paid"}),
                unless_named=_PAID_BY,
                only_with_status="open",
                are_compared=True,
            ),
        ),
        inside=("discount", "discounts"),
        shows=("default_tax_rates", *_paths("lines", *_SOLD)),
        told={
            **_since("2018-11-08", "paid_at", "voided_at", "marked_uncollectible_at"),
            **_since(_IDS_OF_DISCOUNTS, "discount_ids"),
            **_until(_BASIL, "charge", "payment_intent"),
        },
    ),
    ObjectType(
        name="line_item",
        model="InvoiceLineItem",
        path="invoices/{invoice}/lines",
        reference="invoice-line-item",
        is_read=False,
        id_prefixes=("il_",),
        lacks=_lacks(CREATED),
        owners=_owned_by("invoice", "subscription"),
        told=_until(_BASIL, "plan"),
    ),
    ObjectType(
        name="invoice_payment",
        model="InvoicePayment",
        path="invoice_payments",
        reference="invoice-payment",
        id_prefixes=("inpay_",),
        lacks=_lacks(METADATA),
        owners=_owned_by("invoice", "payment.charge", "payment.payment_intent"),
        new_status="paid",
        status_events=_status_events("paid"),
    ),
    ObjectType(
        name="invoiceitem",
        model="InvoiceItem",
        path="invoiceitems",
        id_prefixes=("ii_",),
        customer=_CUSTOMER,
        lacks=_lacks(CREATED),
        created="date",
        owners=_owned_by("invoice", "subscription", "parent.subscription_details.subscription"),
        inside=("discounts",),
        shows=_SOLD,
        told=_until(_BASIL, "plan"),
    ),
    ObjectType(
        name="credit_note",
        model="CreditNote",
        has_book_number=True,
        path="credit_notes",
        id_prefixes=("cn_",),
        dashboard="credit_notes",
        customer=_CUSTOMER,
        owners=_owned_by("invoice"),
        new_status="issued",
        status_events=_status_events(void="voided"),
        told=_since(_BASIL, "pre_payment_amount", "post_payment_amount"),
        part=Part(
            attribute="lines",
            object_type="credit_note_line_item",
            owner="credit_note",
            path="credit_notes/{id}/lines",
            is_positioned=True,
        ),
    ),
    ObjectType(
        name="credit_note_line_item",
        model="CreditNoteLineItem",
        path="credit_notes/{credit_note}/lines",
        is_read=False,
        unnamed=frozenset({"credit_note"}),
        id_prefixes=("cnli_",),
        lacks=_lacks(CREATED),
        owners=_owned_by("credit_note"),
    ),
    ObjectType(
        name="invoice_rendering_template",
        path="invoice_rendering_templates",
        id_prefixes=("inrtem_",),
        new_status="active",
    ),
    ObjectType(
        name="quote",
        model="Quote",
        has_book_number=True,
        path="quotes",
        includable=frozenset({"line_items"}),
        id_prefixes=("qt_",),
        dashboard="quotes",
        customer=_CUSTOMER,
        owners=_owned_by("invoice", "subscription"),
        new_status="draft",
        status_events=_status_events("accepted", "canceled", open="finalized"),
        shows=_paths("line_items", "price", "price.product"),
        part=Part(
            attribute="line_items",
            object_type="item",
            owner="quote",
            path="quotes/{id}/line_items",
            is_positioned=True,
            # A draft can be edited.
            read_with=frozenset({"accepted", "open"}),
        ),
    ),
    ObjectType(
        name="billing.meter",
        model="Meter",
        path="billing/meters",
        id_prefixes=("mtr_",),
        dashboard="meters",
        lacks=_lacks(METADATA),
        new_status="active",
        status_events=_status_events(active="reactivated", inactive="deactivated"),
    ),
    ObjectType(
        name="billing.meter_event_summary",
        path="billing/meters/{meter}/event_summaries",
        is_read=False,
        list_demands=("customer", "start_time", "end_time"),
        unnamed=frozenset({"customer"}),
        id_prefixes=("mtrusg_",),
        lacks=_lacks(CREATED, METADATA),
    ),
    ObjectType(name="billing.alert", path="billing/alerts", lacks=_lacks(CREATED, METADATA), new_status="active"),
    ObjectType(
        name="billing.alert_triggered",
        customer=_CUSTOMER,
        has_id=False,
        lacks=_lacks(METADATA),
        events=("billing.alert",),
    ),
    ObjectType(
        name="billing.credit_grant",
        model="CreditGrant",
        path="billing/credit_grants",
        id_prefixes=("credgr_",),
        customer=_CUSTOMER,
    ),
    ObjectType(
        name="billing.credit_balance_summary", customer=_CUSTOMER, has_id=False, lacks=_lacks(CREATED, METADATA)
    ),
    ObjectType(
        name="billing.credit_balance_transaction",
        model="CreditBalanceTransaction",
        path="billing/credit_balance_transactions",
        id_prefixes=("cbtxn_",),
        lacks=_lacks(METADATA),
        owners=_owned_by(credit_grant="billing.credit_grant"),
    ),
    ObjectType(
        name="billing_portal.configuration",
        model="PortalConfiguration",
        path="billing_portal/configurations",
        id_prefixes=("bpc_",),
    ),
    ObjectType(
        name="billing_portal.session",
        is_listed=False,
        is_read=False,
        id_prefixes=("bps_",),
        customer=_CUSTOMER,
        lacks=_lacks(METADATA),
        secrets=frozenset({"url"}),
    ),
    ObjectType(
        name="entitlements.feature",
        model="Feature",
        is_for_sale=True,
        path="entitlements/features",
        reference="entitlements/feature",
        id_prefixes=("feat_",),
        lacks=_lacks(CREATED),
    ),
    ObjectType(
        name="entitlements.active_entitlement",
        model="ActiveEntitlement",
        path="entitlements/active_entitlements",
        reference="entitlements/active-entitlement",
        list_demands=("customer",),
        unnamed=frozenset({"customer"}),
        id_prefixes=("ent_",),
        lacks=_lacks(CREATED, METADATA),
    ),
    ObjectType(
        name="entitlements.active_entitlement_summary",
        customer=_CUSTOMER,
        has_id=False,
        lacks=_lacks(CREATED, METADATA),
    ),
    ObjectType(
        name="product_feature",
        model="ProductFeature",
        is_for_sale=True,
        path="products/{product}/features",
        reference="product-feature",
        unnamed=frozenset({"product"}),
        id_prefixes=("prodft_",),
        lacks=_lacks(CREATED, METADATA),
    ),
    # Payments.
    ObjectType(
        name="charge",
        model="Charge",
        path="charges",
        id_prefixes=("ch_", "py_"),
        dashboard="payments",
        customer=_CUSTOMER,
        owners=_owned_by("invoice", "payment_intent"),
        moved_by=(
            Move(by="dispute", reference="charge", attributes=frozenset({"dispute", "disputed"})),
            # That more is refunded is told by `charge.refunded`, with the charge.
            Move(
                by="refund",
                reference="charge",
                event_types=frozenset({"refund.failed"}),
                statuses=frozenset({"canceled", "failed"}),
                attributes=frozenset({"amount_refunded", "refunded", "refunds"}),
            ),
            Move(by="review", reference="charge", attributes=frozenset({"outcome", "review"})),
            Move(
                by="transfer",
                reference="source_transaction",
                event_types=frozenset({"transfer.created"}),
                attributes=frozenset({"transfer", "transfer_group"}),
            ),
        ),
        # Payments of invoices are objects of their own since.
        told=_until(_BASIL, "invoice"),
        # "charge.updated: Occurs whenever a charge description or metadata is updated, or upon an asynchronous
        # capture."
        changed_silently=frozenset({"receipt_number", "receipt_url"}),
        embedded=("refunds",),
        lists={"refunds": OwnedList(path="refunds", parameters={"charge": "{id}"})},
        secrets=_ACCOUNT_NUMBERS,
        new_status="succeeded",
        attribute_events={"captured": ("captured", "")},
        status_events=_status_events("failed", "pending", "succeeded"),
    ),
    ObjectType(
        name="payment_intent",
        model="PaymentIntent",
        path="payment_intents",
        id_prefixes=("pi_",),
        dashboard="payments",
        customer=_CUSTOMER,
        owners=_owned_by("invoice", latest_charge="charge"),
        told=_until(_BASIL, "invoice"),
        secrets=_CLIENT_SECRET | _ACCOUNT_NUMBERS,
        new_status="requires_payment_method",
        status_events=_status_events(
            "canceled",
            "processing",
            "requires_action",
            "succeeded",
            requires_capture="amount_capturable_updated",
            requires_payment_method="payment_failed",
        ),
    ),
    ObjectType(
        name="refund",
        model="Refund",
        path="refunds",
        further_paths=("charges/{charge}/refunds",),
        id_prefixes=("re_", "pyr_"),
        customer=_CUSTOMER,
        lacks=_lacks(LIVEMODE),
        owners=_owned_by("charge", "payment_intent"),
        events=("refund", "charge.refund"),
        new_status="succeeded",
        status_events=_status_events(failed="updated failed"),
    ),
    ObjectType(
        name="dispute",
        model="Dispute",
        path="disputes",
        id_prefixes=("dp_", "du_"),
        dashboard="disputes",
        owners=_owned_by("charge", "payment_intent"),
        inside=("balance_transactions",),
        events=("charge.dispute",),
        new_status="needs_response",
        changed_by_time={"evidence_past_due": "evidence_due_by"},
        status_events=_status_events(lost="closed", prevented="closed", warning_closed="closed", won="closed"),
    ),
    ObjectType(
        name="setup_intent",
        model="SetupIntent",
        path="setup_intents",
        id_prefixes=("seti_",),
        dashboard="setup_intents",
        customer=_CUSTOMER,
        owners=_owned_by("payment_method", latest_attempt="setup_attempt"),
        secrets=_CLIENT_SECRET,
        new_status="requires_payment_method",
        status_events=_status_events(
            "canceled", "requires_action", "succeeded", requires_payment_method="setup_failed"
        ),
        part=Part(
            attribute="attempts",
            object_type="setup_attempt",
            owner="setup_intent",
            path="setup_attempts",
            parameters={"setup_intent": "{id}"},
            # With others the newest attempt is still going on.
            read_with=frozenset({"canceled", "requires_payment_method", "succeeded"}),
            newest="latest_attempt",
            final_statuses=frozenset({"abandoned", "failed", "succeeded"}),
        ),
    ),
    ObjectType(
        name="setup_attempt",
        model="SetupAttempt",
        path="setup_attempts",
        is_read=False,
        list_demands=("setup_intent",),
        id_prefixes=("setatt_",),
        customer=_CUSTOMER,
        lacks=_lacks(METADATA),
        owners=_owned_by("setup_intent", "payment_method"),
        secrets=_CLIENT_SECRET,
        new_status="succeeded",
    ),
    ObjectType(
        name="checkout.session",
        model="CheckoutSession",
        path="checkout/sessions",
        includable=frozenset({"line_items"}),
        id_prefixes=("cs_test_", "cs_live_"),
        dashboard="checkout/sessions",
        customer=_CUSTOMER,
        owners=_owned_by("invoice", "payment_intent", "setup_intent", "subscription"),
        secrets=_CLIENT_SECRET,
        new_status="open",
        status_events=_status_events("expired", complete="completed"),
        shows=_paths("line_items", "price", "price.product"),
        part=Part(
            attribute="line_items",
            object_type="item",
            owner="session",
            path="checkout/sessions/{id}/line_items",
            is_positioned=True,
            read_with=frozenset({"complete"}),
        ),
    ),
    ObjectType(
        name="item",
        model="CheckoutLineItem",
        path="checkout/sessions/{session}/line_items",
        is_read=False,
        unnamed=frozenset({"session", "payment_link", "quote"}),
        further_paths=("payment_links/{payment_link}/line_items", "quotes/{quote}/line_items"),
        id_prefixes=("li_",),
        lacks=_lacks(CREATED, LIVEMODE),
        owners=_owned_by("payment_link", "quote", session="checkout.session"),
    ),
    ObjectType(
        name="review",
        model="Review",
        path="reviews",
        id_prefixes=("prv_",),
        lacks=_lacks(METADATA),
        owners=_owned_by("charge", "payment_intent"),
        attribute_events={"open": ("opened", "closed")},
    ),
    ObjectType(
        name="radar.early_fraud_warning",
        model="EarlyFraudWarning",
        path="radar/early_fraud_warnings",
        id_prefixes=("issfr_",),
        lacks=_lacks(METADATA),
        owners=_owned_by("charge", "payment_intent"),
        formerly={"issuer_fraud_record": "2019"},
    ),
    ObjectType(name="radar.value_list", path="radar/value_lists", id_prefixes=("rsl_",)),
    ObjectType(
        name="radar.value_list_item",
        path="radar/value_list_items",
        list_demands=("value_list",),
        owners=_owned_by(value_list="radar.value_list"),
        id_prefixes=("rsli_",),
        lacks=_lacks(METADATA),
    ),
    ObjectType(name="radar.payment_evaluation", lacks=_lacks(CREATED), created="created_at"),
    ObjectType(
        name="payment_record",
        path="payment_records",
        customer=("customer_details.customer",),
        secrets=_ACCOUNT_NUMBERS,
    ),
    ObjectType(
        name="payment_attempt_record",
        path="payment_attempt_records",
        list_demands=("payment_record",),
        customer=("customer_details.customer",),
        owners=_owned_by("payment_record"),
        secrets=_ACCOUNT_NUMBERS,
    ),
    ObjectType(
        name="three_d_secure.authentication",
        path="three_d_secure/authentications",
        owners=_owned_by("payment_method"),
        secrets=_CLIENT_SECRET,
        new_status="requires_submission",
        status_events=_status_events(
            "canceled", "failed", "requires_challenge", "requires_submission", "succeeded", error="errored"
        ),
    ),
    ObjectType(
        name="payment_method_configuration",
        path="payment_method_configurations",
        id_prefixes=("pmc_",),
        lacks=_lacks(CREATED, METADATA),
    ),
    ObjectType(
        name="payment_method_domain", path="payment_method_domains", id_prefixes=("pmd_",), lacks=_lacks(METADATA)
    ),
    ObjectType(name="forwarding.request", path="forwarding/requests", id_prefixes=("fwdreq_",)),
    ObjectType(name="apple_pay_domain", path="apple_pay/domains", id_prefixes=("apwc_",), lacks=_lacks(METADATA)),
    # Connect and the balance.
    ObjectType(
        name="account",
        model="Account",
        path="accounts",
        id_prefixes=("acct_",),
        dashboard="connect/accounts",
        account_named_in="id",
        lacks=_lacks(LIVEMODE),
        inside=("external_accounts", "individual"),
        lists={"external_accounts": OwnedList(path="accounts/{id}/external_accounts")},
        listed_with_events=(
            # The account shows no more of them than their statuses.
            ListedWithEvent(
                object_type="capability",
                path="accounts/{id}/capabilities",
                event_types=frozenset({"account.updated"}),
                changed=("capabilities",),
                is_paged=False,
            ),
        ),
        # Before, `managed` did not tell accounts of all kinds apart.
        told={**_since("2017-05-25", "type"), **_since("2019-02-19", "past_due")},
        moved_by=(
            # An account of the v2 API that takes payments or is paid is one of v1, too; one that is only a customer is
            # none (https://docs.stripe.com/connect/accounts-v2).
            Move(by="v2.core.account", reference="id", event_types=_OF_V2_ACCOUNTS),
            Move(by="v2.core.account", named_in="stripe_id"),
        ),
    ),
    ObjectType(
        name="person",
        model="Person",
        path="accounts/{account}/persons",
        id_prefixes=("person_",),
        account_named_in="account",
        lacks=_lacks(LIVEMODE),
        secrets=frozenset({"id_number", "ssn_last_4"}),
    ),
    ObjectType(
        name="capability",
        model="Capability",
        path="accounts/{account}/capabilities",
        account_named_in="account",
        # Its id is its name, `card_payments`, in every account.
        lacks=_lacks(CREATED, LIVEMODE, METADATA),
        ids_can_recur=True,
        new_status="active",
    ),
    ObjectType(
        name="application",
        id_prefixes=("ca_",),
        lacks=_lacks(CREATED, LIVEMODE, METADATA),
        events=("account.application",),
    ),
    ObjectType(
        name="application_fee",
        model="ApplicationFee",
        path="application_fees",
        id_prefixes=("fee_",),
        lacks=_lacks(METADATA),
        owners=_owned_by("charge", originating_transaction="charge"),
        embedded=("refunds",),
        lists={"refunds": OwnedList(path="application_fees/{id}/refunds")},
    ),
    ObjectType(
        name="fee_refund",
        model="FeeRefund",
        reference="fee_refunds",
        path="application_fees/{fee}/refunds",
        id_prefixes=("fr_",),
        lacks=_lacks(LIVEMODE),
        owners=_owned_by(fee="application_fee"),
        events=("application_fee.refund",),
    ),
    ObjectType(
        name="transfer",
        model="Transfer",
        path="transfers",
        part=Part(
            attribute="reversals",
            object_type="transfer_reversal",
            owner="transfer",
            path="transfers/{id}/reversals",
        ),
        id_prefixes=("tr_",),
        dashboard="connect/transfers",
        owners=_owned_by(source_transaction="charge"),
        attribute_events={"reversed": ("reversed", "")},
    ),
    ObjectType(
        name="transfer_reversal",
        model="TransferReversal",
        reference="transfer_reversals",
        path="transfers/{transfer}/reversals",
        id_prefixes=("trr_",),
        lacks=_lacks(LIVEMODE),
        owners=_owned_by("transfer"),
    ),
    ObjectType(
        name="payout",
        model="Payout",
        path="payouts",
        id_prefixes=("po_",),
        dashboard="payouts",
        new_status="pending",
        status_events=_status_events("canceled", "failed", "paid"),
        word_events={"reconciliation_status": {"completed": "reconciliation_completed"}},
        listed_with_events=(
            ListedWithEvent(
                object_type="balance_transaction",
                path="balance_transactions",
                parameters={"payout": "{id}"},
                event_types=frozenset({"payout.reconciliation_completed"}),
                owner="payout",
            ),
        ),
        changed_silently=frozenset({"trace_id"}),
        # https://docs.stripe.com/upgrades#2017-04-06: payouts were transfers before.
        formerly={"transfer": "2017-04-06"},
    ),
    ObjectType(
        name="topup",
        model="TopUp",
        path="topups",
        id_prefixes=("tu_",),
        dashboard="topups",
        new_status="pending",
        status_events=_status_events("canceled", "failed", "reversed", "succeeded"),
    ),
    ObjectType(
        name="balance_transaction",
        model="BalanceTransaction",
        path="balance_transactions",
        unnamed=frozenset({"payout"}),
        id_prefixes=("txn_",),
        lacks=_lacks(LIVEMODE, METADATA),
        owners=_owned_by(source=""),
        new_status="pending",
        changed_silently=frozenset({"status"}),
        changed_by_time={"status": "available_on"},
    ),
    ObjectType(
        name="balance",
        model="Balance",
        path="balance",
        is_listed=False,
        has_id=False,
        named_by=LIVEMODE,
        lacks=_lacks(CREATED, METADATA),
        # Its one event tells that funds have become available; it carries the whole balance as it is then.
        changed_silently=frozenset({"pending", "connect_reserved"}),
    ),
    ObjectType(
        name="balance_settings",
        path="balance_settings",
        is_listed=False,
        has_id=False,
        lacks=_lacks(CREATED, LIVEMODE, METADATA),
    ),
    ObjectType(name="reserve.hold", owners=_owned_by(source_charge="charge")),
    ObjectType(
        name="reserve.plan",
        new_status="active",
        status_events=_status_events("disabled", "expired"),
    ),
    ObjectType(name="reserve.release"),
    ObjectType(
        name="apps.install",
        path="apps/installs",
        lacks=_lacks(METADATA),
        new_status="installed",
    ),
    ObjectType(
        name="webhook_endpoint",
        path="webhook_endpoints",
        id_prefixes=("we_",),
        dashboard="webhooks",
        secrets=frozenset({"secret"}),
        new_status="enabled",
    ),
    ObjectType(
        name="country_spec", path="country_specs", lacks=_lacks(CREATED, LIVEMODE, METADATA), ids_can_recur=True
    ),
    ObjectType(
        name="exchange_rate", path="exchange_rates", lacks=_lacks(CREATED, LIVEMODE, METADATA), ids_can_recur=True
    ),
    ObjectType(name="recipient", path="recipients", id_prefixes=("rp_",)),
    ObjectType(
        name="bitcoin_receiver",
        path="bitcoin/receivers",
        id_prefixes=("btcrcv_",),
        customer=_CUSTOMER,
        events=("bitcoin.receiver",),
        owners=_owned_by(payment="charge"),
    ),
    ObjectType(
        name="bitcoin_transaction",
        lacks=_lacks(LIVEMODE, METADATA),
        owners=_owned_by(receiver="bitcoin_receiver"),
        events=("bitcoin.receiver.transaction",),
    ),
    # Issuing, Terminal, Identity, Treasury and the other products.
    ObjectType(
        name="issuing.authorization",
        path="issuing/authorizations",
        id_prefixes=("iauth_",),
        dashboard="issuing/authorizations",
        owners=_owned_by(cardholder="issuing.cardholder", card="issuing.card"),
        events=("issuing_authorization",),
        new_status="pending",
        secrets=_CARD_DATA,
    ),
    ObjectType(
        name="issuing.card",
        path="issuing/cards",
        id_prefixes=("ic_",),
        dashboard="issuing/cards",
        owners=_owned_by(cardholder="issuing.cardholder"),
        events=("issuing_card",),
        new_status="inactive",
        secrets=_CARD_DATA,
    ),
    ObjectType(
        name="issuing.cardholder",
        path="issuing/cardholders",
        id_prefixes=("ich_",),
        dashboard="issuing/cardholders",
        events=("issuing_cardholder",),
        new_status="active",
        secrets=frozenset({"id_number"}),
    ),
    ObjectType(
        name="issuing.dispute",
        path="issuing/disputes",
        id_prefixes=("idp_",),
        dashboard="issuing/disputes",
        owners=_owned_by(transaction="issuing.transaction"),
        events=("issuing_dispute",),
        new_status="unsubmitted",
        status_events=_status_events("submitted", expired="closed", lost="closed", won="closed"),
    ),
    ObjectType(
        name="issuing.personalization_design",
        path="issuing/personalization_designs",
        id_prefixes=("ipcd_",),
        events=("issuing_personalization_design",),
        new_status="review",
        status_events=_status_events("rejected", active="activated", inactive="deactivated"),
    ),
    ObjectType(
        name="issuing.token",
        path="issuing/tokens",
        list_demands=("card",),
        id_prefixes=("intok_",),
        lacks=_lacks(METADATA),
        owners=_owned_by(card="issuing.card"),
        events=("issuing_token",),
        new_status="requested",
        secrets=_CARD_DATA,
    ),
    ObjectType(
        name="issuing.transaction",
        path="issuing/transactions",
        id_prefixes=("ipi_",),
        dashboard="issuing/transactions",
        owners=_owned_by(cardholder="issuing.cardholder", card="issuing.card", authorization="issuing.authorization"),
        events=("issuing_transaction",),
        secrets=_CARD_DATA,
    ),
    ObjectType(
        name="terminal.reader",
        path="terminal/readers",
        id_prefixes=("tmr_",),
        lacks=_lacks(CREATED),
        owners=_owned_by("action.process_payment_intent.payment_intent", "action.process_setup_intent.setup_intent"),
        new_status="online",
        is_shared=True,
    ),
    ObjectType(name="terminal.location", path="terminal/locations", id_prefixes=("tml_",), lacks=_lacks(CREATED)),
    ObjectType(
        name="terminal.configuration",
        path="terminal/configurations",
        id_prefixes=("tmc_",),
        lacks=_lacks(CREATED, METADATA),
        secrets=frozenset({"password"}),
    ),
    ObjectType(
        name="identity.verification_session",
        path="identity/verification_sessions",
        id_prefixes=("vs_",),
        dashboard="identity/verification-sessions",
        customer=("related_customer",),
        secrets=_CLIENT_SECRET | {"url", "id_number"},
        new_status="requires_input",
        status_events=_status_events("canceled", "processing", "requires_input", "verified"),
    ),
    ObjectType(
        name="identity.verification_report",
        path="identity/verification_reports",
        id_prefixes=("vr_",),
        lacks=_lacks(METADATA),
        owners=_owned_by(verification_session="identity.verification_session"),
        secrets=frozenset({"number", "id_number"}),
    ),
    _treasury("inbound_transfer", "ibt_", "processing", _status_events("canceled", "failed", "succeeded")),
    _treasury(
        "outbound_payment",
        "obp_",
        "processing",
        _status_events("canceled", "failed", "posted", "returned"),
        customer=_CUSTOMER,
    ),
    _treasury("outbound_transfer", "obt_", "processing", _status_events("canceled", "failed", "posted", "returned")),
    _treasury("received_credit", "rc_", "succeeded", _status_events("failed", "succeeded"), lacks=_lacks(METADATA)),
    _treasury("received_debit", "rd_", "succeeded", {}, lacks=_lacks(METADATA)),
    _treasury("credit_reversal", "credrev_", "processing", _status_events("posted"), reversed_type="received_credit"),
    _treasury(
        "debit_reversal",
        "debrev_",
        "processing",
        _status_events(succeeded="completed"),
        reversed_type="received_debit",
    ),
    _treasury("transaction", "trxn_", "open", {}, lacks=_lacks(METADATA)),
    ObjectType(
        name="treasury.transaction_entry",
        path="treasury/transaction_entries",
        list_demands=("financial_account",),
        id_prefixes=("trxne_",),
        lacks=_lacks(METADATA),
        owners=_owned_by(financial_account="treasury.financial_account", transaction="treasury.transaction"),
    ),
    ObjectType(
        name="treasury.financial_account",
        path="treasury/financial_accounts",
        id_prefixes=("fa_",),
        secrets=_ACCOUNT_NUMBERS,
        new_status="open",
        status_events=_status_events("closed"),
    ),
    ObjectType(
        name="financial_connections.account",
        path="financial_connections/accounts",
        id_prefixes=("fca_",),
        lacks=_lacks(METADATA),
        customer=("account_holder.customer",),
        new_status="active",
        status_events=_status_events("disconnected", active="reactivated", inactive="deactivated"),
    ),
    ObjectType(
        name="financial_connections.authorization",
        lacks=_lacks(CREATED, METADATA),
        customer=("account_holder.customer",),
        new_status="active",
    ),
    ObjectType(
        name="financial_connections.transaction",
        path="financial_connections/transactions",
        list_demands=("account",),
        id_prefixes=("fctxn_",),
        lacks=_lacks(CREATED, METADATA),
        created="transacted_at",
        owners=_owned_by(account="financial_connections.account"),
        new_status="pending",
    ),
    ObjectType(
        name="climate.order",
        path="climate/orders",
        id_prefixes=("climorder_",),
        dashboard="climate/orders",
        new_status="awaiting_funds",
        status_events=_status_events("canceled", "delivered"),
    ),
    ObjectType(name="climate.product", path="climate/products", lacks=_lacks(METADATA), ids_can_recur=True),
    ObjectType(name="climate.supplier", path="climate/suppliers", lacks=_lacks(CREATED, METADATA), ids_can_recur=True),
    ObjectType(
        name="reporting.report_run",
        path="reporting/report_runs",
        id_prefixes=("frr_",),
        lacks=_lacks(METADATA),
        secrets=frozenset({"url"}),
        new_status="pending",
        status_events=_status_events("failed", "succeeded"),
    ),
    ObjectType(
        name="reporting.report_type",
        path="reporting/report_types",
        lacks=_lacks(CREATED, METADATA),
        ids_can_recur=True,
        # Its id is its name, `balance.summary.1`, in every account.
        created="updated",
    ),
    ObjectType(
        name="scheduled_query_run",
        path="sigma/scheduled_query_runs",
        id_prefixes=("sqr_",),
        lacks=_lacks(METADATA),
        events=("sigma.scheduled_query_run",),
        new_status="completed",
        secrets=frozenset({"url"}),
    ),
    ObjectType(
        name="tax.registration",
        path="tax/registrations",
        id_prefixes=("taxreg_",),
        lacks=_lacks(METADATA),
        new_status="active",
    ),
    ObjectType(
        name="tax.transaction", path="tax/transactions", is_listed=False, id_prefixes=("tax_",), customer=_CUSTOMER
    ),
    ObjectType(
        name="tax.calculation",
        path="tax/calculations",
        is_listed=False,
        id_prefixes=("taxcalc_",),
        customer=_CUSTOMER,
        lacks=_lacks(CREATED, METADATA),
    ),
    ObjectType(
        name="tax.settings",
        path="tax/settings",
        is_listed=False,
        has_id=False,
        lacks=_lacks(CREATED, METADATA),
        new_status="pending",
    ),
    ObjectType(
        name="file",
        model="File",
        path="files",
        id_prefixes=("file_",),
        lacks=_lacks(LIVEMODE, METADATA),
        # https://docs.stripe.com/upgrades#2018-10-31
        formerly={"file_upload": "2018-10-31"},
        secrets=frozenset({"url"}),
        inside=("links",),
    ),
    ObjectType(
        name="file_link",
        model="FileLink",
        path="file_links",
        changed_by_time={"expired": "expires_at"},
        id_prefixes=("link_",),
        secrets=frozenset({"url"}),
    ),
    ObjectType(
        name="test_helpers.test_clock",
        model="TestClock",
        path="test_helpers/test_clocks",
        id_prefixes=("clock_",),
        lacks=_lacks(METADATA),
        new_status="ready",
        status_events=_status_events("advancing", "internal_failure", "ready"),
    ),
    # Short-lived: they are there to be used at once, and their secrets are all that matters of them.
    ObjectType(
        name="ephemeral_key",
        id_prefixes=("ephkey_",),
        is_kept=False,
        secrets=frozenset({"secret"}),
        lacks=_lacks(METADATA),
    ),
    ObjectType(
        name="apps.secret",
        path="apps/secrets",
        is_read=False,
        is_kept=False,
        list_demands=("scope",),
        secrets=frozenset({"payload"}),
        lacks=_lacks(METADATA),
    ),
)

#: A card or bank account that a connected account is paid to. Its `object` string is that of what customers pay with.
EXTERNAL_ACCOUNT = ObjectType(
    name="external_account",
    model="ExternalAccount",
    path="accounts/{account}/external_accounts",
    reference="external_accounts",
    id_prefixes=("ba_", "card_"),
    account_named_in="account",
    lacks=_lacks(CREATED, LIVEMODE),
    # Its secrets are those of a card or of a bank account: its `object` string says which of them it is.
    events=("account.external_account",),
)

#: Stripe's `object` string -> what is particular about such objects.
OBJECT_TYPES: Mapping[str, ObjectType] = MappingProxyType({row.name: row for row in _ROWS})
#: The same by the names of the rows, with the one whose `object` string is that of others.
ROWS_BY_NAME: Mapping[str, ObjectType] = MappingProxyType({**OBJECT_TYPES, EXTERNAL_ACCOUNT.name: EXTERNAL_ACCOUNT})
#: Former `object` strings -> the type that it is now; `transfer` is still a type of its own.
RENAMED: Mapping[str, str] = MappingProxyType(
    {old: row.name for row in _ROWS for old in row.formerly if old not in OBJECT_TYPES}
)
#: Present and former `object` strings -> attributes of such objects that are secrets.
SECRETS: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: row.secrets for row in _ROWS if row.secrets for name in (row.name, *row.formerly)}
)

#: Types of objects whose events tell of changes to others.
MOVERS: frozenset[str] = frozenset(move.by for row in _ROWS for move in row.moved_by if move.by)

#: What the type of an event begins with (or all of it) -> the type of object it is about. Where there are several, it
#: is the one that names this beginning first.
OBJECT_TYPES_BY_EVENT: Mapping[str, str] = MappingProxyType(
    {row.name: row.name for row in _ROWS if not row.events}
    | {prefix: row.name for row in reversed(_ROWS) for prefix in row.events}
    | {row.events[0]: row.name for row in reversed(_ROWS) if row.events}
)


def object_type(name: str) -> ObjectType:
    """The row of a type, by its present or its former `object` string; a plain one for types newer than this release.

    Of a newer type neither path nor events are known: a tie of such objects cannot be settled.
    """
    known = ROWS_BY_NAME.get(RENAMED.get(name, name))
    return known or ObjectType(name=name, customer=_CUSTOMER, is_listed=False, is_read=False)


def type_of_object(data: Mapping[str, Any]) -> ObjectType:
    """The type of an object: its `object` string says it, but for what a connected account is paid to, and for payouts
    in API versions that had no such word.
    """
    name = data.get("object")
    row = object_type(name if isinstance(name, str) else "")
    if row.name == "transfer" and _is_payout(data):
        return OBJECT_TYPES["payout"]
    return EXTERNAL_ACCOUNT if row.is_customer_owned and not data.get("customer") and data.get("account") else row


def _is_payout(transfer: Mapping[str, Any]) -> bool:
    """Whether a transfer went to a bank, not to a connected account: since API version 2017-04-06 that is a payout.

    What goes to an account has neither a date nor a type since then. https://docs.stripe.com/transfer-payout-split
    """
    is_of_both = "date" in transfer or "type" in transfer
    to_account = identifier(transfer.get("destination")).startswith("acct_")
    return is_of_both and not to_account and transfer.get("type") != "stripe_account"


def name_of(data: Mapping[str, Any]) -> str:
    """What names an object among those of its type and account: its id, or what stands for it; "" for none."""
    named_by = type_of_object(data).named_by
    if not named_by:
        return identifier(data)
    named = data.get(named_by)
    return MODES[named] if isinstance(named, bool) else identifier(named)


def naming(name: str, stripe_id: str) -> dict[str, Any]:
    """What `name_of` takes for an object of a type, of which nothing is known but its name."""
    return {**object_type(name).naming(stripe_id), "object": name}


def _belongs_to_customer(row: ObjectType) -> bool:
    """Whether each object of the type is about one customer: the one it names, or the one that its owner is about."""
    if row.is_shared or row.customer == ("id",):
        return False
    return bool(row.customer) or any(_belongs_to_customer(OBJECT_TYPES[name]) for name in row.owners.values() if name)


#: Types of objects that belong to one customer each, or to none. What names one of a customer's is about the customer.
TYPES_OF_CUSTOMERS: frozenset[str] = frozenset(row.name for row in _ROWS if _belongs_to_customer(row))
