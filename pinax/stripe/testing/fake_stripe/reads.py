"""What a FakeStripe answers to reads: addresses, lists, pages and refusals as Stripe has them."""

import re
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import unquote

from ...catalogue.objects import OBJECT_TYPES, ObjectType
from ...stripe_values import JsonObject
from ..builders.copies import copied_json
from ..builders.lists import cut_lists, embedded_list_url, list_object
from ..builders.objects import build_object
from .expansion import as_shown, check_path, expanded, expanded_paths
from .filters import (
    check_event_types,
    has_wanted_attributes,
    is_created_when,
    is_wanted_event_type,
    whole_number,
)
from .paths import (
    LIST_ADDRESSES,
    SEGMENT,
    TYPES_OF_SOURCES,
    ListAddress,
    RequestedPlace,
    embedded_as,
    list_below,
    place_at,
    type_named,
)
from .refusals import (
    ApiError,
    KeyHolders,
    check_access,
    check_api_version,
    missing_object,
    missing_param,
    unrecognized,
)
from .server import Request

#: Id of the account that asks without a Stripe-Account header.
PLATFORM = "acct_platform"


class ReadableStripe(KeyHolders, Protocol):
    """What an answer is made from."""

    api_version: str

    def get(self, stripe_id: str, *, account: str | None = None) -> JsonObject: ...  # pragma: no cover

    def objects(self, object_type: str, *, account: str | None = None) -> list[JsonObject]: ...  # pragma: no cover

    def kept_objects(self, object_type: str, *, account: str | None = None) -> list[JsonObject]: ...  # pragma: no cover

    def account_events(self, account: str) -> list[JsonObject]: ...  # pragma: no cover

    def find_event(self, stripe_id: str, *, account: str) -> JsonObject | None: ...  # pragma: no cover

    def is_delivered(self, event_id: str) -> bool: ...  # pragma: no cover

    def rendered(
        self, data: JsonObject, *, account: str | None = None, api_version: str | None = None
    ) -> JsonObject: ...  # pragma: no cover


def answer_read(stripe: ReadableStripe, request: Request) -> JsonObject:
    """The JSON for a GET; ApiError for a refusal."""
    # Thin events are asked for with a context, which may be a path of accounts down to the one that is meant.
    context = request.headers.get("stripe-context", "").rpartition("/")[2]
    account = request.headers.get("stripe-account", "") or context
    livemode = check_access(stripe, request, account)
    check_api_version(request.headers.get("stripe-version", ""))
    return ReadAnswer(stripe, request, account, livemode).answer()


class ReadAnswer:
    """The answer to one GET."""

    def __init__(self, stripe: ReadableStripe, request: Request, account: str, livemode: bool | None) -> None:
        self.stripe, self.request, self.account, self.livemode = stripe, request, account, livemode
        self.query = request.query
        self.paths = expanded_paths(request.query)
        #: See `kept_by_owner`.
        self.kept: dict[tuple[str, str, str], dict[Any, list[JsonObject]]] = {}

    def answer(self) -> JsonObject:
        """What is at the address."""
        for pattern, method in EVENT_ROUTES:
            found = re.fullmatch(pattern, self.request.path)
            if found:
                return method(self, *map(unquote, found.groups()))
        place = place_at(self.request.path)
        if place is None:
            unrecognized(self.request)
        return self.answer_place(place)

    def answer_place(self, place: RequestedPlace) -> JsonObject:
        """A list, an entry of one, or the one object of its type."""
        address = place.address
        owner = self.owner_of(place)
        if address.is_single and not place.entry_id:
            return self.single(address.entries[0], place.owner_id)
        if place.entry_id and address.is_read:
            return self.entry(place, owner)
        if address.is_listed and not place.entry_id:
            return self.list_at(address, owner)
        unrecognized(self.request)

    # Events and the account

    def event(self, stripe_id: str) -> JsonObject:
        return self.one_event(stripe_id, thin=False)

    def thin_event(self, stripe_id: str) -> JsonObject:
        return self.one_event(stripe_id, thin=True)

    def one_event(self, stripe_id: str, *, thin: bool) -> JsonObject:
        event = self.stripe.find_event(stripe_id, account=self.account)
        if event is None or is_thin(event) != thin:
            raise missing_object("event", stripe_id)
        self.check_mode("event", event)
        return event

    def events(self) -> JsonObject:
        check_event_types(self.query)
        events = [event for event in self.stripe.account_events(self.account) if not is_thin(event)]
        wanted = [event for event in newest_first(events) if self.in_mode(event) and self.is_wanted_event(event)]
        return self.page("event", wanted)

    def is_wanted_event(self, event: JsonObject) -> bool:
        delivered = self.query.get("delivery_success")
        if delivered is not None and (delivered == "true") != self.stripe.is_delivered(event["id"]):
            return False
        return is_wanted_event_type(event["type"], self.query) and is_created_when(event, self.query)

    def own_account(self) -> JsonObject:
        """The account that asks, or that is asked for with a Stripe-Account header."""
        return self.stored(self.account or PLATFORM) or build_object("account", id=self.account or PLATFORM)

    # Objects

    def stored(self, stripe_id: str) -> JsonObject:
        """The object of an id, whole, or the stub of a deleted one; {} for none."""
        try:
            return self.stripe.get(stripe_id, account=self.account)
        except KeyError:
            return {}

    def find(self, row: ObjectType, stripe_id: str, param: str = "id") -> JsonObject:
        """The object of a type, whole; ApiError for none."""
        data = self.stored(stripe_id) or self.found_elsewhere(row, stripe_id)
        # A card or a source can be read as the payment method of the same id.
        names = (*TYPES_OF_SOURCES, row.name) if row.name == "payment_method" else (row.name,)
        version = self.request.headers.get("stripe-version") or self.stripe.api_version
        names += tuple(each.name for each in OBJECT_TYPES.values() if version < each.formerly.get(row.name, ""))
        if data.get("object") not in names or (data.get("deleted") and not row.leaves_stub):
            raise missing_object(row.name, stripe_id, param)
        self.check_mode(row.name, data)
        return data

    def found_elsewhere(self, row: ObjectType, stripe_id: str) -> JsonObject:
        """An object that is not stored by itself: an account that is only connected, or a part of its owner."""
        if row.name == "account" and self.stripe.has_account(keeping_account(stripe_id)):
            return self.account_itself(stripe_id)
        for owner in OBJECT_TYPES.values():
            if owner.part is not None and owner.part.object_type == row.name:
                for data in self.stripe.objects(owner.name, account=self.account):
                    for entry in embedded_entries(data, owner.part.attribute):
                        if entry.get("id") == stripe_id:
                            return entry
        return {}

    def account_itself(self, stripe_id: str) -> JsonObject:
        """The object of an account that is connected: it may be kept among its own."""
        try:
            return self.stripe.get(stripe_id, account=stripe_id)
        except KeyError:
            return build_object("account", id=stripe_id)

    def owner_of(self, place: RequestedPlace) -> JsonObject:
        """The object below which an address is; {} when it is below none."""
        owner = place.address.owner
        return {} if owner is None else self.find(owner, place.owner_id)

    def entry(self, place: RequestedPlace, owner: JsonObject) -> JsonObject:
        """One object, which has to belong to its owner where it is below one."""
        address = place.address
        if not owner:
            return self.with_expansions(self.find(address.entries[0], place.entry_id))
        for data in self.entries_below(address, owner):
            if data.get("id") == place.entry_id:
                self.check_mode(address.name, data)
                return self.with_expansions(data)
        raise missing_object(address.name, place.entry_id)

    def single(self, row: ObjectType, owner_id: str) -> JsonObject:
        """The object of a type of which an account, or an owner, always has one."""
        names = dict.fromkeys(row.parents, owner_id)
        stored = [data for data in self.stripe.objects(row.name, account=self.account) if names.items() <= data.items()]
        return self.with_expansions(stored[0] if stored else build_object(row.name, **names))

    def with_expansions(self, data: JsonObject) -> JsonObject:
        """An object as it is shown, with what `expand` asks for; ApiError for what cannot be expanded."""
        rendered = self.rendered(data)
        whole = self.with_lists(data, rendered)
        for path in self.paths:
            check_path(path, self.examples([whole], str(data.get("object"))), self.expansion)
        return self.expanded(as_shown(rendered), whole)

    def expanded(self, shown: JsonObject, whole: JsonObject) -> JsonObject:
        """An object, or a list of them, with what `expand` asks for; `whole` is it with what is left out otherwise."""
        for path in self.paths:
            shown = expanded(shown, whole, path, self.expansion)
        return shown

    def expansion(self, stripe_id: str) -> tuple[JsonObject, JsonObject] | None:
        """The object that an id stands for, in the account that is asked, and the same with lists that are left out."""
        data = self.stored(stripe_id)
        if not data:
            return None
        rendered = self.rendered(data)
        return as_shown(rendered), self.with_lists(data, rendered)

    def examples(self, wholes: list[JsonObject], name: str) -> list[JsonObject]:
        """Objects that together have all attributes of a type: those asked for, and one as it is by default."""
        if not self.paths or name not in OBJECT_TYPES:
            return wholes
        default = build_object(name)
        left_out = dict.fromkeys(OBJECT_TYPES[name].includable)
        return [*wholes, {**left_out, **self.with_lists(default, self.rendered(default))}]

    def with_lists(self, data: JsonObject, rendered: JsonObject) -> JsonObject:
        """A rendered object with the lists that paths name and that it does not embed."""
        row = OBJECT_TYPES.get(str(data.get("object")))
        if row is None:
            return rendered
        named = {name for path in self.paths for name in path} - rendered.keys()
        lists = {}
        for name in named & (row.expandable | row.lists.keys()):
            # In a version that does not have the list, an object is rendered without it.
            if name in self.rendered({**data, name: None}):
                url = embedded_list_url(row, name, data["id"])
                found = [as_shown(self.rendered(entry)) for entry in self.entries_held(row, name, data)]
                lists[name] = cut_lists({"": list_object(found, url)})[""]
        return {**rendered, **lists}

    def entries_held(self, row: ObjectType, name: str, owner: JsonObject) -> list[JsonObject]:
        """What is in a list of an object: what has ended is left out, as in every list."""
        if name in row.expandable:
            return self.entries_below(list_below(row, name), owner)
        listed = row.lists[name]
        entries = LIST_ADDRESSES[listed.path].entries if listed.path in LIST_ADDRESSES else ()
        return [
            entry
            for each in entries
            for parameter in listed.parameters
            for entry in self.kept_by_owner(each.name, parameter, self.account).get(owner["id"], [])
            if has_wanted_attributes(entry, each, {})
        ]

    def kept_by_owner(self, name: str, attribute: str, account: str) -> dict[Any, list[JsonObject]]:
        """The objects of a type by the id that an attribute of theirs has: a page asks for those of many owners."""
        key = name, attribute, account
        if key not in self.kept:
            self.kept[key] = {}
            for entry in self.stripe.kept_objects(name, account=account):
                owner = entry.get(attribute)
                if isinstance(owner, str):
                    self.kept[key].setdefault(owner, []).append(entry)
        return self.kept[key]

    def rendered(self, data: JsonObject) -> JsonObject:
        """An object in the version that was asked for."""
        version = self.request.headers.get("stripe-version")
        return self.stripe.rendered(data, account=self.account, api_version=version)

    def check_mode(self, name: str, data: JsonObject) -> None:
        if not self.in_mode(data):
            theirs, ours = ("live", "test") if data["livemode"] else ("test", "live")
            hint = f"; a similar object exists in {theirs} mode, but a {ours} mode key was used to make this request."
            raise missing_object(name, data["id"], hint=hint)

    def in_mode(self, data: JsonObject) -> bool:
        return self.livemode is None or data.get("livemode") in (None, self.livemode)

    # Lists

    def list_at(self, address: ListAddress, owner: JsonObject) -> JsonObject:
        """The page of a list that the parameters ask for."""
        entries = self.entries_below(address, owner) if owner else self.entries_of(address.entries[0])
        wanted = [
            entry
            for entry in entries
            if self.in_mode(entry)
            and is_created_when(entry, self.query)
            and has_wanted_attributes(entry, entry_type(entry, address), self.query)
        ]
        return self.page(address.name, wanted)

    def entries_of(self, row: ObjectType) -> list[JsonObject]:
        """All objects of a type, or those of the object that a parameter has to name."""
        found = self.stripe.kept_objects(row.name, account=self.account)
        for name in row.list_demands:
            if not self.query.get(name):
                raise missing_param(name)
            owner_type = type_named(name, row)
            if owner_type is not None:
                owner = self.find(owner_type, self.query[name], name)
                found = entries_of_owner(found, name, owner) + embedded_entries(
                    owner, embedded_as(owner_type, row, row.path)
                )
        return found

    def entries_below(self, address: ListAddress, owner: JsonObject) -> list[JsonObject]:
        """What belongs to an object: stored by itself, or kept in a list of its owner."""
        accounts = {self.account: None}
        if owner["object"] == "account":
            accounts[keeping_account(owner["id"])] = None
        stored = [
            entry
            for account in accounts
            for row in address.entries
            for entry in self.kept_by_owner(row.name, address.parent, account).get(owner["id"], [])
        ]
        owner_type = OBJECT_TYPES[owner["object"]]
        kept = [
            entry
            for name in {embedded_as(owner_type, row, address.path) for row in address.entries}
            for entry in embedded_entries(owner, name)
        ]
        known = {entry.get("id") for entry in stored}
        return stored + [entry for entry in kept if entry.get("id") not in known]

    def page(self, name: str, entries: list[JsonObject]) -> JsonObject:
        """The part of a list that `limit` and the cursors ask for."""
        limit = whole_number(self.query.get("limit", "10"), "limit")
        if not 1 <= limit <= 100:
            raise ApiError(
                400, "This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit"
            )
        if "starting_after" in self.query and "ending_before" in self.query:
            raise ApiError(400, "You cannot parameterize both starting_after and ending_before.", param="ending_before")
        after, before = (self.cursor(name, entries, param) for param in ("starting_after", "ending_before"))
        if before is not None:
            start = max(0, before - limit)
            return self.list_of(name, entries[start:before], has_more=start > 0)
        start = 0 if after is None else after + 1
        return self.list_of(name, entries[start : start + limit], has_more=len(entries) > start + limit)

    def list_of(self, name: str, entries: list[JsonObject], *, has_more: bool) -> JsonObject:
        """A page with those entries. Events are what they were when they were made, whatever version is asked for."""
        entries = copied_json(entries)
        rendered = [entry if entry.get("object") == "event" else self.rendered(entry) for entry in entries]
        shown = list_object([as_shown(entry) for entry in rendered], self.request.path, has_more=has_more)
        whole = [self.with_lists(*pair) for pair in zip(entries, rendered, strict=True)]
        for path in self.paths:
            check_path(path, self.examples(whole, name), self.expansion, is_list=True)
        return self.expanded(shown, {**shown, "data": whole})

    def cursor(self, name: str, entries: list[JsonObject], param: str) -> int | None:
        """Where in a list the object is that a parameter names."""
        if param not in self.query:
            return None
        for position, entry in enumerate(entries):
            if entry.get("id") == self.query[param]:
                return position
        raise missing_object(name, self.query[param], param, status=400)


#: Addresses that the table of object types does not have -> method of `ReadAnswer`.
EVENT_ROUTES: list[tuple[str, Callable[..., JsonObject]]] = [
    ("/v1/events", ReadAnswer.events),
    (f"/v1/events/{SEGMENT}", ReadAnswer.event),
    (f"/v2/core/events/{SEGMENT}", ReadAnswer.thin_event),
    ("/v1/account", ReadAnswer.own_account),
]


def keeping_account(stripe_id: str) -> str:
    """The account, as FakeStripe's methods take it, that has what belongs to the account of an id."""
    return "" if stripe_id == PLATFORM else stripe_id


def is_thin(event: JsonObject) -> bool:
    """Whether an event is one of v2, without the object."""
    return bool(event.get("object") == "v2.core.event")


def entry_type(entry: JsonObject, address: ListAddress) -> ObjectType:
    """The type of an entry, or that of the list where the entry does not tell."""
    return OBJECT_TYPES.get(str(entry.get("object")), address.entries[0])


def entries_of_owner(entries: list[JsonObject], name: str, owner: JsonObject) -> list[JsonObject]:
    """The entries that name an owner."""
    return [entry for entry in entries if entry.get(name) == owner["id"]]


def embedded_entries(data: JsonObject, name: str) -> list[JsonObject]:
    """The entries of an embedded list."""
    listed = data.get(name)
    return (listed.get("data") or []) if isinstance(listed, dict) else []


def newest_first(entries: list[JsonObject]) -> list[JsonObject]:
    """Sort entries that are in the order of their making."""
    latest = list(reversed(entries))
    return sorted(latest, key=lambda entry: -(entry.get("created") or 0))
