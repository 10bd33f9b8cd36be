"""What receivers write."""

from django.db import models


class Effect(models.Model):
    """One thing that a receiver did for an event; nothing forbids doing it twice, so that tests can count."""

    receiver = models.CharField(max_length=64)
    event_id = models.CharField(max_length=255)

    class Meta:
        app_label = "shop"


class Tally(models.Model):
    """A number that receivers add to: a lost update or a double run shows in it."""

    name = models.CharField(max_length=255, primary_key=True)
    count = models.IntegerField(default=0)

    class Meta:
        app_label = "shop"
