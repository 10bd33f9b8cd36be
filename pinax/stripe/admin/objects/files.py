"""Pages of files, links to them, and the clocks of tests."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...models import File, FileLink, TestClock
from ..display.badges import badge, deleted_badge
from ..display.pages import day, day_and_time
from .columns import PanelColumns, own_link, reference, status, word
from .default import MirroredAdmin


@admin.register(File)
class FileAdmin(MirroredAdmin):
    list_display = (word("purpose", _("purpose")), "type")

    def summary(self, obj: File) -> Any:
        if obj.expires_at is None:
            return gettext("The file itself is at Stripe.")
        return gettext("The file itself is at Stripe, until %(day)s.") % {"day": day(obj.expires_at)}


def link_badge(link: FileLink) -> SafeString:
    """Whether a link leads to its file: Stripe makes no event when it expires."""
    if link.is_deleted:
        return deleted_badge()
    if link.is_open():
        return badge(pgettext("state of a file link", "open"), "good")
    return badge(pgettext("state of a file link", "expired"), "quiet")


@admin.register(FileLink)
class FileLinkAdmin(MirroredAdmin):
    list_display = ("state", reference("file", _("file")))
    badge_columns = ("expired",)

    @admin.display(description=_("state"))
    def state(self, obj: FileLink) -> SafeString:
        return link_badge(obj)

    def badges(self, obj: FileLink) -> list[Any]:
        return [link_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: FileLink) -> Any:
        if not obj.is_open():
            return gettext("It leads to the file no more.")
        if obj.expires_at is None:
            return gettext("Everyone who has its address sees the file, without an end.")
        return gettext("Everyone who has its address sees the file until %(day)s.") % {"day": day(obj.expires_at)}

    def panel_columns(self) -> PanelColumns:
        return {_("Id"): own_link, _("State"): link_badge, _("End"): lambda row: row.expires_at}


@admin.register(TestClock)
class TestClockAdmin(MirroredAdmin):
    list_display = (status, "shown_time")

    @admin.display(description=_("time of the clock"))
    def shown_time(self, obj: TestClock) -> Any:
        return " ".join(day_and_time(obj.frozen_time)) if obj.frozen_time else ""

    def summary(self, obj: TestClock) -> Any:
        found = super().summary(obj)
        if found or obj.frozen_time is None:
            return found
        date, time = day_and_time(obj.frozen_time)
        return gettext("For its customers and subscriptions it is %(time)s on %(date)s.") % {"date": date, "time": time}
