"""The webhook's address: `path("stripe/", include("pinax.stripe.urls"))`."""

from django.urls import path

from .views import WebhookView

# Stripe follows no redirects, so the address answers with and without the slash.
urlpatterns = [
    path("webhook/", WebhookView.as_view(), name="pinax_stripe_webhook"),
    path("webhook", WebhookView.as_view()),
]
