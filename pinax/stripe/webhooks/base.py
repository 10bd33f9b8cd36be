"""The base class of handlers."""

from typing import ClassVar

from ..event_types import describe
from ..models.events import Event
from ..sync.mirror import Origin, as_fetched, complete_children, retrieve_related, sync_object
from ..sync.values import text


class Webhook:
    """What happens to the mirror when an event of one type was validated.

    `prepare` may call the network and runs outside any transaction; `process_webhook` runs in one and must not. Both
    may run several times for one event, and what `process_webhook` writes counts once.
    """

    #: The event type; several types may share a class, then it is that of each instance's event.
    name: ClassVar[str] = ""

    def __init__(self, event: Event) -> None:
        self.event = event
        assert event.created_at is not None
        self.origin = Origin(
            as_of=event.created_at.replace(microsecond=0),
            # The context of a thin event may be a path of accounts down to the one that is meant.
            account=event.stripe_account.rpartition("/")[2],
            livemode=event.livemode,
            # Of Stripe's own copy: what was posted may have been rendered in the version of its endpoint.
            api_version=text((event.message or {}).get("api_version")),
        )

    @property
    def description(self) -> str:
        """One sentence about the type."""
        return describe(self.event.kind)

    def prepare(self) -> None:
        """Fetch what the handler needs from the API."""

    def process_webhook(self) -> None:
        """Bring the mirror up to date."""


class MirrorWebhook(Webhook):
    """Mirrors the object that the event carries."""

    #: Whether the event says that the object is gone.
    deleted: ClassVar[bool] = False

    def data(self) -> dict:
        """The object to mirror."""
        return self.event.object

    def prepare(self) -> None:
        origin = self.origin
        origin.children.update(complete_children(self.data(), origin.account, origin.api_version))

    def process_webhook(self) -> None:
        sync_object(self.data(), self.origin, deleted=self.deleted)


class DeletedWebhook(MirrorWebhook):
    """Leaves a tombstone for the object that the event carries."""

    deleted = True

    def prepare(self) -> None:
        """Nothing is fetched for what is gone."""


class UnknownWebhook(MirrorWebhook):
    """Types newer than this release: recorded, announced on `every_event`, and mirrored if the object is one we know.

    Whether an unknown type means a deletion cannot be known, so it is never taken for one. Thin events carry no object;
    the one they name is fetched (https://docs.stripe.com/event-destinations#thin-events).
    """

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.fetched: dict | None = None

    def data(self) -> dict:
        return self.event.object if self.fetched is None else self.fetched

    def prepare(self) -> None:
        related = (self.event.message or {}).get("related_object")
        if isinstance(related, dict):
            origin = self.origin
            fetched = retrieve_related(related, account=origin.account, api_version=origin.api_version)
            if fetched is not None:
                self.fetched = fetched.data
                self.origin = as_fetched(self.origin, fetched)
        super().prepare()
