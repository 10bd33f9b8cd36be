"""Pages of the schedules of subscriptions, and of their phases."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ...combined_reads import Reading
from ...models import SubscriptionSchedule, SubscriptionSchedulePhase
from ..display import links
from ..display.badges import status_badge
from ..display.pages import Panel, day
from .columns import PanelColumns, label_of, own_link, reference, status
from .default import MirroredAdmin
from .panels import listed


def phase_columns() -> PanelColumns:
    return {
        _("Phase"): lambda row: own_link(row, str(row.position + 1)),
        _("Start"): lambda row: row.start_date,
        _("End"): lambda row: row.end_date,
        _("Prices"): lambda row: ", ".join(row.price_ids),
    }


def next_of(schedule: SubscriptionSchedule) -> str:
    """What comes next of a schedule, and when; "" for a status newer than this release."""
    sentence = SENTENCES.get(case_of(schedule))
    if sentence is None:
        return ""
    moments = {"active": schedule.current_phase_end, "completed": schedule.completed_at}
    moments |= {"canceled": schedule.canceled_at, "released": schedule.released_at}
    return str(sentence) % {
        "day": day(moments.get(schedule.status)),
        "end": label_of(schedule, "end_behavior") or gettext("not known"),
    }


def case_of(schedule: SubscriptionSchedule) -> str:
    """Key of `SENTENCES`: the status, if it is known when a phase that runs ends."""
    if schedule.status == "active" and schedule.current_phase_end is None:
        return ""
    return str(schedule.status)


#: Status of a schedule -> what it means, and what comes next.
SENTENCES: dict[str, Any] = {
    "not_started": _("Its first phase has not begun yet."),
    "active": _("The phase that runs ends on %(day)s. After the last one: %(end)s."),
    "completed": _("All phases are over since %(day)s."),
    "canceled": _("It was canceled on %(day)s, and changes nothing any more."),
    "released": _("It let its subscription go on %(day)s, and changes nothing any more."),
}


@admin.register(SubscriptionSchedule)
class SubscriptionScheduleAdmin(MirroredAdmin):
    list_display = (status, reference("customer", _("customer")), reference("subscription", _("subscription")))
    panelled = (SubscriptionSchedulePhase,)

    def summary(self, obj: SubscriptionSchedule) -> Any:
        return super().summary(obj) or next_of(obj)

    def own_panels(self, request: HttpRequest, obj: SubscriptionSchedule) -> Iterable[Reading[Panel | None]]:
        phases = SubscriptionSchedulePhase.objects.filter(subscription_schedule=obj.pk).order_by("position")
        yield listed(
            request,
            gettext("Phases"),
            phases,
            phase_columns(),
            more_url=links.list_url("subscriptionschedulephase", subscription_schedule__id__exact=obj.pk),
            more_text=gettext("All phases"),
        )

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Status"): status_badge,
            _("Phase from"): lambda row: row.current_phase_start,
            _("Phase to"): lambda row: row.current_phase_end,
        }


@admin.register(SubscriptionSchedulePhase)
class SubscriptionSchedulePhaseAdmin(MirroredAdmin):
    list_display = ("start_date", "end_date", reference("subscription_schedule", _("subscription schedule")))

    def summary(self, obj: SubscriptionSchedulePhase) -> Any:
        now = timezone.now()
        if obj.is_deleted or obj.start_date is None:
            return super().summary(obj)
        if obj.start_date > now:
            return gettext("It begins on %(day)s.") % {"day": day(obj.start_date)}
        if obj.end_date is None:
            return gettext("It runs, and has no end yet.")
        sentence = gettext("It runs until %(day)s.") if obj.end_date > now else gettext("It ended on %(day)s.")
        return sentence % {"day": day(obj.end_date)}
