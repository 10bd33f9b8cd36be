"""The addresses: `path("stripe/", include("pinax.stripe.urls"))`."""

from django.urls import path

from .upkeep.health import HealthView
from .views import WebhookView

# Stripe follows no redirects, so the address answers with and without the slash.
urlpatterns = [
    path("webhook/", WebhookView.as_view(), name="pinax_stripe_webhook"),
    path("webhook", WebhookView.as_view()),
    path("health/", HealthView.as_view(), name="pinax_stripe_health"),
]
