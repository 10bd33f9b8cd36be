"""What the floors write."""

from django.db import models


class Event(models.Model):
    """An event that was posted."""

    stripe_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=255)
    livemode = models.BooleanField()
    message = models.JSONField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "floor"


class Customer(models.Model):
    """The customer whom an event names."""

    stripe_id = models.CharField(max_length=255, unique=True)
    email = models.CharField(max_length=255)
    stripe_data = models.JSONField()

    class Meta:
        app_label = "floor"
