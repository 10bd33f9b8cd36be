"""Objects that a project has from Stripe itself become rows at once, by the same writer and rules as those of events.

What an SDK call returned is true of some moment before its answer's `Date`. That is an interval and no moment, so it
may overlap with what the row holds; then only Stripe can tell which is newer, and the object is read again. API calls
are made outside transactions only: within one, that read waits for its end.
"""

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction

from .. import api
from ..catalogue.objects import name_of, naming, type_of_object
from ..catalogue.objects import object_type as row_of
from ..conf import key_livemode
from ..exceptions import InTransaction, NeedsFetch, TemporaryStripeError, UnusableObject
from ..models.events import database
from ..models.mirror import MirroredObject
from ..stripe_values import is_stub, text, timestamp
from .after_commit import run_after_commit
from .fetching import complete_lists, current_object, lists_to_read, resolve_need, retrieved
from .freshness import BEGINNING
from .registry import MirroredType, has_place_in_general_table, mirrored_as, mirrored_type, type_of, types_mirrored_by
from .rows import row_key
from .snapshots import UNKNOWN_END, Changes, FetchedAlready, FetchedLists, SyncContext
from .writing import sync_object

#: Reads for one write: a row that changes with each of them is hot.
MOST_READS = 5
#: Seconds that a call of Stripe's SDK takes at most; its own limit (https://github.com/stripe/stripe-python).
LONGEST_CALL = 80
MODE_NAMES = {True: "live mode", False: "test mode"}


@dataclass(frozen=True, kw_only=True, repr=False)
class Reading:
    """An object that was read from Stripe somewhere between two moments of Stripe's clock."""

    data: dict[str, Any]
    as_of: datetime.datetime
    as_of_end: datetime.datetime
    #: The connected account; "" for the platform's own objects.
    account: str
    #: API version of the object, and of what is read to go with it; "" when unknown.
    api_version: str = ""

    def __repr__(self) -> str:
        """Which object it is: pages and mails about errors show local variables, and `data` is about persons."""
        return f"<Reading of {named(self.data)}>"

    @property
    def context(self) -> SyncContext:
        return SyncContext(
            as_of=self.as_of,
            as_of_end=self.as_of_end,
            account=self.account,
            livemode=key_livemode(),
            api_version=self.api_version,
            is_reading=True,
        )


def sync_from_stripe(obj: Any, *, account: str | None = None) -> MirroredObject:
    """The row of an object that Stripe's SDK returned, written unless the row is newer.

    `obj` is a StripeObject, or the JSON of one as dicts and lists. References may be expanded: the objects inside get
    no rows of their own, but those in expanded lists (`sources`, `subscriptions`, `refunds`) do. The stub of a deleted
    object leaves a tombstone. `account` is the connected account that it belongs to: by default the one that the SDK
    was asked for, "" for a dict. UnusableObject for what has no row, and for objects of the other mode than the key's.

    It calls Stripe's API only when the row and the object cannot be ordered, and to complete lists that were cut short:
    then it raises StripeError if that fails. Inside a transaction those calls wait until it is committed; if one fails
    then, Django logs it, and the row stays as it is until the next event of the object, or `refresh_from_stripe`.
    """
    reading = reading_of(obj, account)
    mirrored = mirrored_type(reading.data)
    if mirrored is None:
        raise UnusableObject(f"{named(reading.data)} has no row of its own in the mirror. {reason(reading.data)}")
    return write_reading(mirrored, reading)


def sync_as(model: type[MirroredObject], obj: Any, *, account: str | None = None) -> MirroredObject:
    """The same for an object that has to be one of a model's; UnusableObject if it is none, too."""
    reading = reading_of(obj, account)
    mirrored = mirrored_type(reading.data)
    if mirrored is None:
        raise UnusableObject(f"{named(reading.data)} is no object of {model.__name__}. {reason(reading.data)}")
    if mirrored.model is not model:
        place = mirrored.model.__name__
        raise UnusableObject(f"{named(reading.data)} is no object of {model.__name__}; it belongs in {place}.")
    return write_reading(mirrored, reading)


def fetch(
    model: type[MirroredObject], stripe_id: str, *, account: str = "", object_type: str = "", **parents: str
) -> MirroredObject:
    """Read an object from Stripe's API; its row, written unless it is newer.

    `object_type` is needed for OtherObject only, `parents` for what is read below another object: `customer="cus_1"`
    for a card. UnusableObject for what cannot be read by itself, and when Stripe answers with an object of another type
    (cards and bank accounts have one path); nothing is written then. ObjectNotFound when Stripe does not have it,
    unless there is a row: that becomes a tombstone. InTransaction inside a transaction.
    """
    names = [row.name for row in types_mirrored_by(model)]
    name = object_type or (names[0] if len(names) == 1 else "")
    if not name:
        raise UnusableObject(f"{model.__name__} has objects of many types: say which, by object_type.")
    row = row_of(name)
    # What is read below an account is read below the one that has it.
    below = {row.account_named_in: account} if row.account_named_in in row.parents and account else {}
    return read_row(model, {**below, **parents, **naming(name, stripe_id)}, account)


def refresh(row: MirroredObject) -> MirroredObject:
    """Read the object of a row from Stripe's API; the row as it is then, a tombstone if Stripe does not have it."""
    return read_row(type(row), {**row.stripe_data, **naming(type_of(row).name, row.stripe_id)}, row.stripe_account)


def read_row(model: type[MirroredObject], data: dict[str, Any], account: str) -> MirroredObject:
    """Read the object that `data` names, with its parents; its row. UnusableObject if it is of another type."""
    mirrored, path = readable(model, data)
    if is_in_transaction():
        raise InTransaction(
            "This calls Stripe's API, which would hold the transaction and its locks for as long as Stripe takes. "
            "Call it before the transaction, or from transaction.on_commit()."
        )
    is_here = model.all_objects.filter(pk=row_key(mirrored, data, account)).exists()
    read = current_object if is_here else retrieved
    return write_reading(mirrored, read_object(mirrored, path, data, account, read))


def read_object(
    mirrored: MirroredType,
    path: str,
    data: dict[str, Any],
    account: str,
    read: Callable[..., api.Fetched] = current_object,
) -> Reading:
    """What Stripe says of the object at a path that `data` names; UnusableObject if it is of another type.

    By default an object that Stripe does not have is a stub; with `retrieved` as `read` that is ObjectNotFound.
    """
    fetched = stub(read(data, path, account=mirrored.asked_account(account), api_version=""))
    # By what it was read below, which the object does not name.
    known = {name: data[name] for name in mirrored.object_type.unnamed & data.keys()}
    fetched = replace(fetched, data={**known, **fetched.data})
    answered = mirrored_type(fetched.data)
    if answered is None or answered.object_type != mirrored.object_type:
        raise UnusableObject(f"Stripe answered with {named(fetched.data)}, which is no {mirrored.object_type.name}.")
    return reading_of_answer(fetched, mirrored.account_of(data, account))


def readable(model: type[MirroredObject], data: dict[str, Any]) -> tuple[MirroredType, str]:
    """How the object of a model that `data` names is mirrored, and its path; UnusableObject when it has none."""
    mirrored = mirrored_type(data)
    if mirrored is None:
        raise UnusableObject(f"{named(data)} of {model.__name__} cannot be read by itself. {reason(data)}")
    if mirrored.model is not model:
        place = mirrored.model.__name__
        raise UnusableObject(
            f"Objects of the type {mirrored.object_type.name} are not in {model.__name__}: they belong in {place}."
        )
    path = mirrored.path(data)
    if not path:
        raise UnusableObject(
            f"{named(data)} of {model.__name__} cannot be read by itself. An object below another one needs its id "
            '(customer="cus_1" for a card), and some types have no page of their own in the API.'
        )
    return mirrored, path


def reason(data: dict[str, Any]) -> str:
    """Why an object has no row of its own, in a sentence."""
    name, stripe_id = text(data.get("object")), name_of(data)
    if not stripe_id:
        return "It needs an id."
    if mirrored_as(name, stripe_id) is None and has_place_in_general_table(name, stripe_id):
        return (
            "Its type has no table of its own, and PINAX_STRIPE_MIRROR_OTHER_OBJECTS is False: set it to True to have "
            "such objects in the mirror."
        )
    return (
        "It needs a type that is mirrored; parts, such as the items of a subscription, come with the object that they "
        "belong to."
    )


def stub(fetched: api.Fetched) -> api.Fetched:
    """What is left of an object that Stripe does not have: nothing but that it is deleted."""
    if not is_stub(fetched.data):
        return fetched
    named_by = type_of_object(fetched.data).named_by or "id"
    data: dict[str, Any] = {name: fetched.data.get(name) for name in (named_by, "object", "deleted")}
    return api.Fetched(data=data, earliest=fetched.earliest, latest=fetched.latest)


def write_reading(mirrored: MirroredType, reading: Reading) -> MirroredObject:
    """Write what was read unless its row is newer; the row."""
    if is_in_transaction():
        write_inside(mirrored, reading)
    else:
        write_outside(reading)
    return mirrored.model.all_objects.get(pk=row_key(mirrored, reading.data, reading.account))


def write_outside(reading: Reading, lists: dict[str, FetchedLists] | None = None) -> Changes:
    """Write what was read, and read what it takes to order it and to complete it; the change of each row.

    `lists` are those that complete it, if they were read already.
    """
    if lists is None:
        lists = complete_lists(reading.data, reading.account, reading.api_version)
    fetched = FetchedAlready(lists=lists)
    for _attempt in range(MOST_READS):
        try:
            with transaction.atomic(using=database()):
                return sync_object(reading.data, reading.context, fetched)
        except NeedsFetch as need:
            fetched.resolutions[need.key] = resolve_need(need)
    raise TemporaryStripeError(f"{named(reading.data)} changed with every attempt to order it.", code="api_error")


def write_inside(mirrored: MirroredType, reading: Reading) -> None:
    """Write what was read as far as that needs no call; the rest follows once the transaction is committed."""
    needs_call = bool(lists_to_read(mirrored, reading.data, reading.account))
    try:
        with transaction.atomic(using=database()):
            sync_object(reading.data, reading.context)
    except NeedsFetch:
        needs_call = True
    if needs_call:
        read = partial(read_again, mirrored.path(reading.data), reading)
        run_after_commit(read, f"read_again of {named(reading.data)}", using=database())


def read_again(path: str, reading: Reading) -> None:
    """Read an object as it is now, and write it."""
    fetched = current_object(reading.data, path, account=reading.account, api_version=reading.api_version)
    write_outside(reading_of_answer(stub(fetched), reading.account, reading.api_version))


def is_in_transaction() -> bool:
    """Whether a transaction is open; not the one that Django's TestCase has around a test."""
    if not transaction.get_connection(database()).in_atomic_block:
        return False
    try:
        with transaction.atomic(using=database(), durable=True):
            return False
    except RuntimeError:
        return True


def reading_of(obj: Any, account: str | None) -> Reading:
    """What an object of the SDK, or its JSON, says, and when that was so."""
    try:
        data = api.plain(obj)
    except TypeError as error:
        raise UnusableObject(f"This is no object of Stripe's: {error}") from None
    if not isinstance(data, dict):
        raise UnusableObject(f"This is no object of Stripe's: {type(obj).__name__}.")
    check_mode(data)
    headers = response_headers(obj)
    earliest, latest = reading_seconds(headers)
    as_of, as_of_end = interval(data, earliest, latest)
    return Reading(
        data=data,
        as_of=as_of,
        as_of_end=as_of_end,
        account=account if account is not None else text(getattr(obj, "stripe_account", None)),
        api_version=headers.get("stripe-version", ""),
    )


def check_mode(data: dict[str, Any]) -> None:
    """UnusableObject for an object of the other mode than the key's; nothing when one of the modes is not known."""
    livemode, of_key = data.get("livemode"), key_livemode()
    if isinstance(livemode, bool) and of_key is not None and livemode is not of_key:
        raise UnusableObject(
            f"{named(data)} is of {MODE_NAMES[livemode]}, and PINAX_STRIPE_SECRET_KEY of {MODE_NAMES[of_key]}: "
            "a database has the objects of one mode only."
        )


def reading_of_answer(fetched: api.Fetched, account: str, api_version: str = "") -> Reading:
    as_of, as_of_end = interval(fetched.data, fetched.earliest, fetched.latest)
    return Reading(data=fetched.data, as_of=as_of, as_of_end=as_of_end, account=account, api_version=api_version)


def response_headers(obj: Any) -> dict[str, str]:
    """The headers of the answer that an object came in, by their names in lower case; {} when they are not known.

    Objects in lists and in other objects have none, and none have those that an idempotent request was answered with
    again: such an answer has the date of today, and the object of the first time.
    """
    headers = getattr(getattr(obj, "last_response", None), "headers", None)
    found = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}
    return {} if "idempotent-replayed" in found else found


def reading_seconds(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Between which seconds of Stripe's clock an answer with such headers was read; (None, None) when unknown."""
    now = time.time()
    date = api.answer_date(headers.get("date"))
    if date is None or date > now + api.CLOCK_TOLERANCE:
        return None, None
    return int(date) - LONGEST_CALL, int(date) + 1


def interval(
    data: dict[str, Any], earliest: int | None, latest: int | None
) -> tuple[datetime.datetime, datetime.datetime]:
    """When an object was true that was read between two seconds: not before it was made, in any case.

    Nothing is known of the time of what has a test clock: its events are of the time that the clock shows.
    """
    created = timestamp(data.get("created")) or BEGINNING
    if earliest is None or latest is None or data.get("test_clock"):
        return created, UNKNOWN_END
    as_of = max(timestamp(earliest) or created, created)
    return as_of, max(timestamp(latest) or UNKNOWN_END, as_of)


def named(data: dict[str, Any]) -> str:
    """An object's type and id, for messages."""
    return f"{text(data.get('object')) or 'an object without a type'} {name_of(data)}".strip()
