"""The pages of events: what arrived, how it was validated and processed, and the possible actions."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ...catalogue.event_types import describe
from ...catalogue.objects import EXTERNAL_ACCOUNT, type_of_object
from ...catalogue.objects import name_of as name_of_object
from ...catalogue.reasons import REASONS
from ...combined_reads import Rows, ask
from ...conf import reader_of_lists
from ...models import CatchUp, Customer, Event, EventProcessingException, OtherObject
from ...upkeep.reprocessing import recall, restartable
from ...webhooks.dispatch import dispatch
from ...webhooks.processing import Outcome
from ..base import ReadOnlyAdmin, ShortList, may_view
from ..display import links, sites
from ..display.badges import badge, mode_of, state_badge
from ..display.json_tree import Budget, json_tree
from ..display.line_breaks import breakable
from ..display.masking import masked_headers, masked_text, masked_value, name_of
from ..display.pages import Document, Facts, Page, Panel, day_and_time, facts, heading, shown, targets_of, two_lines
from ..filters import (
    AccountFilter,
    CustomerFilter,
    KindFilter,
    ModeFilter,
    PeriodFilter,
    SourceFilter,
    StateFilter,
    keys_of,
)
from ..permissions import kind_only, may_read, may_see, step_visible_to
from .actions import MAX_EVENTS, ReprocessAction, message_of, needs_confirmation, possible_actions, run_action
from .explanations import explain, place_of
from .panels import EVENT_COLUMNS, ROW_COLUMNS, event_row, title_of
from .receivers import ReceiverState, receiver_states
from .timeline import Entry, mirrored_targets, timeline
from .tracebacks import Part, is_long, parts

#: Columns that a list does not need, and that are most of a row.
LARGE = ("body", "webhook_message", "validated_message", "difference", "headers", "notes", "explanation", "detail")
#: Exceptions on the page of an event; a list has the others.
MAX_EXCEPTIONS = 20
#: Events of the same object before and after an event.
NEIGHBOURS = 6
#: What is shown of each side of a difference: values, and characters of their texts.
SIDE = {"values": 50, "characters": 1_000}
#: Characters of the path of a difference.
PATH_LENGTH = 300
#: Characters of a body that is no event.
BODY_LENGTH = 2000


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An exception as the page shows it."""

    row: EventProcessingException
    where: str
    message: str
    parts: list[Part]
    #: Where the whole traceback is, if this is not all of it.
    text_url: str = ""


@dataclass(frozen=True, kw_only=True)
class EventPage(Page):
    """Everything about an event."""

    explanation: Any = None
    actions: list[ReprocessAction] = field(default_factory=list)
    may_act: bool = False
    timeline: list[Entry] = field(default_factory=list)
    receivers: list[ReceiverState] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    more_failures_url: str = ""
    difference: list[dict[str, Any]] = field(default_factory=list)
    body: str = ""
    #: Where the whole body is, if there is more of it.
    body_url: str = ""
    #: Whether the reader may not see what the event says.
    is_withheld: bool = False


class EventList(ShortList):
    """Lists without the messages."""

    left_out = LARGE


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("what", "state_word", "customer_link", "recorded")
    list_display_links = ("what",)
    #: Nothing that the event says.
    csv_names = (
        *("stripe_id", "kind", "state", "livemode", "stripe_account", "object_type", "object_id", "customer"),
        *(
            "created_at",
            "recorded_at",
            "processed_at",
            "valid",
            "reason",
            "source",
            "failures",
            "deliveries",
            "attempts",
        ),
    )
    list_filter = (StateFilter, KindFilter, PeriodFilter, CustomerFilter, AccountFilter, ModeFilter, SourceFilter)
    changelist = EventList
    soft_references = ("customer",)
    search_fields = ("stripe_id", "object_id")
    search_help_text = _("An exact id, of the event, its object or its customer; or a customer's email address.")
    ordering = ("-id",)
    actions = ("validate_again", "try_again", "process_again")
    text_columns = ("webhook_message", "validated_message", "difference", "body")
    unfiltered = frozenset(LARGE)
    #: Events that one action of the list takes; the others stay as they are.
    max_action_events = MAX_EVENTS

    # Lists

    def found_by(self, request: HttpRequest, term: str) -> Q:
        if term.startswith("evt_"):
            return Q(stripe_id=term)
        if "@" in term and may_view(request, Customer):
            found = Customer.all_objects.filter(email__iexact=term).values_list("pk", flat=True)
            return Q(customer__in=list(found[:50]))
        return super().found_by(request, term) | Q(customer__in=keys_of(Customer, term))

    @admin.display(description=_("state"))
    def state_word(self, obj: Event) -> SafeString:
        return state_badge(obj.state)

    @admin.display(description=_("event"))
    def what(self, obj: Event) -> SafeString:
        """Type, object, and why it is not done."""
        reason = REASONS.get(obj.reason)
        about = [obj.object_id or obj.object_type, mode_of(obj.livemode), reason.text if reason else obj.reason]
        below = " · ".join(str(part) for part in about if part)
        # A list has room for the beginning only.
        return two_lines(breakable(title_of(obj)), format_html('<span title="{}">{}</span>', below, below))

    @admin.display(description=_("customer"))
    def customer_link(self, obj: Event) -> SafeString | str:
        return links.reference(obj, "customer")

    @property
    def sorted_by(self) -> dict[str, Any]:
        """Keys are in the order of recording."""
        return {"recorded": "id"}

    @admin.display(description=_("recorded at"), ordering="id")
    def recorded(self, obj: Event) -> SafeString:
        return two_lines(*day_and_time(obj.recorded_at))

    # The page of one event

    def page(self, request: HttpRequest, obj: Event) -> EventPage:
        is_told = may_read(request.user, obj)
        calls, steps, exceptions, *around = ask(
            [
                *(Rows(obj.receiver_calls.all()), Rows(obj.steps.all())),
                Rows(obj.exceptions.all()[: MAX_EXCEPTIONS + 1]),
                *map(Rows, neighbours(obj)),
            ]
        )
        steps = [step_visible_to(request.user, step, is_told=is_told) for step in steps]
        targets = [*targets_of(obj, ["customer"]), *object_targets(obj), *mirrored_targets(steps)]
        here = links.arrived([target for target in targets if may_view(request, target[0])])
        if not is_told:
            exceptions = [kind_only(row) for row in exceptions]
        return EventPage(
            title=title_of(obj),
            subtitle=obj.stripe_id,
            badges=[state_badge(obj.state), *([] if obj.livemode is None else [badge(mode_of(obj.livemode), "plain")])],
            summary=describe(obj.kind),
            explanation=explain(obj, exceptions[0] if exceptions else None),
            dashboard_url=links.dashboard_url(
                "events" if obj.stripe_id.startswith("evt_") else "",
                obj.stripe_id,
                livemode=obj.livemode,
                account=obj.stripe_account,
            ),
            actions=possible_actions(obj),
            may_act=self.has_process_permission(request),
            timeline=timeline(obj, steps, calls, exceptions, here=here),
            receivers=receiver_states(obj, calls, exceptions, steps) if obj.valid else [],
            failures=[failure_of(row) for row in exceptions[:MAX_EXCEPTIONS]],
            more_failures_url=links.list_url("eventprocessingexception", event__id__exact=obj.pk)
            if len(exceptions) > MAX_EXCEPTIONS
            else "",
            facts=event_facts(obj, here),
            difference=difference_of(obj) if is_told else [],
            documents=messages_of(obj) if is_told else [],
            body=beginning_of(obj) if is_told else "",
            body_url=links.text_url(obj, "body") if is_told and len(obj.body) > BODY_LENGTH else "",
            is_withheld=not is_told,
            panels=neighbours_panel(obj, *around) if around else [],
        )

    # Actions

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Staff who may change events may process them again. No event can be edited."""
        return request.user.has_perm("pinax_stripe.change_event")

    def has_text_permission(self, request: HttpRequest, row: Event) -> bool:
        return may_read(request.user, row)

    def get_urls(self) -> list[Any]:
        again = self.admin_site.admin_view(self.again_view)
        overview_page = self.admin_site.admin_view(self.overview_view)
        lists_page = self.admin_site.admin_view(self.lists_view)
        urls = [
            path("overview/", overview_page, name="pinax_stripe_event_overview"),
            path("overview/lists/", lists_page, name="pinax_stripe_event_lists"),
            path("<path:object_id>/again/", again, name="pinax_stripe_event_again"),
            *super().get_urls(),
        ]
        for url in urls:
            # Processing asks Stripe, and commits step by step: never inside a request's transaction.
            transaction.non_atomic_requests(url.callback)
        return urls

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """The overview of the webhook and the mirror; what it needs is imported for it, not when Django starts."""
        from ..overview.page import overview

        sites.enter(self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Overview"),
            "opts": self.opts,
            "overview": overview(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/pinax_stripe/event/overview.html", context)

    def lists_view(self, request: HttpRequest) -> HttpResponse:
        """How far the reading of Stripe's lists is; a POST has a worker of the task queue read what is new."""
        from ..overview.lists import lists_page

        sites.enter(self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        read = reader_of_lists()
        can_read = read is not None and self.has_process_permission(request)
        if request.method == "POST":
            if read is None or not can_read:
                raise PermissionDenied
            read()
            self.message_user(request, gettext("A worker reads Stripe's lists as soon as one is free."))
            return redirect("admin:pinax_stripe_event_lists")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Stripe's lists"),
            "opts": self.opts,
            "lists": lists_page(),
            "can_read": can_read,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/pinax_stripe/event/lists.html", context)

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Runs an action for one event, or calls one of its receivers again, and returns to the page."""
        sites.enter(self.admin_site)
        event = self.get_object(request, object_id)
        if not self.has_process_permission(request) or not self.has_view_permission(request, event):
            raise PermissionDenied
        if event is None:
            raise Http404
        by = request.user.get_username()
        action, receiver = request.POST.get("action", ""), request.POST.get("receiver", "")
        if receiver in callable_receivers(event):
            is_free = recall(event.pk, receiver, by=by)
            outcome = dispatch(Event.objects.get(pk=event.pk)) if is_free else Outcome.BUSY
            text, level = report_receiver(receiver, outcome)
        elif action in [possible.name for possible in possible_actions(event)]:
            if needs_confirmation(action, Event.objects.filter(pk=event.pk)) and "confirmed" not in request.POST:
                return self.confirmation(request, 1, {"action": [action]}, event=event)
            text, level = message_of(1, run_action(action, [event.pk], by=by))
        else:
            text, level = gettext("This is not possible in the event's current state."), messages.ERROR
        self.message_user(request, text, level)
        return redirect(links.page_url("event", event.pk))

    def confirmation(
        self, request: HttpRequest, done: int, fields: dict[str, list[str]], *, event: Event | None = None
    ) -> HttpResponse:
        """Asks whether so many events that are done are to be processed again; the answer comes to the same address."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Process again?"),
            "opts": self.opts,
            "done": done,
            "event": event,
            "fields": fields,
            "back": links.page_url("event", event.pk) if event else request.get_full_path(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/pinax_stripe/event/confirm.html", context)

    @admin.action(
        description=_("Validate again (ask Stripe about undecided and refused ones)"), permissions=["process"]
    )
    def validate_again(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self.bulk("validate_again", request, queryset)

    @admin.action(description=_("Try again (what is not done yet)"), permissions=["process"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self.bulk("try_again", request, queryset)

    @admin.action(
        description=_("Process again (call every receiver again, even if it is done)"), permissions=["process"]
    )
    def process_again(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        done = needs_confirmation("process_again", oldest(queryset, self.max_action_events))
        if done and "confirmed" not in request.POST:
            names = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
            return self.confirmation(request, done, {name: request.POST.getlist(name) for name in names})
        self.bulk("process_again", request, queryset)
        return None

    def bulk(self, name: str, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        """Run an action for the selected events, oldest first."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: self.max_action_events + 1])
        result = run_action(name, keys[: self.max_action_events], by=request.user.get_username())
        self.message_user(request, *message_of(len(keys[: self.max_action_events]), result))
        if len(keys) > self.max_action_events:
            text = gettext(
                "The action was carried out for the oldest %(count)d events only. Repeat it for the others."
            ) % {"count": self.max_action_events}
            self.message_user(request, text, messages.WARNING)


def oldest(events: QuerySet[Event], most: int) -> QuerySet[Event]:
    """The oldest of some events, of which one action takes no more."""
    return Event.objects.filter(pk__in=list(events.order_by("pk").values_list("pk", flat=True)[:most]))


def callable_receivers(event: Event) -> list[str]:
    """The receivers that can be called again for an event."""
    if not restartable().filter(pk=event.pk).exists():
        return []
    return [receiver.name for receiver in receiver_states(event, [], []) if receiver.is_callable]


def report_receiver(receiver: str, outcome: Outcome) -> tuple[str, int]:
    """The message about a call, and its level."""
    texts = {
        Outcome.DONE: gettext("%(receiver)s was called, and the event is done."),
        Outcome.DEFERRED: gettext("%(receiver)s is called in the background."),
    }
    text = texts.get(
        outcome, gettext("%(receiver)s was marked to be called again, but the event is not done: see below.")
    )
    return text % {"receiver": receiver}, messages.SUCCESS if outcome in texts else messages.WARNING


def object_targets(event: Event) -> list[links.Target]:
    """The row of the object that an event is about, if its kind is mirrored."""
    is_external = event.kind.rpartition(".")[0] in EXTERNAL_ACCOUNT.events
    known = EXTERNAL_ACCOUNT.name if is_external else event.object_type
    name = type_of_object(event.object).name if event.object else known
    return links.object_target(name, event.object_id or name_of_object(event.object), event.object_account)


def object_of(event: Event, here: set[links.Target]) -> Any:
    """The object that an event is about: a link to its row, or its id."""
    for model, key in object_targets(event):
        # What a refused event is about will not come because of it; nor will what nothing mirrored at its time.
        if (model, key) in here or (event.valid is not False and model is not OtherObject):
            text = event.object_id or None
            return links.link_or_notice(model, key, is_here=(model, key) in here, referrer=event, text=text)
    return event.object_id


def event_facts(event: Event, here: set[links.Target]) -> list[Facts]:
    """The columns of an event, apart from what the page shows in other ways; `here` are the rows that have come."""
    about = facts(event, ("kind", "stripe_id"))
    if event.object_type:
        name = heading(Event._meta.get_field("object_type"))
        about.append((name, links.object_word(event.object_type)))
    shown_object = object_of(event, here)
    if shown_object:
        about.append((gettext("Object"), shown_object))
    about += facts(event, ("customer", "stripe_account", "api_version", "created_at"), here)
    arrival = facts(event, ("recorded_at", "source", "deliveries", "attempts", "failures", "remote_address"))
    arrival += [(name, shown(value)) for name, value in sorted(masked_headers(event.headers).items())]
    arrival.append((gettext("Size of the body"), size_of(event)))
    groups = [Facts(title=gettext("About"), rows=about), Facts(title=gettext("Arrival"), rows=arrival)]
    return [group for group in groups if group.rows]


def size_of(event: Event) -> str:
    size = ngettext("%(size)d byte", "%(size)d bytes", event.body_size) % {"size": event.body_size}
    if event.is_cut and event.pruned_at is None:
        return gettext("%(size)s (only the beginning was kept)") % {"size": size}
    return size


def failure_of(row: EventProcessingException) -> Failure:
    return Failure(
        row=row,
        where=place_of(row.data),
        message=masked_text(row.message),
        parts=parts(row.traceback),
        text_url=links.text_url(row, "traceback") if is_long(row.traceback) else "",
    )


def difference_of(event: Event) -> list[dict[str, Any]]:
    """The places where the messages differ, both sides as trees."""
    text_url = links.text_url(event, "difference")
    return [
        {
            "path": masked_text(str(entry.get("path", "")))[:PATH_LENGTH],
            "posted": side_of(entry, "posted", text_url),
            "stripe": side_of(entry, "stripe", text_url),
        }
        for entry in event.difference
        if isinstance(entry, dict)
    ]


def side_of(entry: dict[str, Any], side: str, text_url: str) -> SafeString:
    """What one of the messages has at a place where they differ."""
    return json_tree(masked_value(name_of(side, entry), entry.get(side)), budget=Budget(**SIDE), text_url=text_url)


def messages_of(event: Event) -> list[Document]:
    """The posted and the validated message; one document when they are the same."""
    posted, validated = event.webhook_message, event.validated_message
    if posted is not None and posted == validated:
        title = gettext("Message (the posted message and Stripe's copy are the same)")
        tree = json_tree(posted, text_url=links.text_url(event, "webhook_message"))
        return [Document(title=title, tree=tree, is_open=True)]
    paths = [
        entry["path"] for entry in event.difference if isinstance(entry, dict) and isinstance(entry.get("path"), str)
    ]
    named = (
        (gettext("Stripe's copy, which is processed"), "validated_message", validated),
        (gettext("Posted message"), "webhook_message", posted),
    )
    trees = [
        (title, json_tree(message, differing=paths, text_url=links.text_url(event, column)))
        for title, column, message in named
        if message is not None
    ]
    return [Document(title=title, tree=tree, is_open=number == 0) for number, (title, tree) in enumerate(trees)]


def beginning_of(event: Event) -> str:
    """The body of a POST that is no JSON, as far as it is text."""
    if event.webhook_message is not None or event.validated_message is not None:
        return ""
    return masked_text(bytes(event.body)[: BODY_LENGTH * 4].decode(errors="replace")[:BODY_LENGTH])


def neighbours(event: Event) -> list[QuerySet[Event]]:
    """The events of the same object before and after an event, the nearest first; nothing without an object."""
    if not event.object_id or event.created_at is None:
        return []
    same = Event.objects.filter(object_id=event.object_id, stripe_account=event.stripe_account).exclude(pk=event.pk)
    same = same.exclude(valid=False).only(*ROW_COLUMNS)
    at = event.created_at
    before = same.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=event.pk)).order_by("-created_at", "-pk")
    after = same.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=event.pk)).order_by("created_at", "pk")
    return [before[:NEIGHBOURS], after[:NEIGHBOURS]]


def neighbours_panel(event: Event, before: list[Event], after: list[Event]) -> list[Panel]:
    """The events of the same object, oldest first; nothing when this is the only one."""
    found = [*reversed(before), event, *after]
    if len(found) == 1:
        return []
    title = gettext("Events of %(object)s") % {"object": event.object_id}
    more = links.list_url("event", q=event.object_id)
    return [
        Panel(title=title, columns=EVENT_COLUMNS, rows=[event_row(row, this=event) for row in found], more_url=more)
    ]


@admin.register(EventProcessingException)
class EventProcessingExceptionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "where", "shown_message", "event_link")
    list_display_links = ("created_at",)
    #: The message may quote the event.
    csv_names = ("id", "event", "data", "created_at")
    ordering = ("-id",)
    text_columns = ("traceback",)
    unfiltered = frozenset({"message", "traceback"})

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their events; not by a join, which the pages before the one that is shown would need, too."""
        return super().get_queryset(request).prefetch_related(Prefetch("event", Event.objects.defer(*LARGE)))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> EventProcessingException | None:
        """A row that is never saved, without secrets: the admin shows its text in places of its own."""
        row = super().get_object(request, *args, **kwargs)
        if row is not None:
            if not may_read(request.user, row.event):
                kind_only(row)
            row.message = masked_text(row.message)
        return row

    @admin.display(description=_("where"))
    def where(self, obj: EventProcessingException) -> SafeString:
        return breakable(place_of(obj.data))

    @admin.display(description=_("message"))
    def shown_message(self, obj: EventProcessingException) -> str:
        reader = getattr(obj, "reader", None)
        is_told = reader is not None and may_read(reader, obj.event)
        return masked_text((obj if is_told else kind_only(obj)).message)

    @admin.display(description=_("event"))
    def event_link(self, obj: EventProcessingException) -> SafeString | str:
        if obj.event is None:
            return ""
        text: str = breakable(str(obj.event))
        return links.link("event", obj.event_id, text) if may_see(obj, Event) else text

    def page(self, request: HttpRequest, obj: EventProcessingException) -> EventPage:
        rows = [(gettext("Where"), place_of(obj.data)), *facts(obj, ("created_at",))]
        rows.append((gettext("Event"), self.event_link(obj)))
        return EventPage(
            title=masked_text(obj.message) or gettext("Failed"),
            facts=[Facts(rows=rows)],
            failures=[failure_of(obj)],
            subtitle=place_of(obj.data),
        )


@admin.register(CatchUp)
class CatchUpAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "since", "until", "stripe_account", "listed", "missing", "finished_at")
    ordering = ("-id",)

    def page(self, request: HttpRequest, obj: CatchUp) -> Page:
        names = [column.name for column in CatchUp._meta.concrete_fields]
        word = badge(gettext("finished"), "good") if obj.finished_at else badge(gettext("not finished"), "open")
        rows = facts(obj, names)
        found = format_html(
            '<a href="{}">{}</a>', links.list_url("event", source="catch_up"), gettext("Events found by catch-ups")
        )
        return Page(
            title=gettext("Catch-up"), subtitle=str(obj), badges=[word], summary=found, facts=[Facts(rows=rows)]
        )
