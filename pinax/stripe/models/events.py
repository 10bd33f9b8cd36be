"""Events: every POST on record, what Stripe said of it, and what came of it."""

from typing import Any

import jsonfield
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .mirror import ID_LENGTH, SoftForeignKey


class EventQuerySet(models.QuerySet):
    def genuine(self) -> "EventQuerySet":
        """Events that Stripe vouched for."""
        return self.filter(valid=True)

    def undecided(self) -> "EventQuerySet":
        """Events about which Stripe could not be asked yet."""
        return self.filter(valid__isnull=True)

    def refused(self) -> "EventQuerySet":
        """POSTs that were no event of Stripe's."""
        return self.filter(valid=False)

    def undone(self) -> "EventQuerySet":
        """Everything that still has to be processed."""
        return self.filter(processed=False).exclude(valid=False)

    def failed(self) -> "EventQuerySet":
        """Genuine events whose handler or receivers raised, so far."""
        return self.filter(valid=True, processed=False, attempts__gt=0)


class Event(models.Model):
    """One event of Stripe's, or a POST that claimed to be one.

    `valid` is True when Stripe vouched for it, False when it did not, None while nobody could tell. Only valid events
    are processed, and what is processed is `message`, Stripe's own copy.
    """

    stripe_id = models.CharField(_("Stripe id"), max_length=ID_LENGTH, blank=True, default="", db_index=True)
    kind = models.CharField(_("type"), max_length=ID_LENGTH, blank=True, default="")
    livemode = models.BooleanField(_("live mode"), null=True)
    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    api_version = models.CharField(_("API version"), max_length=ID_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), null=True, help_text=_("Stripe's clock."))
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True, db_index=True)
    object_type = models.CharField(_("object type"), max_length=ID_LENGTH, blank=True, default="")
    object_id = models.CharField(_("object id"), max_length=ID_LENGTH, blank=True, default="", db_index=True)
    customer = SoftForeignKey("pinax_stripe.Customer", related_name="events", verbose_name=_("customer"))

    webhook_message = jsonfield.JSONField(_("posted message"), null=True, help_text=_("What was POSTed to us."))
    validated_message = jsonfield.JSONField(_("validated message"), null=True, help_text=_("Stripe's own copy."))
    #: sha256 of the posted message without what changes between deliveries; tells two claims on one id apart.
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    difference = models.JSONField(_("difference"), default=list, blank=True)

    valid = models.BooleanField(_("valid"), null=True)
    #: Why `valid` is False or None: a code of `webhooks.reasons`; "" otherwise.
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="")
    explanation = models.TextField(_("explanation"), blank=True, default="")
    #: Codes of remarkable things about a valid event, `rendering_differs` for one.
    notes = models.JSONField(_("notes"), default=list, blank=True)
    #: True when a webhook secret verified the body; None when no secret is configured.
    signed = models.BooleanField(_("signature verified"), null=True)

    mirrored_at = models.DateTimeField(_("mirrored at"), null=True)
    processed = models.BooleanField(_("processed"), default=False)
    processed_at = models.DateTimeField(_("processed at"), null=True)
    deliveries = models.PositiveIntegerField(_("deliveries"), default=1)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)

    #: The exact bytes, up to PINAX_STRIPE_MAX_BODY_BYTES; `body_size` tells whether they were cut.
    body = models.BinaryField(_("body"), default=b"")
    body_size = models.PositiveBigIntegerField(_("size of the body"), default=0)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    remote_address = models.CharField(_("remote address"), max_length=64, blank=True, default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], condition=Q(valid=True), name="pinax_stripe_one_genuine_event"
            ),
            # Stops two deliveries of one body at the same moment from becoming two rows. Another body with the same
            # id gets a row of its own, so a forgery that came first cannot stand in for the real delivery.
            models.UniqueConstraint(
                fields=["stripe_id", "fingerprint"],
                condition=Q(valid__isnull=True) | Q(valid=True),
                name="pinax_stripe_one_row_per_claim",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-id"], name="pinax_stripe_event_kind"),
            models.Index(fields=["id"], condition=Q(processed=False), name="pinax_stripe_event_undone"),
            models.Index(fields=["customer", "-id"], name="pinax_stripe_event_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.stripe_id}".strip() or f"POST {self.pk}"

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
    def is_cut(self) -> bool:
        """Whether the body was longer than what is kept of it."""
        return self.body_size > len(self.body)


class EventProcessingException(models.Model):
    """What went wrong in one attempt to process an event; committed whatever was rolled back."""

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
    receiver = models.CharField(_("receiver"), max_length=500)
    called_at = models.DateTimeField(_("called at"), auto_now_add=True)

    class Meta:
        verbose_name = _("receiver call")
        verbose_name_plural = _("receiver calls")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "receiver"], name="pinax_stripe_receiver_once")]

    def __str__(self) -> str:
        return self.receiver
