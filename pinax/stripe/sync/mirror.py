"""The one writer of mirrored rows: newer news is applied, older dropped, and what cannot be ordered is fetched.

Every write happens in the caller's transaction, on a locked row, without any call to the network. When a row and the
news about it are of the same second and differ, `NeedsFetch` is raised; the pipeline rolls back, fetches the object
and comes again with it. See docs/explanation/mirror.md.
"""

import datetime
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytz
from django.db import connections, models, router
from django.db.models import Q, sql
from django.db.models.constants import OnConflict
from django.utils import timezone

from .. import api
from ..catalogue.objects import SECRETS
from ..exceptions import NeedsFetch, ObjectNotFound, UnusableAnswer
from ..models.mirror import MirroredObject, SoftForeignKey, mirror_key
from .registry import MIRRORED, Children, Mirrored
from .values import flag, identifier, is_stub, items, mapping, reference, storable, text, timestamp

logger = logging.getLogger(__name__)

#: `as_of_end` of a fetched row when Stripe's clock could not be read: whatever comes next is fetched again.
UNKNOWN = datetime.datetime(9000, 1, 1, tzinfo=pytz.utc)
#: Attributes that are secrets whatever has them, types newer than this release included.
SECRETS_OF_ALL = frozenset({"client_secret"})


#: What a snapshot did to a row; "kept" means that the row knew better, or the same.
Change = Literal["created", "updated", "deleted", "kept"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Lists of an object, whole, from the API because its own were cut short."""

    #: By their name in the object.
    lists: dict[str, list[dict[str, Any]]]
    #: Epoch seconds on Stripe's clock: read at or before this; None when unknown.
    latest: int | None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """An object fetched to settle a tie, for the version of the row it was fetched for."""

    version: int
    #: The stub of a deleted object (`"deleted": true`) when Stripe does not have it any more.
    fetched: api.Fetched
    children: Parts | None = None


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where and when a snapshot was true, and what was fetched to go with it."""

    as_of: datetime.datetime
    #: A fetched object was read somewhere from `as_of` to this.
    as_of_end: datetime.datetime | None = None
    account: str = ""
    livemode: bool | None = None
    #: The API version that the snapshot was rendered in, and that what goes with it is fetched in; "" when unknown.
    api_version: str = ""
    #: What is in lists of objects, by the key of the object, where the embedded list was cut short.
    children: dict[str, Parts] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    #: What became of the rows, for the event's timeline: `[model, key, change]`, in the order of writing.
    changes: list[list[str]] = field(default_factory=list)

    def note(self, model: type[MirroredObject], key: str, change: Change) -> None:
        self.changes.append([model._meta.model_name or "", key, change])


@dataclass(frozen=True, kw_only=True)
class News:
    """One object at one time: what is held against the row."""

    data: dict[str, Any]
    as_of: datetime.datetime
    as_of_end: datetime.datetime
    deleted: bool = False
    #: Lists that the object shows only some of, whole, by their name.
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def sync_object(data: dict[str, Any], origin: Origin, *, deleted: bool = False) -> bool:
    """Bring the row of an object, and those of what it embeds, up to this snapshot; whether the object was mirrored.

    Objects of types we do not mirror, and those without an id (an upcoming invoice), are left alone.
    """
    mirrored = mirrored_type(data)
    if mirrored is None:
        return False
    write(mirrored, data, origin, deleted=deleted or is_stub(data))
    parts = origin.children.get(key_of(data, origin.account))
    end = with_parts(parts, origin.as_of_end or origin.as_of)
    for kind, entries in embedded_objects(mirrored, completed(data, lists_in(parts))).items():
        write_embedded(MIRRORED[kind], entries, origin, end)
    return True


def lists_in(parts: Parts | None) -> dict[str, list[dict[str, Any]]]:
    return {} if parts is None else parts.lists


def completed(data: dict[str, Any], lists: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """An object with whole lists in the place of those that were cut short."""
    return {**data, **{name: {**mapping(data.get(name)), "data": lists[name], "has_more": False} for name in lists}}


def mirrored_type(data: dict[str, Any]) -> Mirrored | None:
    """How to mirror an object; None when it is not mirrored or has no id to be found by."""
    mirrored = MIRRORED.get(data["object"]) if isinstance(data.get("object"), str) else None
    if mirrored is None or reference(data) is None:
        return None
    # Cards and bank accounts of connected accounts (payout destinations) are not what customers pay with.
    if mirrored.of_customers and not data.get("customer") and data.get("account"):
        return None
    return mirrored


def embedded_objects(mirrored: Mirrored, data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Mirrored objects in the lists that old API versions embed, by their type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in mirrored.embedded:
        for entry in items(data.get(name)) or []:
            if mirrored_type(entry) is not None:
                found.setdefault(entry["object"], []).append(entry)
    return found


def key_of(data: dict[str, Any], account: str) -> str:
    return mirror_key(identifier(data), account)


def write(mirrored: Mirrored, data: dict[str, Any], origin: Origin, *, deleted: bool = False) -> None:
    """Apply one object's news to its row, unless the row knows better."""
    key = key_of(data, origin.account)
    parts = origin.children.get(key)
    end = with_parts(parts, origin.as_of_end or origin.as_of)
    news = News(data=data, as_of=origin.as_of, as_of_end=end, deleted=deleted, lists=lists_in(parts))
    row = locked(mirrored.model, key)
    if row is None:
        if inserted(mirrored.model(id=key, version=1, **columns(mirrored, news, origin))):
            origin.note(mirrored.model, key, "deleted" if deleted else "created")
            write_children(mirrored, key, news, origin, is_new=True)
            return
        row = locked(mirrored.model, key)  # Another worker was first.
        assert row is not None
    resolution = origin.resolutions.get(key)
    if resolution is not None and resolution.version == row.version:
        news = resolved(news, resolution)
    elif not supersedes(mirrored, row, news, key, origin):
        origin.note(mirrored.model, key, "kept")
        if mirrored.after is not None:
            mirrored.after(key, data, origin.account)
        return
    news = with_known_end(row, news)
    update(mirrored, row, news, origin)
    origin.note(mirrored.model, key, "deleted" if news.deleted else "updated")
    write_children(mirrored, key, news, origin)


def with_known_end(row: MirroredObject, news: News) -> News:
    """News of an end keeps what a tombstone knew of it: until when nothing came back."""
    if not (row.is_deleted and news.deleted):
        return news
    return replace(news, as_of_end=max(news.as_of_end, row.as_of_end))


def locked(model: type[MirroredObject], key: str) -> MirroredObject | None:
    return model.all_objects.select_for_update().filter(pk=key).first()


def write_embedded(mirrored: Mirrored, entries: list[dict[str, Any]], origin: Origin, end: datetime.datetime) -> None:
    """Apply the snapshots of objects inside another to rows that are missing or plainly older; a few queries for all.

    They lose ties, against rows and against workers that write the same rows: what they may show that is new has an
    event of its own. They are true from the origin's `as_of` to `end`.
    """
    model = mirrored.model
    # Nobody completes what is cut short in there, and half an object would keep the whole one out.
    whole = [data for data in entries if not is_cut(mirrored, data)]
    news = {
        key_of(data, origin.account): News(data=data, as_of=origin.as_of, as_of_end=end, deleted=is_stub(data))
        for data in whole
    }
    rows = lock(model, news)
    written = {}
    for key in sorted(news):
        row = rows.get(key)
        if row is None:
            written[key] = model(id=key, version=1, **columns(mirrored, news[key], origin))
        elif is_older(mirrored, row, news[key]):
            written[key] = changed(mirrored, row, with_known_end(row, news[key]), origin)
        origin.note(model, key, change_of(row, news[key]) if key in written else "kept")
    new = [written[key] for key in written if key not in rows]
    upsert(model, [written[key] for key in written if key in rows])
    if mirrored.children is None:
        model.all_objects.bulk_create(new, ignore_conflicts=True)
        return
    lost = {row.pk for row in new if not inserted(row)}
    sync_children(mirrored.children, {key: news[key] for key in written if key not in lost}, origin)


def lock(model: type[MirroredObject], keys: Iterable[str]) -> dict[str, MirroredObject]:
    """The rows of these keys, locked in one order for all."""
    return {row.pk: row for row in model.all_objects.select_for_update().filter(pk__in=list(keys)).order_by("pk")}


def changed(mirrored: Mirrored, row: MirroredObject, news: News, origin: Origin) -> MirroredObject:
    """A row as it is after news."""
    if not says_only_that_it_is_gone(news):
        return mirrored.model(id=row.pk, version=row.version + 1, **columns(mirrored, news, origin))
    for name, value in {**tombstone(row, news), "version": row.version + 1}.items():
        setattr(row, name, value)
    return row


def change_of(row: MirroredObject | None, news: News) -> Change:
    """What news that is written does to a row, which may not be there yet."""
    if news.deleted:
        return "deleted"
    return "created" if row is None else "updated"


def is_older(mirrored: Mirrored, row: MirroredObject, news: News) -> bool:
    """Whether a row is older than news beyond doubt."""
    return (by_time if mirrored.chosen_ids else by_life)(mirrored, row, news) is True


def supersedes(mirrored: Mirrored, row: MirroredObject, news: News, key: str, origin: Origin) -> bool:
    """Whether the news is newer than the row; NeedsFetch when only Stripe can tell."""
    known = (by_time if mirrored.chosen_ids else by_life)(mirrored, row, news)
    if known is not None:
        return known
    raise NeedsFetch(
        key=key,
        version=row.version,
        stripe_id=identifier(news.data),
        path=mirrored.path(news.data),
        account=origin.account,
        api_version=origin.api_version,
    )


def by_time(mirrored: Mirrored, row: MirroredObject, news: News) -> bool | None:
    """Whether news is newer than the row by the times of both; None when they do not tell."""
    if news.as_of > row.as_of_end:
        return True
    if news.as_of < row.as_of or (is_same(row, news) and not is_cut(mirrored, news.data)):
        return False
    return None


def by_life(mirrored: Mirrored, row: MirroredObject, news: News) -> bool | None:
    """The same for objects whose ids Stripe makes up: an id hardly ever comes back, so one life ends once.

    When Stripe copies customers to another account, they keep their ids, and some keep the time they were made.
    """
    if row.is_deleted:
        return after_an_end(row, news)
    if news.deleted:
        return at_an_end(row, news)
    return by_time(mirrored, row, news)


def after_an_end(row: MirroredObject, news: News) -> bool | None:
    """Whether news is newer than a tombstone."""
    if news.as_of <= row.as_of:
        return False  # Also of the second of the deletion: what was made and deleted within one is deleted.
    if news.deleted:
        return True
    return True if was_made_after(news.data, row.as_of_end) else None


def at_an_end(row: MirroredObject, news: News) -> bool | None:
    """Whether a deletion is newer than what the row shows: the end of this life, or of the one before."""
    if was_made_after(row.stripe_data, news.as_of):
        return False
    if news.as_of > row.as_of_end or news.as_of == row.as_of == row.as_of_end:
        return True
    return None


def was_made_after(data: dict[str, Any], moment: datetime.datetime) -> bool:
    """Whether an object was certainly made after a moment of Stripe's clock; a test clock shows a time of its own."""
    created = timestamp(data.get("created"))
    return created is not None and created > moment and not data.get("test_clock")


def is_cut(mirrored: Mirrored, data: dict[str, Any]) -> bool:
    """Whether the object shows only some of its parts: then the same snapshot may belong to different objects."""
    return mirrored.children is not None and bool(mapping(data.get(mirrored.children.name)).get("has_more"))


def is_same(row: MirroredObject, news: News) -> bool:
    """Whether row and news say the same of the object."""
    return row.is_deleted == news.deleted and row.stripe_data == kept(news.data)


def resolved(news: News, resolution: Resolution) -> News:
    """News made of what was fetched."""
    fetched = resolution.fetched
    as_of, as_of_end = reading_times(fetched, news.as_of)
    end = with_parts(resolution.children, as_of_end)
    lists = lists_in(resolution.children)
    return News(data=fetched.data, as_of=as_of, as_of_end=end, deleted=is_stub(fetched.data), lists=lists)


def reading_times(fetched: api.Fetched, as_of: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """From when to when a fetch may have been made because of news; it shows at least what those showed."""
    if fetched.data.get("test_clock"):
        return as_of, UNKNOWN  # The time of its news is that of the test clock, and has nothing to do with ours.
    earliest = max(timestamp(fetched.earliest) or as_of, as_of)
    return earliest, max(timestamp(fetched.latest) or UNKNOWN, earliest)


def with_parts(parts: Parts | None, end: datetime.datetime) -> datetime.datetime:
    """Until when news is true whose parts, if they had to be fetched, were read later than the object itself."""
    return end if parts is None else max(timestamp(parts.latest) or UNKNOWN, end)


def kept(data: dict[str, Any]) -> dict[str, Any]:
    """The object as `stripe_data` keeps it: storable on every database, without secrets."""
    return storable(without_secrets(data, SECRETS_OF_ALL))


def without_secrets(value: Any, secrets: frozenset[str]) -> Any:
    """A value without the named attributes, at any depth, nor those that the table names of the objects in it.

    They let their reader act at Stripe, pay, or see documents: an event has them as evidence, a mirror needs none.
    What projects name in `metadata` is their own, but for what is a secret whatever has it.
    """
    if isinstance(value, list):
        return [without_secrets(entry, secrets) for entry in value]
    if not isinstance(value, dict):
        return value
    secrets |= SECRETS.get(text(value.get("object")), frozenset())
    return {
        name: without_secrets(entry, SECRETS_OF_ALL if name == "metadata" else secrets)
        for name, entry in value.items()
        if name not in secrets
    }


def inserted(row: MirroredObject) -> bool:
    """Add a row unless there is one of its key; whether it was added.

    The database says which of two workers was first: times can be equal, and clocks can be coarse.
    """
    model = type(row)
    query = sql.InsertQuery(model, on_conflict=OnConflict.IGNORE)
    query.insert_values(model._meta.concrete_fields, [row])
    connection = connections[router.db_for_write(model)]
    (statement,) = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.rowcount == 1


def update(mirrored: Mirrored, row: MirroredObject, news: News, origin: Origin) -> None:
    """Overwrite the locked row."""
    values = tombstone(row, news) if says_only_that_it_is_gone(news) else columns(mirrored, news, origin)
    mirrored.model.all_objects.filter(pk=row.pk).update(**values, version=row.version + 1, synced_at=timezone.now())
    logger.debug("mirrored object=%s as_of=%s", row.pk, news.as_of.isoformat())


def says_only_that_it_is_gone(news: News) -> bool:
    """Whether there is nothing but the fact that the object is gone: the last known columns stay."""
    return news.deleted and set(news.data) <= {"id", "object", "deleted"}


def tombstone(row: MirroredObject, news: News) -> dict[str, Any]:
    """The columns that say so; what is found gone again was deleted when it was."""
    return {"as_of": news.as_of, "as_of_end": news.as_of_end, "deleted_at": row.deleted_at or news.as_of}


def columns(mirrored: Mirrored, news: News, origin: Origin) -> dict[str, Any]:
    """All columns of the row but its key and its version."""
    return {
        **read(mirrored.model, mirrored.fields, news.data, origin, news.lists),
        "as_of": news.as_of,
        "as_of_end": news.as_of_end,
        "deleted_at": news.as_of if news.deleted else None,
    }


def read(
    model: type[models.Model],
    fields: Any,
    data: dict[str, Any],
    origin: Origin,
    lists: dict[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """What the object itself says, with its lists whole, references turned into keys of rows."""
    data = kept(data)
    livemode = flag(data.get("livemode"))
    values = {
        **fields(completed(data, storable(lists or {}))),
        "stripe_id": identifier(data),
        "stripe_account": origin.account,
        # Refunds, cards and a few others do not tell; they are of their event's mode.
        "livemode": origin.livemode if livemode is None else livemode,
        # Invoices had `date` instead until 2019-03-14.
        "created_at": timestamp(data.get("created") or data.get("date")),
        "metadata": mapping(data.get("metadata")),
        "stripe_data": data,
    }
    for column in model._meta.concrete_fields:
        if isinstance(column, SoftForeignKey) and values.get(column.attname):
            values[column.attname] = mirror_key(values[column.attname], origin.account)
    return values


def write_children(
    mirrored: Mirrored,
    key: str,
    news: News,
    origin: Origin,
    *,
    is_new: bool = False,
) -> None:
    """What follows from a row that was written: its parts, and what else its type asks for."""
    if mirrored.after is not None:
        mirrored.after(key, news.data, origin.account)
    children = mirrored.children
    if children is None:
        return
    if news.deleted:
        left = children.model.all_objects.filter(**{children.parent: key}, deleted_at__isnull=True)
        left.update(deleted_at=news.as_of)
        return
    sync_children(children, {key: news}, origin, is_new=is_new)


def sync_children(children: Children, parents: dict[str, News], origin: Origin, *, is_new: bool = False) -> None:
    """Make the rows of the parents' parts those of their lists; absent is not empty, and leaves them alone.

    A new parent has none to lose.
    """
    rows: dict[str, MirroredObject] = {}
    whole = []
    gone = Q()
    for key, news in parents.items():
        shown = mapping(completed(news.data, news.lists).get(children.name))
        entries = items(shown)
        if entries is None:
            continue
        rows.update(child_rows(children, key, entries, news, origin))
        stubs = [children.key(entry, key, origin.account) for entry in entries if is_stub(entry)]
        gone |= Q(pk__in=stubs) if stubs else Q()
        if not shown.get("has_more"):
            whole.append(key)
    upsert(children.model, list(rows.values()))
    if whole and not is_new:
        gone |= Q(**{f"{children.parent}__in": whole}) & ~Q(pk__in=list(rows))
    if gone:
        left = children.model.all_objects.filter(gone, deleted_at__isnull=True)
        left.update(deleted_at=max(news.as_of for news in parents.values()))


def upsert(model: type[MirroredObject], rows: list[Any]) -> None:
    """Write whole rows that are locked, or that belong to a row that is."""
    if rows:
        names = [column.name for column in model._meta.concrete_fields if not column.primary_key]
        model.all_objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=names)


def child_rows(
    children: Children, parent_key: str, entries: list[dict[str, Any]], news: News, origin: Origin
) -> dict[str, MirroredObject]:
    """Rows for an object's parts, by key."""
    rows: dict[str, MirroredObject] = {}
    for position, entry in enumerate(entries):
        if reference(entry) is None or is_stub(entry):
            continue
        key = children.key(entry, parent_key, origin.account)
        while key in rows:
            key += "+"  # Old invoices bill one subscription in several lines, all under the subscription's id.
        values = read(children.model, children.fields, entry, origin)
        values[children.parent] = parent_key
        if children.positioned:
            values["position"] = position
        times = {"as_of": news.as_of, "as_of_end": news.as_of_end, "synced_at": timezone.now()}
        rows[key] = children.model(id=key, **values, **times)
    return rows


def complete_children(data: dict[str, Any], account: str, api_version: str | None = None) -> dict[str, Parts]:
    """The lists of an object that were cut short, whole, from the API; {} when nothing is missing.

    They come in the version that the object was rendered in (see `api.get`), for they take the place of its own.
    Calls the network, so it must run outside any transaction.
    """
    mirrored = mirrored_type(data)
    lists: dict[str, list[dict[str, Any]]] = {}
    latest: list[int | None] = []
    for name, where in ({} if mirrored is None else mirrored.lists).items():
        if not mapping(data.get(name)).get("has_more"):
            continue
        path, params = where(data)
        try:
            pages = list(api.pages(path, params, account=account, api_version=api_version))
        except ObjectNotFound:
            continue
        lists[name] = [entry for page in pages for entry in page.data.get("data") or []]
        latest.append(pages[-1].latest)
    if not lists:
        return {}
    read_until = None if None in latest else max(moment for moment in latest if moment is not None)
    return {key_of(data, account): Parts(lists=lists, latest=read_until)}


def resolve(need: NeedsFetch) -> Resolution:
    """Fetch the object that settles a tie. Calls the network, so it must run outside any transaction."""
    fetched = current({"id": need.stripe_id}, need.path, account=need.account, api_version=need.api_version)
    children = complete_children(fetched.data, need.account, need.api_version).get(need.key)
    return Resolution(version=need.version, fetched=fetched, children=children)


def retrieve_related(related: dict[str, Any], *, account: str, api_version: str) -> api.Fetched | None:
    """The current object that an event names, by `id` and `type`; None when it is not one that is mirrored.

    Calls the network. The address is made of type and id: the one in the event is not ours to follow.
    """
    data = {"id": related.get("id"), "object": related.get("type")}
    mirrored = mirrored_type(data)
    if mirrored is None or mirrored.of_customers:
        return None
    return current(data, mirrored.path(data), account=account, api_version=api_version)


def current(data: dict[str, Any], path: str, *, account: str, api_version: str) -> api.Fetched:
    """The object at a path, as it is now; the stub of a deleted one, made of `data`, when Stripe does not have it.

    UnusableAnswer when the answer is about another object than the one `data` names.
    """
    try:
        fetched = api.retrieve(path, account=account, api_version=api_version)
    except ObjectNotFound as error:
        return api.Fetched(data={**data, "deleted": True}, earliest=error.earliest, latest=error.latest)
    if fetched.data.get("id") != data["id"] or not isinstance(fetched.data.get("object"), str):
        raise UnusableAnswer("Stripe answered with another object.", code="api_error")
    return fetched


def as_fetched(origin: Origin, fetched: api.Fetched) -> Origin:
    """An origin for what was fetched because of an event."""
    as_of, as_of_end = reading_times(fetched, origin.as_of)
    return replace(origin, as_of=as_of, as_of_end=as_of_end)
