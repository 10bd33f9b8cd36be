"""The base of all admin pages: rows cannot be edited, and lists stay quick on millions of rows."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, OrderBy, Prefetch, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.functional import cached_property

from . import permissions
from .display import sites
from .display.json_tree import plain_text
from .display.pages import DOCUMENTS, Page
from .export import csv_response, exported_columns
from .ordering import column_of, is_descending
from .overview.index import arrange
from .permissions import read_by


class UncountedPaginator(Paginator):
    """Counts only as far as people page: a full count of a large table takes longer than the page is worth."""

    max_rows = 10_000
    #: What is true of each row anyway, where the database counts sooner if it is told.
    counted_by = Q()

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.filter(self.counted_by).order_by()[: self.max_rows].count()


class ShortList(ChangeList):
    """Rows without the columns that are most of their size, and with what they refer to."""

    left_out: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet:
        rows = super().get_queryset(request, *args, **kwargs).defer(*self.left_out)
        # Not select_related: together with a filter on the reference it would leave out rows whose reference has not
        # arrived yet.
        names = self.model_admin.soft_references  # type: ignore[attr-defined]
        return rows.prefetch_related(*(Prefetch(name, self.referred(name)) for name in names))

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page; each knows its reader."""
        super().get_results(request)
        for row in self.result_list:
            read_by(request.user, row)

    def get_ordering_field(self, field_name: Any) -> Any:
        """What to sort by; None without an index, so that an address sorts no list by it, either."""
        return self.model_admin.sorted_by.get(field_name)  # type: ignore[attr-defined]

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> Any:
        """The first column only, and then the key, in the same direction: an index has both so."""
        first, *others = super().get_ordering(request, queryset)
        column = column_of(first)
        if column in (self.model._meta.pk.name, "pk"):
            return [first]
        is_sorted = isinstance(column, OrderBy) or column in self.model_admin.sorted_by.values()  # type: ignore[attr-defined]
        return [first, "-pk" if is_descending(first) else "pk"] if is_sorted else [first, *others]

    def get_ordering_field_columns(self) -> dict[int, Any]:
        """The one column that sorts: Django would mark those that an address names after it, too."""
        return dict([*super().get_ordering_field_columns().items()][:1])

    def referred(self, name: str) -> QuerySet:
        """The mirrored rows that a reference leads to, deleted ones too."""
        return self.model._meta.get_field(name).related_model.all_objects.defer(*DOCUMENTS)  # type: ignore[union-attr]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Browsing only; Stripe is where things are changed."""

    show_full_result_count = False
    #: Facets would count the whole table, once for each choice of each filter.
    show_facets = admin.ShowFacets.NEVER
    paginator = UncountedPaginator
    list_per_page = 50
    changelist: type[ChangeList] = ShortList
    #: Columns that the list has as CSV; () for those of the table.
    csv_names: ClassVar[tuple[str, ...]] = ()
    #: Columns whose exact value the search box finds. Admin's own `=` ignores case, for which there is no index.
    search_fields: ClassVar[tuple[str, ...]] = ()
    #: Columns whose whole text has an address of its own, because a page shows only a part of it.
    text_columns: tuple[str, ...] = ()

    @property
    def sorted_by(self) -> dict[str, Any]:
        """The columns of the list by which it can be sorted -> the column of the table, or the expression.

        An index has it in order, and then the keys.
        """
        return {}

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return [*self.sorted_by]

    @property
    def unfiltered(self) -> frozenset[str]:
        """Columns by which no address filters the list."""
        return frozenset(self.text_columns)

    class Media:
        css = {"all": ["pinax_stripe/admin.css"]}

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        arrange(admin_site)

    @property
    def soft_references(self) -> tuple[str, ...]:
        """References to mirrored rows that the list shows: those of the columns that know theirs."""
        return tuple(column.reference for column in self.list_display if hasattr(column, "reference"))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return self.changelist

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Rows that have exactly this value in one of the columns of `search_fields`, each of which has an index."""
        term = search_term.strip()
        return (queryset.filter(self.found_by(request, term)) if term else queryset), False

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A row that knows its reader."""
        row = super().get_object(request, *args, **kwargs)
        return None if row is None else read_by(request.user, row)

    def found_by(self, request: HttpRequest, term: str) -> Q:
        """What the search box looks for: nothing that the user may not see."""
        return Q(*((name, term) for name in self.get_search_fields(request)), _connector=Q.OR)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Whether an address may filter by a column that some readers do not see: no.

        A user who may filter by parts of a text can find out all of it.
        """
        return lookup.split(LOOKUP_SEP)[0] not in self.unfiltered and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """None: a page shows what `page` returns."""
        return []

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_text"
        view = self.admin_site.admin_view(self.text_view)
        # Below the list, whose filters it follows. No redirect: it is named before the pages of rows.
        listed = self.admin_site.admin_view(self.csv_view)
        return [
            path("csv/", listed, name=f"{self.opts.app_label}_{self.opts.model_name}_csv"),
            path("<path:object_id>/text/<slug:column>/", view, name=name),
            *super().get_urls(),
        ]

    def csv_columns(self, request: HttpRequest) -> list[str]:
        """The columns that the list has as CSV: those that the user may see of any row."""
        names = self.csv_names or exported_columns(self.model)
        return [name for name in names if name not in self.unfiltered]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """All rows of the list with its filters and its order, as CSV."""
        sites.enter(self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return csv_response(rows, self.csv_columns(request))

    def has_text_permission(self, request: HttpRequest, row: Any) -> bool:
        """Whether the user may read the texts of a row that they may view."""
        return True

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        sites.enter(self.admin_site)
        return super().changelist_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        sites.enter(self.admin_site)
        return super().changeform_view(request, *args, **kwargs)

    def text_view(self, request: HttpRequest, object_id: str, column: str) -> HttpResponse:
        """The whole text of a column, secrets masked, as plain text."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row) or (
            row is not None and not self.has_text_permission(request, row)
        ):
            raise PermissionDenied
        if row is None or column not in self.text_columns:
            raise Http404
        # A lone surrogate, which JSON allows, has no bytes.
        content = plain_text(getattr(row, column)).encode(errors="backslashreplace")
        headers = {"X-Content-Type-Options": "nosniff"}
        return HttpResponse(content, content_type="text/plain; charset=utf-8", headers=headers)

    def page(self, request: HttpRequest, obj: Any) -> Page:
        """What the page of a row shows."""
        raise NotImplementedError

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> Any:  # type: ignore[override]
        page = self.page(request, kwargs["obj"])
        context.update(page=page, title=page.title, subtitle=page.subtitle)
        return super().render_change_form(request, context, **kwargs)


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    """Whether staff may see rows of another table on the page of this one."""
    return permissions.may_view(request.user, model)
