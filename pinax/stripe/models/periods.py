"""Conditions on when something happened."""

import datetime

from django.db.models import Q


def within(column: str, since: datetime.datetime, until: datetime.datetime | None) -> Q:
    """That the time in a column is in a period: from its first moment on, and before the second, if there is one."""
    begun = Q(**{f"{column}__gte": since})
    return begun if until is None else begun & Q(**{f"{column}__lt": until})
