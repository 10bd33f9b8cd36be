"""Figures of single days that take too long to count for each view of a page."""

from django.db import models
from django.utils import timezone

from .fields import CurrencyField


class DailyFigure(models.Model):
    """One figure of one day, as `stripe_figures` counted it: of the platform's own objects."""

    class Name(models.TextChoices):
        #: Recurring revenue a month, in minor units of `currency`, as of the last count of the day ...
        RECURRING = "recurring"
        #: ... and how many items of subscriptions, and discounts, in that currency are not in it.
        NOT_COUNTED = "not_counted"
        #: Subscriptions that started on the day, and that ended.
        STARTED = "started"
        ENDED = "ended"

    #: In the project's time zone.
    day = models.DateField()
    name = models.CharField(max_length=20, choices=Name.choices)
    #: "" for what is no money.
    currency = CurrencyField()
    value = models.DecimalField(max_digits=24, decimal_places=2)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # No permissions: staff see it on the overview only.
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "name", "currency"], name="pinax_stripe_figure_of_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name} {self.currency}".strip()
