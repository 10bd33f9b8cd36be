"""One object of a type, whose life a test lets happen at a FakeStripe, and the row that comes of it.

Whatever differs between types comes from the table of object types and the catalogue of event types.
"""

from typing import Any

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import EXTERNAL_ACCOUNT, ROWS_BY_NAME
from pinax.stripe.models import MirroredObject
from pinax.stripe.testing import FakeStripe, build_object, post_event
from pinax.stripe.testing.builders.ids import new_id, storage_key
from pinax.stripe.testing.fake_stripe.paths import LIST_ADDRESSES
from pinax.stripe.testing.fake_stripe.reads import PLATFORM

from .oracle import check_values, column_values, common_values, put
from .tables import columns_of, model_of

Data = dict[str, Any]


class Specimen:
    """An object of a type, on the platform or on a connected account."""

    def __init__(self, name: str, stripe: FakeStripe, client: Any, *, account: str = "", **fields: Any) -> None:
        self.type, self.stripe, self.client, self.account = ROWS_BY_NAME[name], stripe, client, account
        owned = self.owned()
        #: Its id, or what stands for it.
        self.id = self.standing_in(fields) or fields.pop("id", "") or self.standing_in(owned) or new_id(name)
        named = dict(self.type.naming(self.id))
        self.fields: Data = {"created": stripe.now, **self.unmoving(), **owned, **named, **fields}
        #: The object as it was last.
        self.data: Data = {}

    def owned(self) -> Data:
        """What the object is read below and names, if it does: an owner that Stripe has."""
        named = set(self.type.parents) - self.type.unnamed
        if self.type.account_named_in in named:
            return {self.type.account_named_in: self.account or PLATFORM}
        if not named:
            return {}
        owner = self.stripe.create(LIST_ADDRESSES[self.type.path].owner.name, account=self.account, silent=True)
        return dict.fromkeys(named, owner["id"])

    def standing_in(self, fields: Data) -> str:
        """What stands for the id of an object without one; "" for one that has an id."""
        return "test" if self.type.named_by == "livemode" else fields.get(self.type.named_by, "")

    def unmoving(self) -> Data:
        """No object that this one's events would move: that has tests of its own."""
        moves = [move for row in ROWS_BY_NAME.values() for move in row.moved_by if move.by == self.type.name]
        fields: Data = {}
        for move in moves:
            if move.reference and move.reference != "id":
                put(fields, move.reference.split("."), None)
        return fields

    @property
    def account_of_row(self) -> str:
        """The account that the row belongs to: the one that the object names, for accounts and what is below them."""
        named_in = self.type.account_named_in
        named = (self.data or self.fields).get(named_in) or ""
        return named if named.startswith("acct_") else self.account

    @property
    def key(self) -> str:
        """Primary key of the row."""
        name = self.id if self.type.model else f"{self.type.name}:{self.id}"
        account = self.account_of_row
        return f"{account}/{name}" if account and account != self.id else name

    @property
    def storage_key(self) -> str:
        """What the FakeStripe calls it."""
        return storage_key({**self.fields, "object": self.type.name})

    @property
    def is_readable(self) -> bool:
        """Whether Stripe can be asked for the object by what it says of itself."""
        return bool(self.type.path) and self.type.is_read and self.type.unnamed.isdisjoint(self.type.parents)

    @property
    def row(self) -> MirroredObject:
        return model_of(self.type.name).all_objects.get(pk=self.key)

    @property
    def change(self) -> int:
        """The number of the change that the row shows."""
        return int(self.row.stripe_data["metadata"]["change"])

    def build(self, change: int, **fields: Any) -> Data:
        """The object after a change."""
        lacking = self.type.lacks - {"metadata"}
        marked = {**self.fields, "metadata": {"change": str(change)}, **fields, **self.type.naming(self.id)}
        data = build_object(self.type.name, **marked)
        return {name: value for name, value in data.items() if name not in lacking}

    def with_parts(self, *entries: Data) -> Data:
        """What the object says of its parts, and of itself where they are read because no event shows them."""
        part = self.type.part
        assert part is not None
        read = {"status": min(part.read_with)} if part.read_with else {}
        return {part.attribute: [*entries], **read, **({part.newest: entries[-1]["id"]} if part.newest else {})}

    def emit(self, change: int, event_type: str = "", *, wait: int = 2, **fields: Any) -> Data:
        """The object changes `wait` seconds later; the event that tells of it."""
        self.stripe.advance(wait)
        self.data = self.build(change, **fields)
        return self.stripe.emit(event_type or telling_types(self.type.name)[0], self.data, account=self.account)

    def delete(self, event_type: str, *, wait: int = 2) -> Data:
        """The object is deleted `wait` seconds later; the event that tells of it."""
        self.stripe.advance(wait)
        self.stripe.delete(self.storage_key, account=self.account, silent=True)
        return self.stripe.emit(event_type, self.data, account=self.account, keep=False)

    def deliver(self, *events: Data) -> None:
        for event in events:
            assert post_event(self.client, event).status_code == 200

    def reads(self) -> int:
        """How many requests there were since the last time, but for events and for parts that are read with each."""
        count = self.stripe.calls() - self.stripe.calls("/v1/events") - self.reads_of_parts() - self.reads_of_moved()
        self.stripe.reset_requests()
        return count

    def reads_of_parts(self) -> int:
        """How many requests there were for parts that are read with each event."""
        part = self.type.part
        return self.stripe.calls(f"/v1/{part.path.format(id=self.id)}") if part and part.is_read_always else 0

    def reads_of_moved(self) -> int:
        """How many requests there were for what moves with this object, and is read by what this one is read below."""
        moved = {
            f"/v1/{row.path.format(**self.fields)}"
            for row in ROWS_BY_NAME.values()
            for move in row.moved_by
            if move.by == self.type.name and move.reference in self.type.parents
        }
        return sum(request.path in moved for request in self.stripe.requests)

    def check(self) -> None:
        """The row is what the oracle makes of the object as it was last."""
        # What no event shows is in no row.
        named = {name: value for name, value in self.data.items() if name not in self.type.unnamed}
        whole = self.stripe.rendered(named, account=self.account, whole=True)
        data = {name: value for name, value in named.items() if name not in self.type.unsent}
        shown = self.stripe.rendered(data, account=self.account)
        check_values(self.row, common_values(shown, self.account_of_row, livemode=False))
        check_values(self.row, column_values(columns_of(self.type.name), whole, self.account_of_row))


def types_about(name: str) -> list[str]:
    """The types of events that carry such an object, where it is one of those that its table is for."""
    row = ROWS_BY_NAME[name]
    # What an account is paid to goes by the names of two others.
    prefixes = row.events if row is EXTERNAL_ACCOUNT else ()
    carrying = [
        event.name
        for event in EVENT_TYPES.values()
        if name in event.object_types or event.name.rpartition(".")[0] in prefixes
    ]
    return [found for found in carrying if found not in row.previewed_by]


def deleting_types(name: str) -> list[str]:
    """The types of events that say that such an object is gone."""
    row = ROWS_BY_NAME[name]
    return [found for found in types_about(name) if found.endswith(".deleted") and found not in row.not_deleted_by]


def telling_types(name: str) -> list[str]:
    """The types of events that carry such an object as it is now; first the one of its changes, if there is one.

    Of a type without any, one that is newer than this release.
    """
    types = set(types_about(name)) - set(deleting_types(name))
    found = sorted(types, key=lambda each: (not each.endswith(".updated"), each))
    return found or [f"{name}.updated"]
