"""The page of Stripe's lists: how far the last run is, what Stripe does not give, and a button for a task queue."""

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from pinax.stripe.backfill import engine
from pinax.stripe.backfill.runs import Scope
from pinax.stripe.models import Customer
from tests.admin import queue

pytestmark = pytest.mark.django_db(transaction=True)
URL = reverse("admin:pinax_stripe_event_lists")


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_API_RATE = 10_000
    for number in range(3):
        fake_stripe.create("customer", silent=True, id=f"cus_{number}")
    return fake_stripe


@pytest.fixture
def queued(settings):
    settings.PINAX_STRIPE_SYNC_DISPATCH = "tests.admin.queue.sync"
    queue.QUEUE.clear()
    return queue.QUEUE


def text(client):
    return client.get(URL).content.decode()


def test_staff_see_that_the_lists_were_never_read(admin_client):
    page = text(admin_client)
    assert "Stripe&#x27;s lists were never read." in page
    assert "No event tells of it." in page
    assert "To read everything, run this command:" in page
    assert "http-equiv" not in page


def test_a_run_shows_how_far_it_is_and_the_page_comes_again_by_itself(admin_client, stripe):
    steps = engine.fill(Scope(object_types=("customer", "charge")))
    next(steps)
    page = text(admin_client)
    assert "1 of 3 lists are read: 3 objects so far." in page
    assert 'http-equiv="refresh"' in page
    assert '<progress value="1" max="3">' in page
    assert "Go on reading" not in page
    list(steps)
    page = text(admin_client)
    assert "3 of 3 lists are read: 3 objects. It ended" in page
    assert "http-equiv" not in page


def test_a_run_tells_how_much_is_left_of_lists_that_were_read_before(admin_client, stripe):
    list(engine.fill(Scope(object_types=("customer", "charge"))))
    for _ in range(110):
        stripe.create("customer", silent=True)
    list(engine.fill(Scope(object_types=("customer",), is_full=True)))
    steps = engine.fill(Scope(object_types=("customer", "charge"), is_full=True))
    next(steps)
    assert "About 13 objects are left in 3 lists." in text(admin_client)
    assert "Stripe does not say" not in text(admin_client)
    list(steps)
    assert "are left in" not in text(admin_client)


def test_lists_that_stripe_does_not_give_are_named_with_its_words(admin_client, stripe):
    stripe.fail("/v1/charges", 403, times=None, body={"error": {"type": "invalid_request_error", "message": "No."}})
    list(engine.fill(Scope(object_types=("customer", "charge"))))
    page = text(admin_client)
    assert "Stripe does not give it:" in page
    assert "No." in page
    assert "2 of 3 lists are read" in page


def test_a_button_has_a_worker_read_where_there_is_a_queue(admin_client, stripe, queued):
    assert "Read everything at Stripe" in text(admin_client)
    answer = admin_client.post(URL, follow=True)
    assert queued == [0]
    assert "as soon as one is free" in answer.content.decode()


def test_the_task_of_django_reads_the_lists(admin_client, stripe, settings):
    pytest.importorskip("pinax.stripe.tasks")
    settings.PINAX_STRIPE_DISPATCH = "pinax.stripe.tasks.enqueue"
    admin_client.post(URL)
    assert Customer.objects.count() == 3
    assert "lists are read: 4 objects." in text(admin_client)  # One is the balance.


def test_without_a_queue_there_is_the_command(admin_client, stripe):
    page = text(admin_client)
    assert "manage.py stripe_sync" in page
    assert 'type="submit"' not in page.split("stripe-state")[1]
    assert admin_client.post(URL).status_code == 403


def test_only_staff_who_may_change_events_start_a_run(client, django_user_model, queued):
    user = django_user_model.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(user)
    assert client.post(URL).status_code == 403
    assert queued == []
    assert 'type="submit"' not in text(client).split("stripe-state")[1]
    client.force_login(django_user_model.objects.create_user("stranger", is_staff=True))
    assert client.get(URL).status_code == 403


def test_the_overview_leads_to_the_lists(admin_client, stripe, django_assert_max_num_queries):
    overview = reverse("admin:pinax_stripe_event_overview")
    page = admin_client.get(overview).content.decode()
    assert f'href="{URL}"' in page, "a new project is who needs it"
    assert page.split("lists were read")[1].split("</a>")[0].count("never") == 1
    call_command("stripe_sync", "customer", stdout=StringIO(), verbosity=0)
    page = admin_client.get(overview).content.decode()
    assert f'href="{URL}"' in page
    assert "never" not in page.split("lists were read")[1].split("</a>")[0]
    with django_assert_max_num_queries(10):
        admin_client.get(URL)
