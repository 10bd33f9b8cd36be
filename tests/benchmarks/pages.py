"""The addresses of all pages of the admin, for tables that `tables.fill` has filled."""

import datetime
from collections.abc import Iterator

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from pinax.stripe import models
from pinax.stripe.admin.base import ReadOnlyAdmin, UncountedPaginator
from pinax.stripe.admin.display.links import list_url, page_url, text_url
from pinax.stripe.admin.filters import ChoiceFilter, PeriodFilter, ReferenceFilter
from pinax.stripe.admin.overview.page import WINDOWS
from tests.benchmarks.tables import TABLES

#: Last page of a list, as far as it counts.
LAST_PAGE = UncountedPaginator.max_rows // ReadOnlyAdmin.list_per_page
#: Name of a typed filter's input -> what is typed.
TYPED = {"kind": ("invoice.paid", "no.such.type"), "type": ("order", "gone"), "account": ("acct_5", "acct_none")}
#: Searches beside an id that is there and one that is not.
SEARCHES = {
    models.Event: ("in_77", "cus_77", "cus_1", "evt_none", "user77@example.com", "missing@example.com"),
    models.Customer: ("user77@example.com", "missing@example.com", "benchmark", "USER7", "none of this name", "4242"),
    models.Invoice: ("SHOP-77", "shop-7", "shop-none"),
    models.Charge: ("4242", "0000"),
    models.PaymentMethod: ("0000",),
}
#: What else a list is asked for by the links of pages, and by filters together.
COMBINED = {
    models.Event: (
        {"kind": "invoice.paid", "state": "failed"},
        {"kind": "invoice.paid", "state": "refused"},
        {"customer": "cus_1", "state": "failed"},
        {"mode": "test", "state": "waiting"},
        {"source": "catch_up", "state": "failed"},
    ),
    models.EventProcessingException: ({"event__id__exact": 77},),
    models.InvoiceLineItem: ({"invoice__id__exact": "in_1"}, {"invoice__id__exact": "in_77"}),
    models.SubscriptionItem: ({"subscription__id__exact": "sub_1"}, {"subscription__id__exact": "sub_77"}),
    models.Price: ({"product__id__exact": "prod_1"},),
    models.Refund: ({"charge__id__exact": "ch_1"},),
    models.InvoicePayment: ({"invoice__id__exact": "in_1"},),
    models.Invoice: ({"customer": "cus_1", "status": "open"}, {"customer": "cus_1", "status": "void"}),
    models.Subscription: ({"customer": "cus_1", "status": "past_due"},),
    models.OtherObject: ({"type": "order", "customer": "cus_1"},),
}


def addresses(rows: int, *, page: int = LAST_PAGE) -> Iterator[str]:
    """The addresses of all lists, filters, searches and pages, when each table has so many rows.

    `page` is that of lists which are viewed beside their first.
    """
    yield from (f"{reverse('admin:pinax_stripe_event_overview')}?window={window}" for window in WINDOWS)
    for model in TABLES:
        if admin.site.is_registered(model):
            yield from lists_of(model, rows, page)
            yield from pages_of(model, rows)


def lists_of(model, rows: int, page: int) -> Iterator[str]:
    """A list, another page of it, and what its filters and its search box make of it."""
    model_admin = admin.site.get_model_admin(model)
    queries = [{}, {"p": page}, {"o": 1}]
    queries += [query for place in sorted_columns(model_admin) for query in sorted_queries(place, page)]
    for kind in model_admin.get_list_filter(None):
        queries += queries_of(kind, rows)
    if model_admin.get_search_fields(None):
        queries += [{"q": word} for word in (stripe_id(model, rows // 2), "missing", *SEARCHES.get(model, ()))]
    queries += COMBINED.get(model, ())
    for query in queries:
        yield list_url(model._meta.model_name, **query)


def sorted_columns(model_admin) -> list[int]:
    """The places of the columns by which a list is sorted, as addresses have them."""
    shown = [*(["action_checkbox"] if model_admin.actions else []), *model_admin.get_list_display(None)]
    return [shown.index(name) for name in model_admin.sorted_by]


def sorted_queries(place: int, page: int) -> Iterator[dict]:
    """A list in the order of a column, both ways, and another page of it."""
    yield from ({"o": place}, {"o": f"-{place}"}, {"o": place, "p": page}, {"o": f"-{place}", "p": page})


def queries_of(kind, rows: int) -> Iterator[dict]:
    """What a filter may be set to."""
    if issubclass(kind, ChoiceFilter):
        yield from ({kind.parameter_name: value} for value in kind.options)
    elif issubclass(kind, PeriodFilter):
        for since, until in ((190, 180), (400, 380), (3, 0)):
            yield {"since": day(since), "until": day(until)}
    elif issubclass(kind, ReferenceFilter):
        for number in (1, rows // 2, rows + 1):
            yield {kind.column.name: stripe_id(kind.column.related_model, number)}
    else:
        for name in kind.inputs:
            yield from ({name: value} for value in TYPED[name])


def day(ago: int) -> str:
    """The day that was so many days ago."""
    return (timezone.now() - datetime.timedelta(days=ago)).date().isoformat()


def pages_of(model, rows: int) -> Iterator[str]:
    """The pages of a row with much that belongs to it, and of others, the newest among them; texts of columns."""
    for number in (1, 77, rows // 2, rows):
        yield page_url(model._meta.model_name, key(model, number))
    for column in admin.site.get_model_admin(model).text_columns[:1]:
        yield text_url(model(pk=key(model, 77)), column)


def key(model, number: int):
    """The primary key of a row."""
    return number if model._meta.pk.get_internal_type() == "BigAutoField" else stripe_id(model, number)


def stripe_id(model, number: int) -> str:
    """The Stripe id of a row, as `tables` has it."""
    column = TABLES[model].get("stripe_id", "'' || n")
    return f"{column.split(chr(39))[1]}{number}"
