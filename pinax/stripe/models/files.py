"""Files at Stripe, links to them, and the clocks of tests."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import words
from .fields import BigCountField, FlagField, NameField, SoftForeignKey, StatusField, StringField, TimestampField
from .mirror import MirroredObject


class File(MirroredObject):
    """A file that was uploaded to Stripe, or that Stripe made; its address is a secret, and not kept."""

    filename = NameField(_("file name"))
    title = StringField(_("title"))
    purpose = StringField(_("purpose"), words=words.FILE_PURPOSES)
    type = StringField(_("type"))
    size = BigCountField(_("size in bytes"))
    expires_at = TimestampField(_("expires at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")


class FileLink(MirroredObject):
    """A link with which people without a key see a file; its address is a secret, and not kept."""

    file = SoftForeignKey("pinax_stripe.File", related_name="links", verbose_name=_("file"))
    #: Stripe's own field, as of the last event or fetch.
    expired = FlagField(_("expired"))
    expires_at = TimestampField(_("expires at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("file link")
        verbose_name_plural = _("file links")

    def is_open(self, at: datetime.datetime | None = None) -> bool:
        """Whether it leads to its file at a moment (an aware datetime; by default now): no event tells of its end."""
        is_over = self.expires_at is not None and self.expires_at <= (at or timezone.now())
        return not (is_over or self.expired or self.is_deleted)


class TestClock(MirroredObject):
    """A clock of test mode, which the times of its customers and subscriptions follow (`test_helpers.test_clock`)."""

    #: It is no test, whatever its name.
    __test__ = False

    name = NameField(_("name"))
    status = StatusField(
        _("status"),
        words=words.TEST_CLOCK_STATUSES,
        tones={"advancing": "open", "internal_failure": "bad", "ready": "good"},
    )
    frozen_time = TimestampField(_("time of the clock"))
    deletes_after = TimestampField(_("is deleted at"))

    class Meta(MirroredObject.Meta):
        verbose_name = _("test clock")
        verbose_name_plural = _("test clocks")
