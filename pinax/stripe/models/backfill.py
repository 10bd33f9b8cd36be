"""How far the mirror was filled from Stripe's lists: runs, and for each list of a run what is written of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..stripe_values import ID_LENGTH
from .mirror import KEY_LENGTH


class Backfill(models.Model):
    """One run through Stripe's lists of objects; one that was broken off goes on where it was."""

    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    livemode = models.BooleanField(_("live mode"), null=True)
    #: The object types that were asked for, separated by spaces; "" for all.
    object_types = models.TextField(_("object types"), blank=True, default="")
    #: What else was asked for, as text, so that only the same question goes on with it: `since=…`, `full`.
    options = models.TextField(_("options"), blank=True, default="")
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    #: When every list was read to its end, or was found to be one that Stripe does not give.
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("backfill")
        verbose_name_plural = _("backfills")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class BackfillPosition(models.Model):
    """What is written of one list: everything above this position.

    It moves only in the transaction that writes what is above it. So a run can go on from where it finds one, however
    the process that moved it ended.
    """

    backfill = models.ForeignKey(
        Backfill, verbose_name=_("backfill"), on_delete=models.CASCADE, related_name="positions"
    )
    #: Name of the list, see `catalogue.lists`: its path, `customers`.
    list_name = models.CharField(_("list"), max_length=255)
    #: What is read of it, in epoch seconds: objects created from `since` on (None for all) and before `until`. Of a
    #: list below other objects: that of those whose rows were written since, until its reading began.
    since = models.BigIntegerField(_("since"), null=True)
    until = models.BigIntegerField(_("until"))
    #: The row of the object below which the list is that is read now, or was read last.
    parent_key = models.CharField(_("parent"), max_length=KEY_LENGTH, blank=True, default="")
    #: Id of the last object that is written, and when it was created (epoch seconds).
    cursor = models.CharField(_("written until"), max_length=ID_LENGTH, blank=True, default="")
    reached = models.BigIntegerField(_("reached"), null=True)
    #: Whether Stripe's clock was known with every answer; else nothing can be said of what the list covers.
    is_dated = models.BooleanField(_("dated"), default=True)
    #: Counts the moves: of two processes at one position, one moves it.
    moves = models.PositiveBigIntegerField(_("moves"), default=0)
    listed = models.PositiveBigIntegerField(_("listed"), default=0)
    created = models.PositiveBigIntegerField(_("created"), default=0)
    updated = models.PositiveBigIntegerField(_("updated"), default=0)
    #: Why Stripe does not give the list, in its words; "" for one that it gives.
    skipped = models.TextField(_("skipped"), blank=True, default="")
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("position of a backfill")
        verbose_name_plural = _("positions of backfills")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.list_name


class TableReading(models.Model):
    """What the columns of a mirrored table were last read from, and how far a rebuild of it is."""

    #: Name of the model, `Charge`; "Event" for a rebuild from recorded events.
    table = models.CharField(_("table"), max_length=100)
    #: Column -> where its reader finds it, see `sync.revisions`, as all rows were read.
    columns = models.JSONField(_("columns"), default=dict)
    #: Whether this release reads something else: set by `migrate`, until a rebuild came to its end.
    is_due = models.BooleanField(_("rebuild is due"), default=False)
    #: Of a rebuild that did not come to its end: what it reads, the key of the last row that is done, and how many are.
    target = models.CharField(_("reads"), max_length=64, blank=True, default="")
    position = models.CharField(_("done until"), max_length=KEY_LENGTH, blank=True, default="")
    rows = models.PositiveBigIntegerField(_("rows done"), default=0)

    class Meta:
        verbose_name = _("reading of a table")
        verbose_name_plural = _("readings of tables")
        constraints = [models.UniqueConstraint(fields=["table"], name="pinax_stripe_reading_of_table")]

    def __str__(self) -> str:
        return self.table


class Verification(models.Model):
    """One time that the mirror was held against Stripe, by `stripe_verify`."""

    stripe_account = models.CharField(_("connected account"), max_length=ID_LENGTH, blank=True, default="")
    livemode = models.BooleanField(_("live mode"), null=True)
    #: The object types that were asked for, separated by spaces; "" for all.
    object_types = models.TextField(_("object types"), blank=True, default="")
    #: How many rows of each type were drawn; None when everything was looked at.
    sample = models.PositiveIntegerField(_("sample"), null=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    #: When it came to its end; None for one that was broken off.
    finished_at = models.DateTimeField(_("finished at"), null=True)
    #: How many objects were held against their rows.
    compared = models.PositiveBigIntegerField(_("compared"), default=0)
    #: How many of these differ, are missing here, or are gone at Stripe.
    different = models.PositiveBigIntegerField(_("different"), default=0)
    #: How many of these were brought up to Stripe.
    fixed = models.PositiveBigIntegerField(_("fixed"), default=0)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
