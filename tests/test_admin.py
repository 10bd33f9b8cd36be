"""The admin, as staff uses it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.testing import build_event, build_object, post_event

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "pinax_stripe"), key=lambda m: m.__name__
)


@pytest.fixture
def events(client, fake_stripe):
    """A genuine event, a forged one, and garbage."""
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    post_event(client, fake_stripe.events[-1])
    post_event(client, {**fake_stripe.events[-1], "type": "invoice.paid"})
    post_event(client, b"\xff")
    return list(models.Event.objects.order_by("pk"))


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_list_and_page_opens_and_nothing_can_be_changed(admin_client, fake_stripe, model):
    name = model._meta.model_name
    if model is models.Event:
        row = model.objects.create(kind="ping")
    else:
        row = model.all_objects.create(id="acct_1/x y", as_of="2026-01-01T00:00Z", as_of_end="2026-01-01T00:00Z")
    assert admin_client.get(reverse(f"admin:pinax_stripe_{name}_changelist"), {"q": "x y"}).status_code == 200
    page = reverse(f"admin:pinax_stripe_{name}_change", args=[row.pk])
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {}).status_code == 403
    assert admin_client.get(reverse(f"admin:pinax_stripe_{name}_add")).status_code == 403


def test_the_page_of_an_event_says_why_it_was_refused(admin_client, events):
    html = admin_client.get(reverse("admin:pinax_stripe_event_change", args=[events[1].pk])).content.decode()
    assert "Stripe has another event under this id." in html
    assert "differs in: kind." in html


def test_events_are_found_by_their_customer(admin_client, events):
    html = admin_client.get(reverse("admin:pinax_stripe_event_changelist"), {"q": "cus_1"}).content.decode()
    assert events[0].stripe_id in html


@pytest.mark.parametrize(("state", "count"), [("done", 1), ("refused", 2), ("waiting", 0), ("failed", 0)])
def test_events_are_filtered_by_state(admin_client, events, state, count):
    response = admin_client.get(reverse("admin:pinax_stripe_event_changelist"), {"state": state})
    assert len(response.context["cl"].result_list) == count


def test_the_list_costs_few_queries(admin_client, events, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        admin_client.get(reverse("admin:pinax_stripe_event_changelist"))


def test_process_again_needs_the_permission_and_processes(client, admin_client, fake_stripe, django_user_model):
    event = build_event("customer.created", build_object("customer", id="cus_1"))
    post_event(client, event)
    fake_stripe.add_event(event)
    row = models.Event.objects.get()
    assert row.valid is False
    data = {"action": "process_again", "_selected_action": [row.pk]}
    url = reverse("admin:pinax_stripe_event_changelist")
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    client.post(url, data)
    row.refresh_from_db()
    assert not row.processed
    admin_client.post(url, data)
    row.refresh_from_db()
    assert row.processed
