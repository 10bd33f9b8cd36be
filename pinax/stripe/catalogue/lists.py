"""Stripe's lists, and the objects of which there is one each: which there are, and in which order to read them.

Also what lists take, and what they leave out.

What the SDK's annotations say of them (stripe-python 16.1) stands here, by path; the rest is made of the table of
object types. https://docs.stripe.com/api/pagination
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .objects import OBJECT_TYPES, PLACEHOLDER, ObjectType

#: Lists that take `created`.
BY_TIME = frozenset(
    {
        "accounts",
        "application_fees",
        "apps/installs",
        "balance_transactions",
        "charges",
        "checkout/sessions",
        "coupons",
        "credit_notes",
        "customers",
        "disputes",
        "file_links",
        "files",
        "forwarding/requests",
        "identity/verification_reports",
        "identity/verification_sessions",
        "invoice_payments",
        "invoiceitems",
        "invoices",
        "issuing/authorizations",
        "issuing/cardholders",
        "issuing/cards",
        "issuing/disputes",
        "issuing/transactions",
        "payment_intents",
        "payouts",
        "plans",
        "prices",
        "product_catalog/trial_offers",
        "products",
        "promotion_codes",
        "radar/early_fraud_warnings",
        "radar/value_lists",
        "refunds",
        "reporting/report_runs",
        "reviews",
        "setup_intents",
        "shipping_rates",
        "subscription_schedules",
        "subscriptions",
        "tax_rates",
        "three_d_secure/authentications",
        "topups",
        "transfers",
        "treasury/financial_accounts",
    }
)
#: Lists that are the same for every account: catalogues of Stripe's own.
OF_STRIPE = frozenset(
    {
        "climate/products",
        "climate/suppliers",
        "country_specs",
        "exchange_rates",
        "reporting/report_types",
        "tax_codes",
    }
)
#: Lists that Stripe's API has no more.
FORMER = frozenset({"bitcoin/receivers", "orders", "recipients", "skus"})
#: Lists without the objects that belong to customers: those are in lists below each customer.
WITHOUT_CUSTOMERS = frozenset({"tax_ids"})
#: Lists that want to know of which object the entries are, though no parameter of theirs is called required: path ->
#: the parameter.
NEEDED: Mapping[str, str] = MappingProxyType({"billing/credit_balance_transactions": "customer"})
#: Lists that come whole: they take neither `limit` nor `starting_after`.
WITHOUT_PAGES = frozenset({"accounts/{account}/capabilities", "reporting/report_types"})
#: Lists that have only the objects with a value in an attribute: path -> the attribute. A payment method without a
#: customer can be read by its id.
LISTED_WITH: Mapping[str, str] = MappingProxyType({"payment_methods": "customer"})
#: Lists below customers that have nothing unless there is an object of another type, of the customer where it names
#: one: path -> that type. A customer without any is not asked.
TOLD_OF_BY: Mapping[str, str] = MappingProxyType(
    {
        "billing/credit_balance_transactions": "billing.credit_grant",
        "entitlements/active_entitlements": "entitlements.feature",
    }
)
#: Lists that leave out what has a test clock, unless they are asked for the objects of one. ("The response will not
#: include customers with test clocks if this parameter is not set.")
WITHOUT_TEST_CLOCKS = frozenset({"customers", "quotes", "subscriptions"})
TEST_CLOCK = "test_helpers.test_clock"


@dataclass(frozen=True, kw_only=True)
class StripeList:
    """A list of Stripe's whose entries the mirror has rows of."""

    #: Below `/v1/`, with a placeholder where the id of a parent stands: `customers/{customer}/sources`.
    path: str
    #: The types of its entries, most often one.
    entries: tuple[ObjectType, ...]
    #: The type of the object below which, or for which, it is listed; None for a list of its own.
    parent: ObjectType | None = None
    #: What names the parent: a placeholder of the path, or a parameter.
    parent_name: str = ""
    #: Parameters without which objects are left out.
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: Lists below the entries that are asked for with them.
    expanded: frozenset[str] = frozenset()
    #: Whether Stripe refuses to show more of the entries than it does unasked.
    is_plain: bool = False

    @property
    def name(self) -> str:
        """The path, with the parameter that names a parent: `issuing/tokens?card=`; no two lists share one."""
        if self.parent is None or PLACEHOLDER.search(self.path):
            return self.path
        return f"{self.path}?{self.parent_name}="

    @property
    def is_single(self) -> bool:
        """Whether it is no list but one object without an id: the balance of an account, the cash of a customer."""
        return not self.entries[0].has_id

    @property
    def told_of_by(self) -> tuple[str, ...]:
        """Of what is below each of others: types of rows that tell that a parent has something there at all.

        Each customer can be asked for a cash balance; few have any cash.
        """
        if self.path in TOLD_OF_BY:
            return (TOLD_OF_BY[self.path],)
        (row, *_) = self.entries
        is_below = self.is_single and self.parent is not None
        return (row.name, *(move.by for move in row.moved_by)) if is_below else ()

    @property
    def is_by_time(self) -> bool:
        """Whether the list takes `created`."""
        return self.parent is None and self.path in BY_TIME

    @property
    def embedded_as(self) -> str:
        """The attribute of a parent that may hold the list; "" for a list that no object holds."""
        return self.path.rpartition("}/")[2] if PLACEHOLDER.search(self.path) else ""

    @property
    def types(self) -> str:
        """The names of the types of its entries, `card, bank_account`."""
        return ", ".join(row.name for row in self.entries)

    @property
    def expand(self) -> list[str]:
        """What to ask for with the entries: their lists that an answer has only then, which saves a call for each."""
        shown = frozenset() if self.is_plain else self.expanded.union(*(row.includable for row in self.entries))
        return [f"data.{name}" for name in sorted(shown)]

    @property
    def through(self) -> "StripeList | None":
        """The list of the parents, which shows this one with each of them; None for one that does not."""
        if self.parent is None or self.embedded_as not in self.parent.expandable:
            return None
        row, shown = self.parent, frozenset({self.embedded_as})
        return StripeList(path=row.path, entries=(row,), parameters=row.list_parameters, expanded=shown)

    def request(self, parent_id: str, quoted_id: str) -> tuple[str, dict[str, str]]:
        """Path and parameters for the entries of one parent, by its id as it is and as it stands in a path."""
        parameters = dict(self.parameters)
        if self.parent is not None and not PLACEHOLDER.search(self.path):
            parameters[self.parent_name] = parent_id
        return f"/v1/{PLACEHOLDER.sub(lambda _: quoted_id, self.path)}", parameters


def parent_type(name: str, row: ObjectType) -> ObjectType | None:
    """The type that a placeholder or a parameter names: `card` is an `issuing.card` in the list of `issuing.token`."""
    return OBJECT_TYPES.get(row.owners.get(name, name))


def all_lists() -> list[StripeList]:
    """Every list of objects that have rows of their own; parents come before children, and so do referred objects.

    Left out are lists of parts, which come with their owners, and those that ask for more than one object.
    """
    types_of_parts = {row.part.object_type for row in OBJECT_TYPES.values() if row.part is not None}
    found: dict[str, StripeList] = {}
    for row in types_in_order():
        if row.name in types_of_parts or not (row.is_kept and (row.has_id or row.named_by)):
            continue
        for each in lists_of_type(row):
            known = found.get(each.name)
            found[each.name] = each if known is None else replace(known, entries=(*known.entries, row))
    return parents_first(list(found.values()))


def parents_first(lists: list[StripeList]) -> list[StripeList]:
    """The same lists, those below an object behind all lists of such objects."""
    ordered: list[StripeList] = []
    left = lists
    while left:
        # Clocks come first anyway; what has one is among the lists of its type.
        waiting = {row.name for each in left for row in each.entries} - {TEST_CLOCK}
        ready = [each for each in left if each.parent is None or each.parent.name not in waiting]
        ordered += ready or left
        left = [each for each in left if each not in ready] if ready else []
    return ordered


def lists_of_type(row: ObjectType) -> Iterator[StripeList]:
    """The lists that together have all objects of a type."""
    is_there = row.is_listed or bool(row.named_by)
    if row.path and row.path not in FORMER and is_there and len(row.list_demands) <= 1:
        yield from lists_at(row.path, row)
    is_whole = row.is_listed and not PLACEHOLDER.search(row.path) and row.path not in WITHOUT_CUSTOMERS
    for path in () if is_whole else row.further_paths:
        yield from lists_at(path, row)
    if row.path in WITHOUT_TEST_CLOCKS:
        clock = OBJECT_TYPES[TEST_CLOCK]
        parameters = row.list_parameters
        yield StripeList(path=row.path, entries=(row,), parent=clock, parent_name="test_clock", parameters=parameters)


def lists_at(path: str, row: ObjectType) -> Iterator[StripeList]:
    """The list at a path, unless it is below an object of which no type is known."""
    names = [*PLACEHOLDER.findall(path), *row.list_demands, *([NEEDED[path]] if path in NEEDED else [])]
    if not names:
        yield StripeList(path=path, entries=(row,), parameters=row.list_parameters)
    elif len(names) == 1 and (parent := parent_of(path, names[0], row)) is not None:
        yield StripeList(path=path, entries=(row,), parent=parent, parent_name=names[0], parameters=row.list_parameters)


def parent_of(path: str, name: str, row: ObjectType) -> ObjectType | None:
    """The type below which a path is, else the one that a parameter names."""
    above = path.partition("/{")[0]
    if above != path:
        return next((each for each in OBJECT_TYPES.values() if each.path == above), None)
    return parent_type(name, row)


def types_in_order() -> list[ObjectType]:
    """All types, those that others refer to first; where types refer to each other, in the order of the table."""
    ordered: dict[str, ObjectType] = {}
    begun: set[str] = set()

    def visit(row: ObjectType) -> None:
        if row.name in begun:
            return
        begun.add(row.name)
        for name in referred_types(row):
            visit(OBJECT_TYPES[name])
        ordered[row.name] = row

    for row in OBJECT_TYPES.values():
        visit(row)
    return list(ordered.values())


def referred_types(row: ObjectType) -> Iterator[str]:
    """The names of the types of a type's parents, then of what its objects belong to."""
    for each in lists_of_type(row):
        if each.parent is not None:
            yield each.parent.name
        yield from (name for name in each.told_of_by if name != row.name)
    if row.customer and row.customer != ("id",):
        yield "customer"
    yield from (name for name in row.owners.values() if name)
