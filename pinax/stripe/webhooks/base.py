"""The base class of handlers."""

import logging
from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from ..api import Fetched
from ..catalogue.effects import is_ever_deleted
from ..catalogue.event_types import describe
from ..catalogue.objects import ObjectType, naming
from ..exceptions import AccessDenied, NeedsFetch
from ..models.events import Event
from ..stripe_values import is_stub, text
from ..sync.account_access import has_taken_access
from ..sync.fetching import as_fetched, complete_lists, has_lists_to_read, resolve_need, retrieve_related
from ..sync.registry import mirrored_type
from ..sync.snapshots import Changes, FetchedAlready, SyncContext
from ..sync.writing import sync_object
from .listed_objects import ListRead, lists_in_any_case, read_lists, status_conditions, write_list
from .moves import Mover, gone_objects, moved_objects, movers_of, rules_for, whole_objects
from .reading_conditions import ReadingCondition, is_any_met

logger = logging.getLogger(__name__)


class Webhook:
    """The base class of handlers: what an event of one type does to the mirror.

    `prepare` may call the network and runs outside any transaction; `process_webhook` runs in one and must not. Both
    may run several times for one event, and what `process_webhook` writes counts once.
    """

    #: The event type; several types may share a class, then it is that of each instance's event.
    name: ClassVar[str] = ""

    def __init__(self, event: Event) -> None:
        self.event = event
        assert event.created_at is not None
        #: When the event's object was true, and to whom it belongs.
        self.context = SyncContext(
            as_of=event.created_at.replace(microsecond=0),
            account=event.object_account,
            livemode=event.livemode,
            # Of Stripe's own copy: what was posted may have been rendered in the version of its endpoint.
            api_version=text((event.message or {}).get("api_version")),
        )
        #: What `prepare`, and the settling of ties, read from the API.
        self.fetched = FetchedAlready()
        #: The changes of rows, for the event's timeline.
        self.changes: Changes = []

    @property
    def description(self) -> str:
        """One sentence about the type."""
        return describe(self.event.kind)

    def needs_reading(self) -> bool:
        """Whether `prepare` has something to do whatever rows say: by default, if a class has one of its own."""
        return type(self).prepare is not Webhook.prepare

    def reading_conditions(self) -> list[ReadingCondition]:
        """Conditions about rows: if one is met, `prepare` has something to do even where `needs_reading` says no."""
        return []

    def prepare(self) -> None:
        """Fetch what the handler needs from the API."""

    def settle(self, need: NeedsFetch) -> None:
        """Read what settles a tie that `process_webhook` met. Calls the network."""
        self.fetched.resolutions[need.key] = resolve_need(need)

    def process_webhook(self) -> None:
        """Bring the mirror up to date."""


class MirrorWebhook(Webhook):
    """Mirrors the object that the event carries, and those that change with it without events of their own."""

    #: Whether the event says that the object is gone.
    deleted: ClassVar[bool] = False

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        #: Further objects as Stripe has them now.
        self.others: list[Fetched] = []
        #: Lists of objects that have no events.
        self.lists: list[ListRead] = []

    def data(self) -> dict:
        """The object to mirror."""
        return self.event.object

    def subject(self) -> dict:
        """The object that the event is about; a thin event only names it."""
        return self.data() or self.event.named_object

    def others_to_read(self) -> Iterator[tuple[ObjectType, str]]:
        """Type and id of the further objects; each costs one read. By default those that the event moves.

        The event's own object is one if it was moved since. What a thin event names may be one that is not read by
        itself: a discount's customer is.
        """
        event, data = self.event, self.subject()
        yield from moved_objects(event, data, rules_for(event, data))
        mirrored = mirrored_type(data)
        if mirrored is not None and is_any_met(self.movers()):
            yield mirrored.object_type, event.object_id

    def reading_conditions(self) -> list[ReadingCondition]:
        if self.event.redacted_at is not None:
            return []
        return [*self.movers(), *status_conditions(self.event, self.data())]

    def movers(self) -> list[Mover]:
        """What may have moved the event's object since: if one of them has, the object itself is read."""
        if self.deleted or self.event.redacted_at is not None:
            return []
        return movers_of(self.subject(), self.event.object_account, self.context.as_of)

    def needs_reading(self) -> bool:
        if type(self).prepare is not MirrorWebhook.prepare:
            return True
        return (not self.deleted and self.has_lists_to_read()) or self.moves_others()

    def moves_others(self) -> bool:
        """Whether there are further objects to read, or to write, whatever rows say of them."""
        if self.event.redacted_at is not None:
            return False
        event, data = self.event, self.subject()
        rules = rules_for(event, data)
        found = (moved_objects(event, data, rules), whole_objects(data, rules), gone_objects(event, data, rules))
        return bool(lists_in_any_case(event, self.data())) or any(True for _ in chain.from_iterable(found))

    def prepare(self) -> None:
        if self.is_out_of_reach():
            return
        if not self.deleted:  # Nothing is fetched for what is gone.
            self.complete(self.data())
        # A redacted event that is processed again must not bring back from Stripe what was removed here.
        if self.event.redacted_at is None:
            others = [self.read(row, stripe_id) for row, stripe_id in self.others_to_read()]
            self.others = [found for found in others if found is not None]
            self.lists = [*read_lists(self.event, self.data(), self.context)]

    def is_out_of_reach(self) -> bool:
        """Whether the event's account has taken the access away since: Stripe refuses whatever is asked about it."""
        return has_taken_access(self.context.account, self.context.as_of)

    def read(self, row: ObjectType, stripe_id: str) -> Fetched | None:
        """A further object, by type and id; None if Stripe does not have it, or the key may not read it.

        Of types that are deleted at Stripe, the stub of one that is not there counts, too. Calls the network.
        """
        context = self.context
        try:
            fetched = retrieve_related(
                naming(row.name, stripe_id), account=context.account, api_version=context.api_version
            )
        except AccessDenied as error:
            # Receivers of the event can do without the object, and a key may not be allowed to read it.
            logger.warning("unread type=%s id=%s event=%s error=%s", row.name, stripe_id, self.event.stripe_id, error)
            return None
        if fetched is None or (is_stub(fetched.data) and not is_ever_deleted(row)):
            return None
        self.complete(fetched.data)
        return fetched

    def is_read_itself(self) -> bool:
        """Whether the event's own object was read, as it was moved since: then what the event says of it is old."""
        named = (self.data().get("object"), self.data().get("id"))
        return any((other.data.get("object"), other.data.get("id")) == named for other in self.others)

    def has_lists_to_read(self) -> bool:
        """Whether the object does not show its lists whole."""
        return has_lists_to_read(self.data(), self.context.account)

    def complete(self, data: dict) -> None:
        """Read the lists that an object does not show whole. Calls the network."""
        self.fetched.lists.update(complete_lists(data, self.context.account, self.context.api_version))

    def process_webhook(self) -> None:
        rules = rules_for(self.event, self.data())
        for whole in whole_objects(self.data(), rules):
            self.changes += sync_object(whole, self.context, self.fetched)
        for gone in gone_objects(self.event, self.data(), rules):
            self.changes += sync_object(gone, self.context, self.fetched, deleted=True)
        if not self.is_read_itself():
            self.changes += sync_object(self.data(), self.context, self.fetched, deleted=self.deleted)
        for other in self.others:
            self.changes += sync_object(other.data, as_fetched(self.context, other), self.fetched)
        for read in self.lists:
            self.changes += write_list(read, self.data(), self.context, self.fetched)


class DeletedWebhook(MirrorWebhook):
    """Leaves a tombstone for the object that the event carries."""

    deleted = True


class UnknownWebhook(MirrorWebhook):
    """Types newer than this release: recorded, announced on `every_event`, and mirrored, whatever the object is.

    Whether an unknown type means a deletion cannot be known, so it is never taken for one. Thin events carry no object;
    the one they name is fetched (https://docs.stripe.com/event-destinations#thin-events).
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        #: The object that a thin event names, as it was read.
        self.related: dict | None = None

    def data(self) -> dict:
        return self.event.object if self.related is None else self.related

    def needs_reading(self) -> bool:
        return "related_object" in (self.event.message or {}) or self.has_lists_to_read() or self.moves_others()

    def prepare(self) -> None:
        named, context = self.event.named_object, self.context
        # What was redacted is not brought back.
        is_wanted = self.event.redacted_at is None and not self.is_out_of_reach()
        if is_wanted and not self.event.object:
            fetched = retrieve_related(named, account=context.account, api_version=context.api_version)
            if fetched is not None:
                self.related = fetched.data
                self.context = as_fetched(context, fetched)
        super().prepare()
