"""What a FakeStripe answers to reads: addresses, filters, pages and refusals as Stripe has them."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol
from urllib.parse import unquote

from ..builders.objects import build_object, list_object
from .expansion import expanded, paths, without_includable
from .paths import BELONGING, COLLECTION, COLLECTIONS, EMBEDDED_LISTS, PART, SOURCES
from .server import Request

#: Parameters of lists that are no filter on an attribute of the same name.
NO_FILTERS = re.compile(r"(limit|starting_after|ending_before|expand|created|types?|delivery_success)(\[.*)?")
#: The same, for one kind of object.
NO_FILTERS_OF = {"subscription": {"status"}}
MOST_TYPES = 20
#: A date, since 2024 with a name, and previews behind it.
API_VERSIONS = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?(; .+)?")

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}

Data = dict[str, Any]


class ApiError(Exception):
    """A refusal in Stripe's form (https://docs.stripe.com/api/errors)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        details = {"code": code, "message": message, "param": param, "type": type}
        self.body = {"error": {name: value for name, value in details.items() if value is not None}}


class Gate(Protocol):
    """What decides who may ask."""

    keys: set[str] | None
    revoked_accounts: set[str]

    def has_account(self, account: str) -> bool: ...  # pragma: no cover


class World(Gate, Protocol):
    """What an answer is made from."""

    def get(self, stripe_id: str, *, account: str | None = None) -> Data: ...  # pragma: no cover

    def objects(self, object_type: str, *, account: str | None = None) -> list[Data]: ...  # pragma: no cover

    def account_events(self, account: str) -> list[Data]: ...  # pragma: no cover

    def find_event(self, stripe_id: str, *, account: str) -> Data | None: ...  # pragma: no cover

    def is_delivered(self, event_id: str) -> bool: ...  # pragma: no cover

    def rendered(
        self, data: Data, *, account: str | None = None, api_version: str | None = None
    ) -> Data: ...  # pragma: no cover


def answer(world: World, request: Request) -> Data:
    """The JSON for a request; ApiError for a refusal."""
    # Thin events are asked for with a context, which may be a path of accounts down to the one that is meant.
    context = request.headers.get("stripe-context", "").rpartition("/")[2]
    account = request.headers.get("stripe-account", "") or context
    livemode = check_key(world, request, account)
    check_version(request.headers.get("stripe-version", ""))
    return Answer(world, request, account, livemode).data()


def check_version(api_version: str) -> None:
    """Refuse what is no version (https://docs.stripe.com/api/versioning); none is the account's."""
    if api_version and not API_VERSIONS.fullmatch(api_version):
        raise ApiError(400, f"Invalid Stripe API version: {api_version}")


def check_key(world: Gate, request: Request, account: str) -> bool | None:
    """The mode that a request's key is for, None if it does not tell; ApiError if the key is not good for it."""
    key = re.sub(r"^(Bearer|Basic) ", "", request.headers.get("authorization", "")).strip()
    if not key:
        raise ApiError(401, "You did not provide an API key.")
    if not key.startswith(("sk_", "rk_")) or (world.keys is not None and key not in world.keys):
        raise ApiError(401, f"Invalid API Key provided: {masked(key)}")
    if account in world.revoked_accounts or not world.has_account(account):
        raise ApiError(
            403,
            f"The provided key '{masked(key)}' does not have access to account '{account}' (or that account does not "
            "exist). Application access may have been revoked.",
            code="account_invalid",
        )
    mode = re.match("[sr]k_(live|test)_", key)
    return None if mode is None else mode[1] == "live"


def masked(key: str) -> str:
    """A key as Stripe's messages show it: its kind and its last four characters."""
    kind = re.match("[a-z]+_(live_|test_)?", key)
    start = kind[0] if kind else ""
    return f"{start}{'*' * max(len(key) - len(start) - 4, 3)}{key[-4:]}"


def unrecognized(request: Request) -> NoReturn:
    raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")


def missing(object_type: str, stripe_id: str, param: str = "id", *, status: int = 404, hint: str = "") -> ApiError:
    """The refusal of an id that is not there."""
    return ApiError(status, f"No such {object_type}: '{stripe_id}'{hint}", code="resource_missing", param=param)


class Answer:
    """The answer to one GET."""

    def __init__(self, world: World, request: Request, account: str, livemode: bool | None) -> None:
        self.world, self.request, self.account, self.livemode = world, request, account, livemode
        self.query = request.query

    def data(self) -> Data:
        """Find who answers an address."""
        for pattern, method in ROUTES:
            found = re.fullmatch(pattern, self.request.path)
            if found:
                return method(self, *map(unquote, found.groups()))
        unrecognized(self.request)

    def event(self, stripe_id: str) -> Data:
        return self.one_event(stripe_id, thin=False)

    def thin_event(self, stripe_id: str) -> Data:
        return self.one_event(stripe_id, thin=True)

    def one_event(self, stripe_id: str, *, thin: bool) -> Data:
        event = self.world.find_event(stripe_id, account=self.account)
        if event is None or is_thin(event) != thin:
            raise missing("event", stripe_id)
        self.check_mode("event", event)
        return event

    def events(self) -> Data:
        check_types(self.query)
        events = [event for event in self.world.account_events(self.account) if not is_thin(event)]
        wanted = [event for event in newest_first(events) if self.in_mode(event) and self.is_wanted_event(event)]
        return self.page("event", wanted)

    def is_wanted_event(self, event: Data) -> bool:
        delivered = self.query.get("delivery_success")
        if delivered is not None and (delivered == "true") != self.world.is_delivered(event["id"]):
            return False
        return is_wanted_type(event["type"], self.query) and is_created_when(event, self.query)

    def platform(self) -> Data:
        """The account that asks, or that is asked for with a Stripe-Account header."""
        stripe_id = self.account or "acct_platform"
        try:
            return self.world.get(stripe_id, account=self.account)
        except KeyError:
            return build_object("account", id=stripe_id)

    def one(self, collection: str, stripe_id: str) -> Data:
        whole = self.rendered(self.find(COLLECTIONS.get(collection) or unrecognized(self.request), stripe_id))
        return self.with_expansions(without_includable(whole), whole)

    def with_expansions(self, data: Data, whole: Data) -> Data:
        """An object, or a list of them, with what `expand` asks for; `whole` is it with what is left out otherwise."""
        for path in paths(self.query):
            data = expanded(data, whole, path, self.expansion)
        return data

    def expansion(self, stripe_id: str) -> Data | None:
        """The object that an id stands for, in the account that is asked."""
        try:
            return self.rendered(self.world.get(stripe_id, account=self.account))
        except KeyError:
            return None

    def rendered(self, data: Data) -> Data:
        """An object in the version that was asked for."""
        version = self.request.headers.get("stripe-version")
        return self.world.rendered(data, account=self.account, api_version=version)

    def find(self, object_type: str, stripe_id: str, param: str = "id") -> Data:
        """The object, whole. Of what was deleted, only customers leave a trace."""
        try:
            data = self.world.get(stripe_id, account=self.account)
        except KeyError:
            data = {}
        # A card or a source can be read as the payment method of the same id.
        kinds = (*SOURCES, object_type) if object_type == "payment_method" else (object_type,)
        if data.get("object") not in kinds or (data.get("deleted") and object_type != "customer"):
            raise missing(object_type, stripe_id, param)
        self.check_mode(object_type, data)
        return data

    def check_mode(self, object_type: str, data: Data) -> None:
        if not self.in_mode(data):
            theirs, ours = ("live", "test") if data["livemode"] else ("test", "live")
            hint = f"; a similar object exists in {theirs} mode, but a {ours} mode key was used to make this request."
            raise missing(object_type, data["id"], hint=hint)

    def in_mode(self, data: Data) -> bool:
        return self.livemode is None or data.get("livemode") in (None, self.livemode)

    def many(self, collection: str) -> Data:
        object_type = COLLECTIONS.get(collection) or unrecognized(self.request)
        return self.listing(object_type, self.world.objects(object_type, account=self.account))

    def listing(self, object_type: str, rows: Iterable[Data]) -> Data:
        """The page of those rows that the parameters ask for."""
        wanted = [
            row
            for row in rows
            if self.in_mode(row) and is_created_when(row, self.query) and has_attributes(row, self.query)
        ]
        return self.page(object_type, wanted)

    def sources(self, customer: str) -> Data:
        self.find("customer", customer)
        kinds = [self.query["object"]] if self.query.get("object") in SOURCES else SOURCES
        rows = [row for kind in kinds for row in self.world.objects(kind, account=self.account)]
        return self.listing("source", [row for row in rows if row.get("customer") == customer])

    def source(self, customer: str, stripe_id: str) -> Data:
        for kind in SOURCES:
            for row in self.world.objects(kind, account=self.account):
                if row["id"] == stripe_id and row.get("customer") == customer:
                    return self.rendered(row)
        raise missing("source", stripe_id)

    def list_below(self, collection: str, stripe_id: str, name: str) -> Data:
        """A list of one object's own: entries that are embedded in it, or objects that name it."""
        owner = self.find(COLLECTIONS.get(collection) or unrecognized(self.request), stripe_id)
        if (collection, name) in EMBEDDED_LISTS:
            return self.page(EMBEDDED_LISTS[collection, name], entries(owner, name))
        object_type, attribute = BELONGING.get((collection, name)) or unrecognized(self.request)
        rows = self.world.objects(object_type, account=self.account)
        return self.listing(object_type, [row for row in rows if row.get(attribute) == stripe_id])

    def one_below(self, collection: str, stripe_id: str, name: str, entry_id: str) -> Data:
        """An object in a list of another one's own."""
        self.find(COLLECTIONS.get(collection) or unrecognized(self.request), stripe_id)
        object_type, attribute = BELONGING.get((collection, name)) or unrecognized(self.request)
        entry = self.rendered(self.find(object_type, entry_id))
        if entry.get(attribute) != stripe_id:
            raise missing(object_type, entry_id)
        return self.with_expansions(without_includable(entry), entry)

    def subscription_items(self) -> Data:
        if "subscription" not in self.query:
            raise ApiError(400, "Missing required param: subscription.", param="subscription")
        owner = self.find("subscription", self.query["subscription"], "subscription")
        return self.page("subscription_item", entries(owner, "items"))

    def subscription_item(self, stripe_id: str) -> Data:
        for owner in self.world.objects("subscription", account=self.account):
            for item in entries(owner, "items"):
                if item.get("id") == stripe_id:
                    return self.rendered(item)
        raise missing("subscription_item", stripe_id)

    def page(self, object_type: str, rows: list[Data]) -> Data:
        """The part of a list that `limit` and the cursors ask for."""
        limit = whole_number(self.query.get("limit", "10"), "limit")
        if not 1 <= limit <= 100:
            raise ApiError(
                400, "This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit"
            )
        if "starting_after" in self.query and "ending_before" in self.query:
            raise ApiError(400, "You cannot parameterize both starting_after and ending_before.", param="ending_before")
        after, before = (self.cursor(object_type, rows, name) for name in ("starting_after", "ending_before"))
        if before is not None:
            start = max(0, before - limit)
            return self.list_of(rows[start:before], has_more=start > 0)
        start = 0 if after is None else after + 1
        return self.list_of(rows[start : start + limit], has_more=len(rows) > start + limit)

    def list_of(self, rows: list[Data], *, has_more: bool) -> Data:
        """A page with those rows. Events are what they were when they were made, whatever version is asked for."""
        rows = [row if row.get("object") == "event" else self.rendered(row) for row in rows]
        shown = list_object([without_includable(row) for row in rows], self.request.path, has_more=has_more)
        return self.with_expansions(shown, {**shown, "data": rows})

    def cursor(self, object_type: str, rows: list[Data], name: str) -> int | None:
        """Where in a list the object is that a parameter names."""
        if name not in self.query:
            return None
        for position, row in enumerate(rows):
            if row.get("id") == self.query[name]:
                return position
        raise missing(object_type, self.query[name], name, status=400)


#: Address -> method of `Answer`; the first that fits.
ROUTES: list[tuple[str, Callable[..., Data]]] = [
    ("/v1/events", Answer.events),
    (f"/v1/events/{PART}", Answer.event),
    (f"/v2/core/events/{PART}", Answer.thin_event),
    ("/v1/account", Answer.platform),
    ("/v1/subscription_items", Answer.subscription_items),
    (f"/v1/subscription_items/{PART}", Answer.subscription_item),
    (f"/v1/customers/{PART}/sources", Answer.sources),
    (f"/v1/customers/{PART}/sources/{PART}", Answer.source),
    (f"/v1/{COLLECTION}", Answer.many),
    (f"/v1/{COLLECTION}/{PART}", Answer.one),
    (f"/v1/{COLLECTION}/{PART}/{PART}", Answer.list_below),
    (f"/v1/{COLLECTION}/{PART}/{PART}/{PART}", Answer.one_below),
]


def is_thin(event: Data) -> bool:
    """Whether an event is one of v2, without the object."""
    return bool(event.get("object") == "v2.core.event")


def entries(data: Data, name: str) -> list[Data]:
    """The entries of an embedded list."""
    return (data.get(name) or {}).get("data") or []


def newest_first(rows: list[Data]) -> list[Data]:
    """Sort rows that are in the order of their making."""
    latest = list(reversed(rows))
    return sorted(latest, key=lambda row: -(row.get("created") or 0))


def whole_number(text: str, param: str) -> int:
    """A parameter that has to be an integer."""
    if not re.fullmatch(r"-?\d{1,15}", text):
        raise ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=param)
    return int(text)


def check_types(query: dict[str, str]) -> None:
    """Refuse filters on event types that Stripe refuses."""
    types = [name for name in query if name.startswith("types[")]
    if types and "type" in query:
        raise ApiError(400, "You may only specify one of these parameters: type, types.", param="types")
    if len(types) > MOST_TYPES:
        raise ApiError(400, f"types may have at most {MOST_TYPES} entries.", param="types")


def is_wanted_type(event_type: str, query: dict[str, str]) -> bool:
    """Whether `type` (exact, or `beginning.*`) and `types` let an event type through."""
    types = [value for name, value in query.items() if name.startswith("types[")]
    if types:
        return event_type in types
    wanted = query.get("type", "*")
    return event_type.startswith(wanted[:-1]) if wanted.endswith("*") else event_type == wanted


def is_created_when(row: Data, query: dict[str, str]) -> bool:
    """Whether `created` and `created[gt]` and so on let a row through."""
    created = row.get("created") or 0
    if "created" in query and created != whole_number(query["created"], "created"):
        return False
    return all(
        holds(created, whole_number(query[f"created[{name}]"], f"created[{name}]"))
        for name, holds in COMPARISONS.items()
        if f"created[{name}]" in query
    )


def has_attributes(row: Data, query: dict[str, str]) -> bool:
    """Whether a row has the attributes that parameters like `customer=cus_1` or `active=true` ask for."""
    if row["object"] == "subscription" and not is_wanted_status(row.get("status"), query.get("status")):
        return False
    skipped = NO_FILTERS_OF.get(row["object"], set())
    return all(
        as_parameter(row.get(name)) == value
        for name, value in query.items()
        if name in row and name not in skipped and not NO_FILTERS.fullmatch(name)
    )


def is_wanted_status(status: str | None, wanted: str | None) -> bool:
    """Lists of subscriptions leave the ended ones out unless asked for `all`, `ended` or one status."""
    ended = status in ("canceled", "incomplete_expired")
    if wanted in (None, "all", "ended"):
        return wanted == "all" or ended == (wanted == "ended")
    return status == wanted


def as_parameter(value: Any) -> str:
    """A value as an address spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
