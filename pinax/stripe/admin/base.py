"""What the pages share: nothing can be changed by hand, and lists stay quick on millions of rows."""

import json
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString


class UncountedPaginator(Paginator):
    """Counts no further than people page: a full count of a large table takes longer than the page is worth."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.object_list[: self.most].count()  # type: ignore[union-attr]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Browsing only; Stripe is where things are changed."""

    show_full_result_count = False
    paginator = UncountedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def as_json(value: Any) -> SafeString:
    """JSON that can be read."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre style="white-space:pre-wrap;max-height:40em;overflow:auto">{}</pre>', text)


def other_fields(model: type[models.Model], *, without: tuple[str, ...]) -> list[str]:
    """Names of a model's fields but some."""
    return [field.name for field in model._meta.concrete_fields if field.name not in without]
