"""Filters that look at no rows to know their choices, and select by what an index knows."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..catalogue.event_types import EVENT_TYPES
from ..models import Event, Invoice, OtherObject, Subscription
from ..models.customers import has_no_plan, owes
from ..models.events import EventSource, State
from ..models.fields import SoftForeignKey, StatusField
from ..models.mirror import MirroredObject
from ..models.payments import DISPUTED, FAILED, REFUNDED
from ..sync.registry import types_mirrored_by

#: Events recorded around the edge of a period, among which their keys may be out of order.
EDGE_EVENTS = 200
#: Rows of one Stripe id in the accounts of a Connect platform.
MAX_ACCOUNTS = 50
#: Owed invoices from which on a list of their customers is quicker in its own order.
MANY_OWED = 5_000
#: Days within which a trial that ends is one that ends soon.
TRIAL_DAYS = 7


class ChoiceFilter(admin.SimpleListFilter):
    """Choices that are known beforehand, each with what it selects."""

    #: Value in the address -> its name, and the condition.
    options: dict[str, tuple[Any, Q]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, name) for value, (name, _condition) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.options.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class AskedFilter(ChoiceFilter):
    """Choices whose conditions depend on settings or on the moment: `options` have what makes each, once chosen."""

    options: dict[str, tuple[Any, Callable[[], Q]]] = {}  # type: ignore[assignment]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.options.get(self.value() or "")
        return queryset.filter(chosen[1]()) if chosen else queryset


class CustomerSituationFilter(AskedFilter):
    title = _("situation")
    parameter_name = "situation"
    options = {
        "no_plan": (_("no plan"), lambda: has_no_plan() & Q(deleted_at=None)),
        "past_due": (
            _("a subscription is past due"),
            lambda: Q(pk__in=Subscription.objects.past_due().values("customer_id"), deleted_at=None),
        ),
        "owes": (_("owes something"), lambda: owes_in_a_list() & Q(deleted_at=None)),
        "deleted": (pgettext_lazy("customer", "deleted"), lambda: Q(deleted_at__isnull=False)),
    }


class ChargeOutcomeFilter(ChoiceFilter):
    title = _("what came of it")
    parameter_name = "result"
    options = {
        "failed": (_("failed"), FAILED),
        "refunded": (_("refunded, if not all"), REFUNDED),
        "disputed": (_("disputed"), DISPUTED),
    }


class StateFilter(ChoiceFilter):
    title = _("state")
    parameter_name = "state"
    options = {
        **{state.value: (state.label, Q(state=state)) for state in State},
        "given_up": (_("failed, given up"), Q(state=State.FAILED, gave_up_at__isnull=False)),
    }


class ModeFilter(ChoiceFilter):
    title = _("mode")
    parameter_name = "mode"
    options = {"live": (_("live"), Q(livemode=True)), "test": (_("test"), Q(livemode=False))}


class SourceFilter(ChoiceFilter):
    title = _("source")
    parameter_name = "source"
    options = {source.value: (source.label, Q(source=source)) for source in EventSource}


class FormFilter(admin.ListFilter):
    """Values that are typed; what else is chosen on the page stays."""

    template = "admin/pinax_stripe/filters/form.html"
    #: Names in the address -> labels.
    inputs: dict[str, Any] = {}
    input_type = "text"
    placeholder: Any = ""
    #: Values to choose from while typing.
    suggestions: tuple[str, ...] = ()

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.inputs:
            if name in params:
                # PostgreSQL takes no NUL, not even to compare with.
                self.used_parameters[name] = params.pop(name)[-1].replace("\x00", "").strip()

    def value(self, name: str) -> str:
        """What was typed; "" for nothing."""
        return str(self.used_parameters.get(name) or "")

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [*self.inputs]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """What the template needs, once: admin asks for a list."""
        yield {
            "inputs": [(name, label, self.value(name)) for name, label in self.inputs.items()],
            "hidden": [(name, value) for name, value in changelist.params.items() if name not in self.inputs],
            "reset": changelist.get_query_string(remove=[*self.inputs]) if any(self.used_parameters.values()) else "",
        }


class KindFilter(FormFilter):
    title = _("type")
    inputs = {"kind": _("exact type")}
    placeholder = "invoice.paid"
    suggestions = tuple(EVENT_TYPES)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value("kind")) if self.value("kind") else queryset


class ObjectTypeFilter(FormFilter):
    title = _("object type")
    inputs = {"type": _("exact type")}
    placeholder = "climate.order"
    suggestions = tuple(row.name for row in types_mirrored_by(OtherObject) if row.is_kept)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(object_type=self.value("type")) if self.value("type") else queryset


class AccountFilter(FormFilter):
    # Behind "By", where some languages decline it.
    title = pgettext_lazy("filter", "connected account")
    inputs = {"account": _("id of the account")}
    placeholder = "acct_…"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(stripe_account=self.value("account")) if self.value("account") else queryset


class ReferenceFilter(FormFilter):
    """Rows that refer to the object with an id, in whichever account."""

    column: SoftForeignKey

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        typed, model = self.value(self.column.name), cast(type[MirroredObject], self.column.related_model)
        if not typed:
            return queryset
        keys = keys_of(model, typed)
        # Of one key an index has the rows in the order of the list.
        condition = {self.column.name: keys[0]} if len(keys) == 1 else {f"{self.column.name}__in": keys}
        return queryset.filter(**condition)


def reference_filter(column: SoftForeignKey) -> type[ReferenceFilter]:
    """A filter by a reference, each of which has an index."""
    prefixes = types_mirrored_by(column.related_model)[0].id_prefixes
    values = {
        "title": column.verbose_name,
        "column": column,
        "inputs": {column.name: _("exact id")},
        "placeholder": f"{prefixes[0]}…" if prefixes else "",
    }
    return type("ReferenceFilter", (ReferenceFilter,), values)


def status_filter(column: StatusField) -> type[ChoiceFilter]:
    """A filter by the statuses that a column may have, as far as this release knows them."""
    options = {value: (word, Q(**{column.name: value})) for value, word in column.words.items()}
    values = {"title": column.verbose_name, "parameter_name": column.name, "options": options}
    return type("StatusFilter", (ChoiceFilter,), values)


CustomerFilter = reference_filter(Event._meta.get_field("customer"))


class PeriodFilter(FormFilter):
    """Days in the reader's zone, both included."""

    title = _("day recorded")
    inputs = {"since": pgettext_lazy("first day", "from"), "until": pgettext_lazy("last day", "to")}
    input_type = "date"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        since, until = self.midnight("since"), self.midnight("until", days=1)
        if since is not None:
            queryset = between(queryset, Q(recorded_at__gte=since), order="recorded_at")
        if until is not None:
            queryset = between(queryset, Q(recorded_at__lt=until), order="-recorded_at")
        return queryset

    def midnight(self, name: str, *, days: int = 0) -> datetime.datetime | None:
        """The beginning of the day that was typed, or of one after it; None for what is no day."""
        try:
            day = parse_date(self.value(name))
            if day is None:
                return None
            return timezone.make_aware(
                datetime.datetime.combine(day + datetime.timedelta(days=days), datetime.time.min)
            )
        except (OverflowError, ValueError):
            return None


class CreatedFilter(PeriodFilter):
    """By the day of creation, whose index has the order of the list, too."""

    title = _("day created")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        since, until = self.midnight("since"), self.midnight("until", days=1)
        if since is not None:
            queryset = queryset.filter(created_at__gte=since)
        return queryset if until is None else queryset.filter(created_at__lt=until)


def owes_in_a_list() -> Q:
    """That a customer owes something, for the page of a list.

    PostgreSQL looks up each debtor, and sorts them: it takes them for few. Where they are many, CASE has it go through
    the list in its order instead, and ask of each customer whether it is one of them, until the page is full. A count
    has no such end: it is quicker by `owes`.
    """
    if Invoice.objects.owed()[:MANY_OWED].count() < MANY_OWED:
        return owes()
    return Q(Case(When(owes(), then=Value(True)), default=Value(False), output_field=BooleanField()))


def between(events: QuerySet, condition: Q, *, order: str) -> QuerySet:
    """The events on one side of a moment; `order` begins at the edge.

    Lists are in the order of keys, and the database does not know that times have the same order: without a bound on
    the key as well, it may walk through years of events to reach the period.
    """
    edge = list(Event.objects.filter(condition).order_by(order).values_list("pk", flat=True)[:EDGE_EVENTS])
    if not edge:
        return events.none()
    return events.filter(condition, Q(pk__lte=max(edge)) if order.startswith("-") else Q(pk__gte=min(edge)))


def keys_of(model: type[MirroredObject], stripe_id: str) -> list[str]:
    """Keys of the objects with an id: one, or one in each account of a Connect platform."""
    found = model.all_objects.filter(stripe_id=stripe_id).order_by("pk").values_list("pk", flat=True)
    return [*dict.fromkeys([stripe_id, *found[:MAX_ACCOUNTS]])]
