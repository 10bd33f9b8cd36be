"""Removes personal data from the mirror and from events; ids, amounts, statuses and the ledger stay.

What belongs to a customer is found by the ids that its objects name, in the mirror and in the messages. Each row is
redacted in a transaction of its own. Redacting again changes nothing, so a run that was broken off is repeated. Rows
are read by key and by size, so memory does not grow with the tables, and no cursor is left open on the server, where a
connection pool in between would lose it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.db import transaction
from django.db.models import Max, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from ..catalogue.objects import OBJECT_TYPES, TYPES_OF_CUSTOMERS, object_type
from ..models.customers import Customer, UserLink
from ..models.events import Event, EventProcessingException, EventStep, KeptAnswer, database
from ..models.fields import references_of
from ..models.mirror import MirroredObject, mirror_key
from ..models.other_objects import OtherObject
from ..stripe_values import mapping, text
from ..sync.registry import READERS, type_of, types_mirrored_by
from .personal_data import KEPT_DETAILS, OWN, scrub

#: Keys that are read at once ...
KEY_BATCH = 500
#: ... and bytes of what they are the keys of, unless a single row has more.
MAX_BYTES = 8 * 1024 * 1024
#: Whole rows that are read at once.
ROW_BATCH = 50
PERSONAL_ID_PREFIXES = sorted({prefix for name in TYPES_OF_CUSTOMERS for prefix in OBJECT_TYPES[name].id_prefixes})
#: Ids of what belongs to customers; a digit or a capital tells them from words such as `card_present`.
PERSONAL_ID = re.compile(rf"(?:{'|'.join(PERSONAL_ID_PREFIXES)})(?=\w*[0-9A-Z])[A-Za-z0-9]+")
#: Anything in a body that may be an id.
ID_CANDIDATE = re.compile(r"\w+")
#: How JSON and Python write a character that they do not write as it is.
ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\\/\"'])|[bfnrt])")
#: So many escapes are undone that stand one within the other: JSON in JSON in a form.
MAX_ESCAPES = 4
EMAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
REDACTED = "(redacted)"
#: Words that a path of a difference may consist of.
NAMED_PATH = re.compile(r"[a-z_][a-z0-9_]*(?:\.(?:[a-z_][a-z0-9_]*|\d+))*")


@dataclass(kw_only=True)
class Subject:
    """Whose data is removed: one customer's, or everything of a connected account if no customer is named."""

    customer: str = ""
    account: str = ""
    #: Whether metadata is removed as well.
    own: bool = False
    #: E-mail addresses, in lower case, by which refused POSTs are found, too.
    emails: set[str] = field(default_factory=set)
    #: Ids of the customer and of what belongs to it, as far as they are known.
    ids: set[str] = field(default_factory=set)
    #: Keys of the rows of the general table that name one of them: of the ids of such objects not all are unique.
    others: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids.add(self.customer or self.account)

    @property
    def key(self) -> str:
        """Primary key of the customer's row."""
        return mirror_key(self.customer, self.account)

    def scrub(self, value: Any) -> Any:
        return scrub(value, own=self.own)

    def note(self, data: Any) -> None:
        """Note what an object of the customer's names: ids of what belongs to the customer, too, and addresses."""
        for name, value in texts(data):
            # A customer that is an account may be named by the account alone.
            if PERSONAL_ID.fullmatch(value) or (value and name == "customer_account"):
                self.ids.add(value)
            elif "email" in name and EMAIL_ADDRESS.fullmatch(value):
                self.emails.add(value.lower())

    def owns(self, message: Any) -> bool:
        """Whether a message names the customer or something of theirs, wherever in it."""
        return any(value in self.ids for _name, value in texts(message))

    def is_in(self, text: str) -> bool:
        """Whether a text has one of the ids in it, or one of the addresses, escaped or not."""
        return any(self.is_plainly_in(reading) for reading in readings(text))

    def is_plainly_in(self, text: str) -> bool:
        if not self.ids.isdisjoint(ID_CANDIDATE.findall(text)):
            return True
        # Ids that people made up may be of more than letters and digits.
        return any(name in text for name in self.ids if not ID_CANDIDATE.fullmatch(name)) or self.has_address(text)

    def has_address(self, text: str) -> bool:
        lowered = text.lower() if self.emails else ""
        return any(address in lowered for address in self.emails)


def readings(text: str) -> Iterator[str]:
    """A text, and what it is once the escapes of JSON, Python, forms and HTML are undone, one within the other."""
    yield text
    for _level in range(MAX_ESCAPES):
        plain = unescaped(text)
        if plain == text:
            return
        text = plain
        yield text


def unescaped(text: str) -> str:
    if "\\" in text:
        text = ESCAPED.sub(character, text)
    if "%" in text:
        text = unquote(text)
    return unescape(text) if "&" in text else text


def character(escape: re.Match[str]) -> str:
    """What an escape stands for: a character, of the others only that there is no letter."""
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else escape[3] or " "


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts in an object with the attributes that they stand under.

    What projects write themselves and what is sold are left out: they may name other customers.
    """
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for entry in value:
            yield from texts(entry, name)
    elif isinstance(value, dict) and not object_type(text(value.get("object"))).is_for_sale:
        for key, entry in value.items():
            if key not in OWN:
                yield from texts(entry, key)


@dataclass(frozen=True, kw_only=True)
class RowOutcome:
    """The outcome for one row."""

    #: The table, or "event" and so on: what is counted together.
    what: str
    #: Primary key of the row.
    key: int | str
    #: "redacted", "emptied" (a refused POST), "left" (undecided, so it may be genuine), "clean" (nothing to do).
    outcome: str


def mirrored_models() -> list[type[MirroredObject]]:
    return [model for model in apps.get_app_config("pinax_stripe").get_models() if issubclass(model, MirroredObject)]


def own_tables() -> list[type[MirroredObject]]:
    """The tables of one type of object each."""
    return [model for model in mirrored_models() if model is not OtherObject]


def iterate_keys(rows: QuerySet[Any]) -> Iterator[Any]:
    """The primary keys of rows, in their order, read part by part."""
    found = rows.order_by("pk").values_list("pk", flat=True)
    part = list(found[:KEY_BATCH])
    while part:
        yield from part
        part = list(found.filter(pk__gt=part[-1])[:KEY_BATCH])


def find_ids(subject: Subject, *, quick: bool = False) -> None:
    """Note all ids, and addresses, of what belongs to the customer: what names one names the customer.

    `quick` leaves out what no index finds.
    """
    known: set[str] = set()
    while fresh := subject.ids - known:
        known |= fresh
        for part in parts_of(fresh, ROW_BATCH):
            for model in own_tables():
                for row in chain(belonging(model, part, subject), rows_naming_accounts(model, part, subject)):
                    if type_of(row).name in TYPES_OF_CUSTOMERS or isinstance(row, Customer):
                        subject.ids.add(row.stripe_id)
                        subject.note(row.stripe_data)
            for event in whole_events(about(part, subject)):
                note_event(event, subject)
        if subject.ids <= known:  # It reads a whole table, so it comes when the indexes find nothing more.
            find_others(subject, quick=quick)


def find_others(subject: Subject, *, quick: bool) -> None:
    """Note the rows of the general table that name the customer or something of theirs, wherever in the object.

    So types newer than this release are found. What a row of another customer names is theirs, and so may be what is
    named by an object that belongs to no customer, such as an alert for several of them.
    """
    rows = OtherObject.all_objects.filter(stripe_account=subject.account)
    rows = rows.filter(customer=subject.key) if quick else rows
    for row in whole_rows(rows.only("customer", "object_type", "stripe_data")):
        is_theirs = row.customer_id == subject.key
        if is_theirs or subject.owns(row.stripe_data):
            subject.others.add(row.pk)
            if is_theirs or (row.customer_id is None and row.object_type in TYPES_OF_CUSTOMERS):
                subject.note(row.stripe_data)


def note_event(event: Event, subject: Subject) -> None:
    """Note what a genuine event of the customer's is about, and what it names; one of another customer names theirs."""
    if event.customer_id not in (None, subject.key):
        return
    if PERSONAL_ID.fullmatch(event.object_id):
        subject.ids.add(event.object_id)
    subject.note(event.validated_message)


def whole_events(events: QuerySet[Event]) -> Iterator[Event]:
    for key in iterate_keys(events):
        event = Event.objects.filter(pk=key).first()
        if event is not None:
            yield event


def about(ids: list[str], subject: Subject) -> QuerySet[Event]:
    """Genuine events that the indexes find for ids."""
    wanted = Q(object_id__in=ids)
    if subject.customer in ids:
        wanted |= Q(customer=subject.key)
    return Event.objects.genuine().filter(wanted, stripe_account=subject.account)


def belonging(model: type[MirroredObject], ids: list[str], subject: Subject) -> Iterator[MirroredObject]:
    """Rows of one model with one of the ids, or that name one of them as what they belong to."""
    rows = model.all_objects.filter(of_account(model, subject), naming(model, ids, subject.account))
    yield from whole_rows(rows.only("stripe_id", "stripe_data"))


def whole_rows(rows: QuerySet[Any]) -> Iterator[Any]:
    """Rows in the order of their keys, a few at once."""
    last = ""
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:ROW_BATCH]):
        yield from found
        last = found[-1].pk


def naming(model: type[MirroredObject], ids: list[str], account: str) -> Q:
    """What selects the rows of one model with one of the ids, or that name one of them as what they belong to.

    Columns that are references have an index. What has no column is looked for in the object, without one.
    """
    keys = [mirror_key(name, account) for name in ids]
    wanted = Q(stripe_id__in=ids)
    for column in references_of(model):
        wanted |= Q(**{f"{column.attname}__in": keys})
    for path in paths_without_column(model):
        place = f"stripe_data__{path.replace('.', '__')}"
        wanted |= Q(**{f"{place}__in": ids}) | Q(**{f"{place}__id__in": ids})
    return wanted


def paths_without_column(model: type[MirroredObject]) -> set[str]:
    """Where objects of a table of their own name what they belong to and no column does."""
    (row,) = types_mirrored_by(model)
    return {*row.customer, *row.owners} - {path for column in references_of(model) for path in column.paths} - {"id"}


def rows_naming_accounts(model: type[MirroredObject], ids: list[str], subject: Subject) -> Iterator[MirroredObject]:
    """Rows of one model that name a customer by the account that it is, for which there is no index."""
    said = Cast("stripe_data", TextField())
    rows = model.all_objects.filter(stripe_account=subject.account).annotate(said=said)
    for account in ids:
        if not account.startswith("acct_"):
            continue
        for key in iterate_keys(rows.filter(said__contains=account)):
            row = model.all_objects.filter(pk=key).first()
            if row is not None and ("customer_account", account) in texts(row.stripe_data):
                yield row


def parts_of(values: set[str], size: int = KEY_BATCH) -> Iterator[list[str]]:
    """A set in parts that fit into a query."""
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def mirrored_keys(subject: Subject) -> Iterator[tuple[type[MirroredObject], str]]:
    """The mirrored rows to redact, by model and primary key; the customer's own, by which all is found, comes last."""
    for model in sorted(mirrored_models(), key=lambda model: model is Customer):
        queries = [model.all_objects.filter(wanted) for wanted in conditions_of(model, subject)]
        # A row may name several of the ids.
        yield from ((model, key) for key in dict.fromkeys(chain.from_iterable(map(iterate_keys, queries))))


def of_account(model: type[MirroredObject], subject: Subject) -> Q:
    """What selects the rows of one model that are of the subject's account; accounts are the platform's, too."""
    is_account = any(row.account_named_in for row in types_mirrored_by(model) if row.model)
    return Q() if is_account and subject.customer else Q(stripe_account=subject.account)


def conditions_of(model: type[MirroredObject], subject: Subject) -> Iterator[Q]:
    """What selects the subject's rows of a table."""
    account = of_account(model, subject)
    if not subject.customer:
        # The account itself may be an object of the platform's.
        yield account | Q(stripe_account="", stripe_id=subject.account)
    elif model is OtherObject:
        yield from (Q(pk__in=part) for part in parts_of(subject.others))
    else:
        yield from (account & naming(model, part, subject.account) for part in parts_of(subject.ids, ROW_BATCH))


def redact_mirror(subject: Subject, *, dry_run: bool = False) -> Iterator[RowOutcome]:
    """Redact the mirrored rows, one after the other, what waits for a user, and the log of rows that are gone."""
    for model, key in mirrored_keys(subject):
        yield redact_row(model, key, subject, dry_run=dry_run)
    if not dry_run:
        ours = Q(customer=subject.key)
        if not subject.customer:
            ours = Q(customer__pk__startswith=subject.key) | Q(account=subject.account)
        UserLink.objects.filter(ours).exclude(user_key="").update(user_key="")
    for model in mirrored_models():
        for logged in logged_rows(subject):
            redact_log(model, logged, dry_run=dry_run)


def logged_rows(subject: Subject) -> Iterator[Q]:
    """What selects, of the log of a mirrored table, the subject's rows, there or not any more."""
    if not subject.customer:
        yield Q(object_id__startswith=subject.key)
        return
    for part in parts_of(subject.ids):
        yield Q(object_id__in=[mirror_key(name, subject.account) for name in part])


def redact_row(model: type[MirroredObject], key: str, subject: Subject, *, dry_run: bool) -> RowOutcome:
    """Scrub a mirrored object, and read its columns from what is left of it."""
    name = str(model._meta.verbose_name)
    with transaction.atomic(using=database()):
        row = model.all_objects.select_for_update().filter(pk=key).first()
        values = scrubbed_columns(row, subject) if row is not None else {}
        is_logged = redact_log(model, Q(object_id=key), dry_run=dry_run)
        if not values:
            return RowOutcome(what=name, key=key, outcome="redacted" if is_logged else "clean")
        if not dry_run:
            assert row is not None
            # `as_of` stays: the row is still what Stripe had then, and an older snapshot must not overwrite it.
            model.all_objects.filter(pk=key).update(**values, version=row.version + 1, synced_at=timezone.now())
    return RowOutcome(what=name, key=key, outcome="redacted")


def scrubbed_columns(row: MirroredObject, subject: Subject) -> dict[str, Any]:
    """The columns of a row that change."""
    data, read = subject.scrub(row.stripe_data), READERS[type(row)]
    before, after = read(row.stripe_data), read(data)
    kept = {column.attname for column in references_of(type(row))}
    values = {
        **{name: value for name, value in after.items() if name not in kept},
        # A reference stays, unless what stood there was no id.
        **{name: None for name in kept if before.get(name) and not after.get(name)},
        "metadata": mapping(data.get("metadata")),
        "stripe_data": data,
    }
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def redact_log(model: type[Any], wanted: Q, *, dry_run: bool) -> bool:
    """Take what Django's admin logged of rows, their texts and changes, from its log; whether there was any."""
    if not apps.is_installed("django.contrib.admin"):
        return False
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
    entries = LogEntry.objects.filter(wanted, content_type=kind)
    entries = entries.exclude(object_repr=REDACTED, change_message="")
    if dry_run:
        return entries.exists()
    return entries.update(object_repr=REDACTED, change_message="") > 0


def events_by_index(subject: Subject) -> Iterator[int]:
    """Keys of events that the indexes find: those of the customer, and those about what belongs to it."""
    if not subject.customer:
        for query in (
            Q(stripe_account=subject.account),
            ~Q(stripe_account=subject.account) & Q(object_id=subject.account),
        ):
            yield from iterate_keys(Event.objects.filter(query))
        return
    seen: set[int] = set()
    for query in [Q(customer=subject.key), *(Q(object_id__in=part) for part in parts_of(subject.ids))]:
        for key in iterate_keys(Event.objects.filter(query)):
            if key not in seen:
                seen.add(key)
                yield key


def events_by_text(subject: Subject, *, start: int = 0) -> Iterator[tuple[int, list[int]]]:
    """Go through all events from a key on: how far it got, and the keys of those that name an id of ours in any text.

    Finds what no index does: a refused POST may name a customer anywhere, and new types of objects in new places.
    """
    last = start - 1
    while sizes := list(Event.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "body_size")[:KEY_BATCH]):
        for part in portions(sizes):
            last = part[-1]
            yield last, [key for key, said in texts_of(part) if subject.is_in(said)]


def portions(sizes: list[tuple[int, int]]) -> Iterator[list[int]]:
    """Keys in portions whose rows have MAX_BYTES together, or are one."""
    part: list[int] = []
    room = MAX_BYTES
    for key, size in sizes:
        # A row from before migration 0015 has its body three times: as it came, and as messages.
        if part and 3 * size > room:
            yield part
            part, room = [], MAX_BYTES
        part.append(key)
        room -= 3 * size
    yield part


def texts_of(keys: list[int]) -> Iterator[tuple[int, str]]:
    """All texts of some events, unparsed; what is the same in two places is returned once."""
    as_text = partial(Cast, output_field=TextField())
    columns = ("body", "posted", "stripes", "explanation", "object_id", "stripe_id", "customer_id")
    rows = Event.objects.filter(pk__in=keys).order_by("pk")
    rows = rows.annotate(posted=as_text("webhook_message"), stripes=as_text("validated_message"))
    for key, body, *others in rows.values_list("pk", *columns):
        yield key, "\n".join([bytes(body).decode("utf-8", "replace"), *(other for other in others if other)])


def last_event() -> int:
    """The highest key of an event; 0 without any."""
    return Event.objects.aggregate(Max("pk"))["pk__max"] or 0


def redact_event(key: int, subject: Subject, *, dry_run: bool = False) -> RowOutcome | None:
    """Redact one event if it is about the subject; None if it is not."""
    with transaction.atomic(using=database()):
        event = locked(key)
        if event is None or not concerns(event, subject):
            return None
        if event.valid is None and event.reason != "other_mode":
            # Redacted, it could not be held against Stripe's copy any more, and a genuine event would be lost.
            return RowOutcome(what="event", key=key, outcome="left")
        is_refused = is_claim(event)
        if event.valid:
            note_event(event, subject)
        if not dry_run:
            KeptAnswer.objects.filter(event=key).delete()
        values = emptied_event() if is_refused else redacted_event(event, subject)
        texts = redact_texts(event, dry_run=dry_run)
        if all(getattr(event, name) == value for name, value in values.items()) and not texts:
            return RowOutcome(what="event", key=key, outcome="clean")
        if not dry_run:
            Event.objects.filter(pk=key).update(**values, redacted_at=timezone.now())
    return RowOutcome(what="event", key=key, outcome="emptied" if is_refused else "redacted")


def locked(key: int) -> Event | None:
    event = Event.objects.select_for_update().filter(pk=key).first()
    if event is not None:
        event.body = bytes(event.body)
    return event


def is_claim(event: Event) -> bool:
    """Whether a POST was refused, and nothing says that its words are Stripe's."""
    return event.valid is False or (event.valid is None and event.reason == "other_mode" and event.signed is None)


def concerns(event: Event, subject: Subject) -> bool:
    """Whether an event is about the subject; of a refused POST it is enough that it names it."""
    if is_claim(event):
        return True
    if not subject.customer:
        return event.stripe_account == subject.account or event.object_id == subject.account
    if event.stripe_account != subject.account:
        return False
    if event.customer_id == subject.key or event.object_id in subject.ids:
        return True
    return subject.owns(event.validated_message) or subject.owns(event.webhook_message)


#: Columns with the sender of a POST, its exact bytes, and the explanation.
DELIVERY: dict[str, Any] = {"body": b"", "headers": {}, "remote_address": "", "explanation": "", "detail": None}
#: Columns of a refused POST that have what its sender wrote.
CLAIMED = ("stripe_id", "kind", "stripe_account", "api_version", "object_type", "object_id")


def redacted_event(event: Event, subject: Subject) -> dict[str, Any]:
    return {
        **DELIVERY,
        "webhook_message": subject.scrub(event.webhook_message),
        "validated_message": subject.scrub(event.validated_message),
        "difference": [{"path": redacted_path(mapping(entry).get("path"))} for entry in event.difference],
    }


def redacted_path(path: Any) -> str:
    """Where a difference is, without the keys that people make up."""
    known, metadata, _keys = text(path).partition("metadata")
    return known + metadata if NAMED_PATH.fullmatch(known + metadata) or known.endswith(".") else ""


def emptied_event() -> dict[str, Any]:
    """A refused POST has no further use: of it stays only that it came, and why it was refused."""
    return {
        **DELIVERY,
        **dict.fromkeys(CLAIMED, ""),
        "customer_id": None,
        "webhook_message": None,
        "validated_message": None,
        "difference": [],
    }


def redact_texts(event: Event, *, dry_run: bool) -> bool:
    """Take what others said about an event from its rows in other tables; whether there was any."""
    found = False
    for exception in event.exceptions.all():
        found = redact_exception(exception, dry_run=dry_run) or found
    for step in EventStep.objects.filter(event=event).exclude(data={}):
        found = redact_step(step, dry_run=dry_run) or found
    return redact_log(Event, Q(object_id=str(event.pk)), dry_run=dry_run) or found


def redact_step(step: EventStep, *, dry_run: bool) -> bool:
    """Take addresses and what was said from an entry of the timeline; whether there was any."""
    kept = {name: value for name, value in step.data.items() if name in KEPT_DETAILS}
    if kept == step.data:
        return False
    if not dry_run:
        EventStep.objects.filter(pk=step.pk).update(data=kept)
    return True


def redact_exception(exception: EventProcessingException, *, dry_run: bool) -> bool:
    """Keep the kind of an error; its text and its traceback may quote the event. Whether there was any."""
    is_logged = redact_log(EventProcessingException, Q(object_id=str(exception.pk)), dry_run=dry_run)
    if exception.traceback == REDACTED:
        return is_logged
    if not dry_run:
        kind, colon, _said = exception.message.partition(":")
        exception.message = f"{kind}: {REDACTED}" if colon and kind.isidentifier() else REDACTED
        exception.traceback = REDACTED
        exception.save(update_fields=["message", "traceback"])
    return True


def redact_kept(kept: KeptAnswer, *, dry_run: bool) -> bool:
    """Drop an answer of Stripe's; the next attempt asks again."""
    if not dry_run:
        kept.delete()
    return True


@dataclass(frozen=True, kw_only=True)
class LogTexts:
    """A table with what receivers, databases and Stripe said while events were processed."""

    model: type[Model]
    #: Columns that quote what was said.
    columns: tuple[str, ...]
    #: Takes the words from a row; whether there were any.
    redact: Callable[..., bool]


LOG_TEXTS = (
    LogTexts(model=EventProcessingException, columns=("message", "traceback"), redact=redact_exception),
    LogTexts(model=EventStep, columns=("data",), redact=redact_step),
    LogTexts(model=KeptAnswer, columns=("request", "answer"), redact=redact_kept),
)


def redact_log_texts(subject: Subject, *, done: Collection[int] = (), dry_run: bool = False) -> Iterator[RowOutcome]:
    """Redact the rows about events that name the subject although their event does not.

    A receiver of a product's event may have failed on a customer. `done` has the keys of events that went with all
    their rows. Every row is read, in portions as those of events.
    """
    for words in LOG_TEXTS:
        for key in log_texts_by_text(words, subject, done):
            if redact_log_text(words, key, dry_run=dry_run):
                yield RowOutcome(what=str(words.model._meta.verbose_name), key=key, outcome="redacted")


def redact_log_text(words: LogTexts, key: int, *, dry_run: bool) -> bool:
    """Take the words from one row, if it is still there; whether there were any."""
    with transaction.atomic(using=database()):
        row = words.model._default_manager.select_for_update().filter(pk=key).first()
        return row is not None and words.redact(row, dry_run=dry_run)


def log_texts_by_text(words: LogTexts, subject: Subject, done: Collection[int]) -> Iterator[int]:
    """Keys of the rows of a table that have one of the subject's ids or addresses in their words."""
    said = [Cast(name, TextField()) for name in words.columns]
    lengths = [Length(text) for text in said]
    rows = words.model._default_manager.order_by("pk")
    if subject.customer:
        # As with events: under the same id another account has another customer. A refused POST's account is a claim.
        ours = Q(event=None) | Q(event__stripe_account=subject.account) | Q(event__valid=False)
        rows = rows.filter(ours)
    last = 0
    while sizes := list(rows.filter(pk__gt=last).values_list("pk", *lengths)[:KEY_BATCH]):
        for part in portions([(key, sum(size)) for key, *size in sizes]):
            last = part[-1]
            for key, event, *texts in rows.filter(pk__in=part).values_list("pk", "event_id", *said):
                if event not in done and subject.is_in("\n".join(texts)):
                    yield key
