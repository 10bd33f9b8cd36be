"""Events: every POST, how it was validated, and how it was processed."""

import datetime
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connections, models, router, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..catalogue.objects import name_of, object_type, type_of_object
from ..catalogue.related import named_object
from ..conf import setting
from ..signals import LONGEST_IDENTITY
from ..statements import Insertion, compile_insertion, compiled
from .documents import BodyField, PostedMessageField, ValidatedMessageField
from .mirror import ID_LENGTH, KEY_LENGTH, MirroredObject, SoftForeignKey, mirror_key
from .other_objects import OtherObject, other_key

#: A delay of PINAX_STRIPE_RETRY_DELAYS is longer by up to this share, by chance.
DELAYS_VARY = 0.1
#: The clocks of several machines agree within this time, if nothing is wrong with them.
CLOCKS_DIFFER = datetime.timedelta(minutes=1)


class State(models.TextChoices):
    """The state of an event."""

    DONE = "done", _("done")
    WAITING = "waiting", _("waiting")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused")


class EventSource(models.TextChoices):
    """How an event arrived."""

    WEBHOOK = "webhook", _("posted to the webhook")
    CATCH_UP = "catch_up", _("found by a catch-up")


#: Refused POSTs that Stripe did not make, or that nothing says it made.
REFUSED_UNVERIFIED = Q(valid=False) | Q(valid__isnull=True, reason="other_mode", signed__isnull=True)


#: The id of a genuine event, null of all others: no two rows have the same.
GENUINE_ID = Case(When(valid=True, then=F("stripe_id")))
#: With the id it tells what was claimed, null of what was refused: no two rows have the same.
CLAIM = Case(When(valid=False, then=None), default=F("fingerprint"))


class EventQuerySet(models.QuerySet["Event"]):
    def genuine(self) -> "EventQuerySet":
        """Events that Stripe confirmed."""
        return self.filter(valid=True)

    def undecided(self) -> "EventQuerySet":
        """Events about which Stripe could not be asked yet."""
        return self.filter(valid__isnull=True)

    def refused(self) -> "EventQuerySet":
        """POSTs that are not events from Stripe."""
        return self.filter(valid=False)

    def undone(self) -> "EventQuerySet":
        """Everything that still has to be processed, given up or not."""
        return self.filter(state__in=(State.WAITING, State.FAILED))

    def failed(self) -> "EventQuerySet":
        """Genuine events whose handler or receivers raised, so far."""
        return self.filter(state=State.FAILED)

    def due(self) -> "EventQuerySet":
        """Undone events that it is time to try again; those that were given up are only tried on request."""
        now = timezone.now()
        # A time that was planned by a clock that was ahead is not waited for.
        too_late = Q(postponed_at__isnull=True, next_attempt_at__gt=latest_attempt())
        planned_in_the_future = Q(postponed_at__gt=now + CLOCKS_DIFFER)
        has_come = Q(next_attempt_at__lte=now) | too_late | planned_in_the_future
        return self.undone().filter(has_come, gave_up_at__isnull=True)


def latest_attempt() -> datetime.datetime:
    """When the next attempt for an event is made at the latest, unless a receiver asked for another time."""
    longest = datetime.timedelta(seconds=max(setting("RETRY_DELAYS")) * (1 + DELAYS_VARY))
    return timezone.now() + longest + CLOCKS_DIFFER


class Event(models.Model):
    """One Stripe event, or a POST that claimed to be one.

    `valid` is True when Stripe confirmed it, False when it did not, None while that is not known. Only valid events are
    processed, and what is processed is `message`, Stripe's own copy.
    """

    # The unique index of claims begins with it.
    stripe_id = models.CharField(_("Stripe id"), max_length=ID_LENGTH, blank=True, default="")
    kind = models.CharField(_("type"), max_length=ID_LENGTH, blank=True, default="")
    livemode = models.BooleanField(_("live mode"), null=True)
    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    api_version = models.CharField(_("API version"), max_length=ID_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), null=True, help_text=_("Stripe's clock."))
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    object_type = models.CharField(_("object type"), max_length=ID_LENGTH, blank=True, default="")
    object_id = models.CharField(_("object id"), max_length=ID_LENGTH, blank=True, default="")
    # Its index is the one below, with the order.
    customer = SoftForeignKey(
        "pinax_stripe.Customer", related_name="events", db_index=False, verbose_name=_("customer")
    )

    #: The message in the body. The column has the body's exact text.
    webhook_message: Any = PostedMessageField(_("posted message"), null=True, help_text=_("What was POSTed to us."))
    #: The column of a genuine event is empty where Stripe's copy is the same as the posted message.
    validated_message: Any = ValidatedMessageField(_("validated message"), null=True, help_text=_("Stripe's own copy."))
    #: sha256 of the posted message without what changes between deliveries; tells two claims on one id apart.
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    difference = models.JSONField(_("difference"), default=list, blank=True)

    valid = models.BooleanField(_("valid"), null=True)
    #: Why `valid` is False or None: a code of `catalogue.reasons`; "" otherwise.
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="")
    #: What is said beside the reason, in English, as it was when it was written: by us, Stripe or an exception.
    explanation = models.TextField(_("explanation"), blank=True, default="")
    #: The same as a code of `catalogue.details` and its values; None when the words are Stripe's or an exception's.
    detail = models.JSONField(null=True, editable=False)
    #: Codes of remarkable things about a valid event, `rendering_differs` for one.
    notes = models.JSONField(_("notes"), default=list, blank=True)
    #: True when a webhook secret verified the body; None when no secret is configured.
    signed = models.BooleanField(_("signature verified"), null=True)
    #: True while nothing confirms an event, neither Stripe nor a signature, and it names a connected account that no
    #: genuine event named when it was last looked at. Only such rows are limited in number while they are undecided.
    account_is_new = models.BooleanField(null=True, editable=False)
    #: When Stripe last answered the question about an unsigned POST with a refusal: 403, 404 or 400.
    denied_at = models.DateTimeField(null=True, editable=False)

    mirrored_at = models.DateTimeField(_("mirrored at"), null=True)
    processed = models.BooleanField(_("processed"), default=False)
    processed_at = models.DateTimeField(_("processed at"), null=True)
    deliveries = models.PositiveIntegerField(_("deliveries"), default=1)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    #: Attempts in which a handler or a receiver raised; an outage of Stripe's is none.
    failures = models.PositiveIntegerField(_("failures"), default=0)
    #: The sweeper leaves an undone event alone until then: a process works on it, or the last attempt was recent.
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    #: When a receiver last asked to be called later (`RetryLater`), if that is why the event waits.
    postponed_at = models.DateTimeField(_("postponed at"), null=True)
    #: When a receiver first asked for that; 30 days later the event is given up.
    postponed_since = models.DateTimeField(_("postponed since"), null=True)
    gave_up_at = models.DateTimeField(
        _("given up at"), null=True, help_text=_("After PINAX_STRIPE_RETRY_LIMIT failures.")
    )
    state = models.GeneratedField(
        expression=Case(
            # An event of the other mode may be genuine, but Stripe is not asked about it.
            When(Q(valid=False) | Q(valid__isnull=True, reason="other_mode"), then=Value(State.REFUSED.value)),
            When(processed=True, then=Value(State.DONE.value)),
            When(failures__gt=0, then=Value(State.FAILED.value)),
            default=Value(State.WAITING.value),
        ),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        verbose_name=_("state"),
    )
    source = models.CharField(_("source"), max_length=10, choices=EventSource, default=EventSource.WEBHOOK)

    #: The exact bytes, up to PINAX_STRIPE_MAX_BODY_BYTES; `body_size` tells whether they were cut.
    body = BodyField(_("body"), default=b"")
    body_size = models.PositiveBigIntegerField(_("size of the body"), default=0)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    remote_address = models.CharField(_("remote address"), max_length=64, blank=True, default="")
    #: When body and messages were removed; the row stays, so that a later delivery is recognised.
    pruned_at = models.DateTimeField(_("pruned at"), null=True)
    redacted_at = models.DateTimeField(_("redacted at"), null=True, help_text=_("When personal data was removed."))

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        # As Django's own, in English: it is stored when the tables are made.
        permissions = [("view_health", "Can view the health report")]
        # Expressions that are null where a rule does not apply: a unique column would do, but to add a stored one
        # writes the whole table anew.
        constraints = [
            models.UniqueConstraint(GENUINE_ID, name="pinax_stripe_event_genuine"),
            # Stops two deliveries of one body at the same moment from becoming two rows. Another body with the same
            # id gets a row of its own, so a forgery that came first cannot stand in for the real delivery.
            models.UniqueConstraint("stripe_id", CLAIM, name="pinax_stripe_event_claim"),
        ]
        # Each costs with every event that it has: with these, the two above and the primary key, seven have an event
        # that is done, of the platform, in live mode.
        indexes = [
            models.Index(fields=["kind", "-id"], name="pinax_stripe_event_kind"),
            models.Index(fields=["object_id"], name="pinax_stripe_event_object"),
            models.Index(fields=["customer", "-id"], name="pinax_stripe_event_customer"),
            # Counts by time and state, without a look at the rows.
            models.Index(fields=["recorded_at", "state"], name="pinax_stripe_event_recorded"),
            # Nearly all are done: those are found without an index.
            models.Index(
                fields=["state", "-id"], condition=~Q(state=State.DONE.value), name="pinax_stripe_event_not_done"
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(processed=False, gave_up_at__isnull=True, next_attempt_at__isnull=False),
                name="pinax_stripe_event_due",
            ),
            # What the admin's filters select is rare in a large table, where a plain scan would take minutes.
            models.Index(fields=["-id"], condition=Q(livemode=False), name="pinax_stripe_event_test"),
            models.Index(fields=["-id"], condition=Q(source="catch_up"), name="pinax_stripe_event_caught_up"),
            models.Index(
                fields=["stripe_account", "-id"], condition=~Q(stripe_account=""), name="pinax_stripe_event_account"
            ),
            # Whether an account is known is asked with every unsigned POST, however many others name it.
            models.Index(
                fields=["stripe_account", "-id"],
                condition=Q(valid=True) & ~Q(stripe_account=""),
                name="pinax_stripe_event_known",
            ),
            models.Index(fields=["denied_at"], condition=Q(denied_at__isnull=False), name="pinax_stripe_event_denied"),
            # What is limited, and how long it is: counted from the newest on, without a look at the rows.
            models.Index(
                fields=["-id", "body_size"], condition=Q(account_is_new=True), name="pinax_stripe_event_new_account"
            ),
            models.Index(
                fields=["-id", "body_size"], condition=REFUSED_UNVERIFIED, name="pinax_stripe_event_worthless"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.stripe_id}".strip() or f"POST {self.pk}"

    @cached_property
    def pending_steps(self) -> list["NewStep"]:
        """Steps for the timeline that are not stored yet; `save_steps` stores them."""
        return []

    def save_steps(self) -> None:
        """Store the steps that are in `pending_steps`, in one query."""
        if self.pending_steps:
            step_insertion().execute([step.values() for step in self.pending_steps])
        self.pending_steps.clear()

    @contextmanager
    def keeping_pending_steps(self) -> Iterator[None]:
        """For a transaction that stores the pending steps: when it is rolled back, they are still pending."""
        pending = [*self.pending_steps]
        try:
            yield
        except BaseException:
            self.pending_steps[:] = pending
            raise

    @property
    def message(self) -> dict[str, Any] | None:
        """Stripe's own copy of the event; None until it was validated."""
        return self.validated_message

    @property
    def object(self) -> dict[str, Any]:
        """`data.object` of the validated message: what the event is about, as of `created_at`; {} without one."""
        data = (self.validated_message or {}).get("data")
        value = data.get("object") if isinstance(data, dict) else None
        return value if isinstance(value, dict) else {}

    @property
    def named_object(self) -> dict[str, Any]:
        """What is known of the object that the event is about: all of it, or what a thin event names; {} for none."""
        return self.object or named_object(self.validated_message or {})

    @property
    def object_account(self) -> str:
        """Id of the connected account that the event's object belongs to; "" for the platform's own objects.

        The context of a thin event may be a path of accounts down to the one that is meant.
        """
        return self.stripe_account.rpartition("/")[2]

    @property
    def mirrored_object(self) -> MirroredObject | None:
        """The row of the object that the event is about, as it is now, deleted or not; None when there is none.

        One query each time. None of an event that Stripe did not confirm, too, whatever it names.
        """
        named = self.named_object
        row = type_of_object(named) if named else object_type(self.object_type)
        stripe_id = self.object_id or name_of(named)
        if not self.valid or not stripe_id:
            return None
        model: type[MirroredObject] = apps.get_model("pinax_stripe", row.model) if row.model else OtherObject
        own_key = stripe_id if row.model else other_key(row.name, stripe_id)
        account = row.account_of(named, self.object_account)
        return model.all_objects.filter(pk=mirror_key(own_key, account)).first()

    @property
    def is_cut(self) -> bool:
        """Whether the body was longer than what is kept of it."""
        return self.body_size > len(self.body)


def database() -> str:
    """Alias of the database with the events, where all transactions of the pipeline are; the mirror is there too."""
    return router.db_for_write(Event)


def single_statement() -> AbstractContextManager[Any]:
    """For one statement that may fail: a savepoint where a caller's transaction would be lost with it, else nothing."""
    using = database()
    return transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()


class EventProcessingException(models.Model):
    """An error of one attempt to process an event; committed even when the attempt was rolled back."""

    event = models.ForeignKey(
        Event, null=True, on_delete=models.CASCADE, related_name="exceptions", verbose_name=_("event")
    )
    #: Where it happened: "prepare", "mirror", "after commit", or the identity of a receiver.
    data = models.TextField(_("where"), blank=True)
    message = models.CharField(_("message"), max_length=500)
    traceback = models.TextField(_("traceback"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("event processing exception")
        verbose_name_plural = _("event processing exceptions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.message


class ReceiverCall(models.Model):
    """A receiver that is done with an event; it is not called again.

    Written in the savepoint in which the receiver ran: its own database writes and this row exist together or not.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="receiver_calls", verbose_name=_("event"))
    #: `<signal>:<dispatch_uid, or module and qualified name>`
    receiver = models.CharField(_("receiver"), max_length=LONGEST_IDENTITY)
    called_at = models.DateTimeField(_("called at"), auto_now_add=True)

    class Meta:
        verbose_name = _("receiver call")
        verbose_name_plural = _("receiver calls")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "receiver"], name="pinax_stripe_receiver_once")]

    def __str__(self) -> str:
        return self.receiver


class EventStep(models.Model):
    """Something that happened to an event, for its timeline. No code decides by these rows."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("delivered again")
        VALIDATION = "validation", _("validated")
        MIRROR = "mirror", _("mirrored")
        AGAIN = "again", _("asked to process again")
        GIVEN_UP = "given_up", _("given up")
        POSTPONED = "postponed", _("postponed")
        IGNORED = "ignored", _("ignored")
        SLOW = "slow", _("receiver is slow")
        DATABASE = "database", _("database had trouble")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="steps", verbose_name=_("event"))
    kind = models.CharField(_("what"), max_length=16, choices=Kind)
    #: Of a validation: the reason code, "" when Stripe confirmed the event.
    outcome = models.CharField(_("outcome"), max_length=64, blank=True, default="")
    #: Of a delivery `address`; of a mirroring `rows`, a list of `[model, key, change]`; of "again" `by` and `receiver`;
    #: of "postponed" and "ignored" `receiver` and `reason`, of "postponed" `seconds` too;
    #: of "slow" `receiver` and `seconds`; of "database" `where` and `said`.
    data = models.JSONField(_("details"), default=dict, blank=True)
    at = models.DateTimeField(pgettext_lazy("moment", "at"), default=timezone.now)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["id"]
        indexes = [
            # Few, and left out of how long processing takes.
            models.Index(fields=["event"], condition=Q(kind="again"), name="pinax_stripe_step_again"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}".strip()


@dataclass(kw_only=True)
class NewStep:
    """A step that is not stored yet. Each event has two or three; an instance of the model costs five times this."""

    event_id: int | None
    kind: EventStep.Kind
    outcome: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime.datetime = field(default_factory=timezone.now)

    def values(self) -> dict[str, Any]:
        """The values of the row, by the names of its attributes."""
        return self.__dict__

    def save(self) -> None:
        """Store the step by itself."""
        step_insertion().execute([self.values()])


def step_insertion() -> Insertion:
    """The INSERT of steps."""
    using = database()
    return compiled(using, (EventStep, "insert"), partial(compile_insertion, EventStep, using))


def rows_about(event_pks: Iterable[int]) -> list[models.QuerySet[Any]]:
    """The rows of other tables that belong to events, table by table: timelines, receivers' marks, tracebacks."""
    return [
        model._default_manager.filter(event__in=event_pks)
        for model in (EventStep, ReceiverCall, EventProcessingException)
    ]


class CatchUp(models.Model):
    """One run through Stripe's list of events for those that never arrived."""

    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    livemode = models.BooleanField(_("live mode"), null=True)
    #: Only events that no endpoint acknowledged.
    undelivered = models.BooleanField(_("undelivered only"), default=False)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    #: Everything from `since` to this moment of Stripe's clock is on record.
    cursor = models.DateTimeField(_("done until"))
    listed = models.PositiveIntegerField(_("listed"), default=0)
    missing = models.PositiveIntegerField(_("missing"), default=0)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("catch-up")
        verbose_name_plural = _("catch-ups")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} \N{EN DASH} {self.until:%Y-%m-%d %H:%M}"


class KeptAnswer(models.Model):
    """An answer of Stripe's that was read for an event before its time was up.

    The next attempt goes on from there: a list of 2,000 lines takes longer than Stripe waits for the answer to a POST.
    The rows go when the event is mirrored.
    """

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="kept_answers")
    #: What it was read for: "" for the event's own object, else the row, and its version, that a tie is settled for.
    purpose = models.CharField(_("read for"), max_length=KEY_LENGTH + 32, blank=True, default="")
    #: The path and its parameters, as JSON.
    request = models.TextField(_("request"))
    #: The whole answer, as JSON text: it may hold what no database has in a JSON column.
    answer = models.TextField(_("answer"))
    #: Between which epoch seconds of Stripe's clock it was read; None when unknown.
    earliest = models.BigIntegerField(_("read at, at the earliest"), null=True)
    latest = models.BigIntegerField(_("read at, at the latest"), null=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")

    def __str__(self) -> str:
        return self.request


class SweeperMark(models.Model):
    """When the sweeper last processed everything that was due; one row at most."""

    swept_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("sweeper's mark")
        verbose_name_plural = _("sweeper's marks")

    def __str__(self) -> str:
        return f"{self.swept_at:%Y-%m-%d %H:%M}"
