"""The event's page: what arrived, what Stripe said of it, and what came of it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..event_types import describe
from ..models import Event, EventProcessingException
from ..webhooks.processing import Outcome, process_again
from ..webhooks.reasons import REASONS
from .base import ReadOnlyAdmin, as_json

STATES = {
    "done": ("#1a7f37", _("done")),
    "waiting": ("#9a6700", _("waiting")),
    "failed": ("#cf222e", _("failed")),
    "refused": ("#6e7781", _("refused")),
}


def state_of(event: Event) -> str:
    """Key of `STATES`."""
    if event.valid is False:
        return "refused"
    if event.processed:
        return "done"
    return "failed" if event.valid and event.attempts else "waiting"


class StateFilter(admin.SimpleListFilter):
    """Filters by state on indexed columns only, and without a look at the table for the choices."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (_colour, label) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "done": {"processed": True},
            "waiting": {"processed": False, "valid__isnull": True},
            "failed": {"processed": False, "valid": True},
            "refused": {"processed": False, "valid": False},
        }.get(self.value() or "")
        return queryset.filter(**chosen) if chosen else queryset


class ExceptionInline(admin.StackedInline):
    model = EventProcessingException
    extra = 0
    fields = readonly_fields = ("created_at", "data", "message", "readable_traceback")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("traceback"))
    def readable_traceback(self, obj: EventProcessingException) -> SafeString:
        return format_html('<pre style="white-space:pre-wrap">{}</pre>', obj.traceback)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "state", "kind", "stripe_id", "customer_id", "reason", "livemode", "stripe_account")
    list_filter = (StateFilter, "livemode")
    search_fields = ("=stripe_id", "=customer__id", "=object_id")
    search_help_text = _("An exact id: of the event, its customer, or its object.")
    ordering = ("-id",)
    inlines = (ExceptionInline,)
    actions = ("process_again",)
    fieldsets = (
        (None, {"fields": ("state", "description", "why", "kind", "stripe_id", "livemode", "stripe_account")}),
        (_("About"), {"fields": ("object_type", "object_id", "customer_id", "created_at", "api_version")}),
        (
            _("What happened"),
            {
                "fields": (
                    "recorded_at",
                    "deliveries",
                    "attempts",
                    "signed",
                    "notes",
                    "mirrored_at",
                    "processed_at",
                    "receivers",
                    "remote_address",
                    "masked_headers",
                    "body_size",
                )
            },
        ),
        (_("Messages"), {"fields": ("readable_difference", "readable_posted", "readable_validated")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]  # type: ignore[misc]

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Processing again is for those who may change events, though nobody changes one by hand."""
        return request.user.has_perm("pinax_stripe.change_event")  # type: ignore[union-attr]

    @admin.display(description=_("state"))
    def state(self, obj: Event) -> SafeString:
        colour, label = STATES[state_of(obj)]
        return format_html('<strong style="color:{}">{}</strong>', colour, label)

    @admin.display(description=_("meaning"))
    def description(self, obj: Event) -> str:
        return describe(obj.kind)

    @admin.display(description=_("why"))
    def why(self, obj: Event) -> str:
        reason = REASONS.get(obj.reason)
        return f"{reason.text} {obj.explanation}".strip() if reason else ""

    @admin.display(description=_("receivers that are done"))
    def receivers(self, obj: Event) -> SafeString:
        return format_html_join("", "<div>{}</div>", ((call.receiver,) for call in obj.receiver_calls.all()))

    @admin.display(description=_("headers"))
    def masked_headers(self, obj: Event) -> SafeString:
        """Signatures only in part: enough to compare, not enough to send again."""
        headers = dict(obj.headers)
        if "Stripe-Signature" in headers:
            headers["Stripe-Signature"] = headers["Stripe-Signature"][:24] + "…"
        return as_json(headers)

    @admin.display(description=_("difference"))
    def readable_difference(self, obj: Event) -> SafeString:
        return as_json(obj.difference)

    @admin.display(description=_("posted message"))
    def readable_posted(self, obj: Event) -> SafeString:
        return as_json(obj.webhook_message)

    @admin.display(description=_("validated message"))
    def readable_validated(self, obj: Event) -> SafeString:
        return as_json(obj.validated_message)

    @admin.action(description=_("Process again"), permissions=["process"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        outcomes = [process_again(pk) for pk in queryset.values_list("pk", flat=True)]
        done = outcomes.count(Outcome.DONE)
        level = messages.SUCCESS if done == len(outcomes) else messages.WARNING
        text = gettext("%(done)d of %(all)d events are done now.") % {"done": done, "all": len(outcomes)}
        self.message_user(request, text, level)
