"""Who may view one table does not see on its pages what others hold."""

import itertools

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.models.customers import USER_METADATA_KEY, checkout_reference, user_reference
from pinax.stripe.models.events import EventStep
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_event, build_object, post_event

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = "Jenny-Rosen"
EMAIL = "jenny@example.com"
USER = "the-user-of-jenny"


def tell_all(event, **kwargs):
    """A receiver that fails with all it knows."""
    raise ValueError(f"cannot greet {event.object}")


@pytest.fixture
def receiver():
    every_event.connect(tell_all)
    yield
    every_event.disconnect(tell_all)


@pytest.fixture
def life(client, fake_stripe, receiver, django_user_model):
    """A customer with a user; events of it that are genuine, failed, refused for another content, and no events."""
    stripe = fake_stripe
    user = django_user_model.objects.create_user(USER)
    metadata = {USER_METADATA_KEY: user_reference(user)}
    stripe.create("customer", id="cus_1", name=PERSON, email=EMAIL, metadata=metadata)
    stripe.create("invoice", id="in_1", customer="cus_1", customer_name=PERSON, customer_email=EMAIL)
    stripe.create("checkout.session", id="cs_test_1", customer="cus_1", customer_details={"name": PERSON})
    session = stripe.get("cs_test_1")
    stripe.emit("checkout.session.completed", session)
    # A type without a table of its own.
    holder = {"account_holder": {"type": "customer", "customer": "cus_1"}, "display_name": PERSON}
    stripe.emit("financial_connections.account.created", build_object("financial_connections.account", **holder))
    embedding = build_object("product", id="prod_1", surprise={"object": "customer", "id": "cus_1", "name": PERSON})
    stripe.emit("product.updated", embedding)
    stripe.deliver_to(client)
    other = stripe.emit("customer.updated", {**stripe.get("cus_1"), "phone": "1"})
    post_event(client, {**other, "data": {"object": {**other["data"]["object"], "name": f"{PERSON} forged"}}})
    post_event(client, f"{PERSON} is no JSON")
    post_event(client, {"name": PERSON})
    event = models.Event.objects.genuine().get(kind="customer.created")
    for kind, data in (("ignored", {"reason": PERSON}), ("postponed", {"reason": PERSON, "seconds": 5})):
        EventStep.objects.create(event=event, kind=kind, data={"receiver": "shop.paid", **data})
    EventStep.objects.create(event=event, kind="again", data={"by": "some-colleague"})
    return stripe


@pytest.fixture
def staff(client, django_user_model):
    """Log in as a user with these permissions."""
    numbers = itertools.count()

    def log_in(*names):
        user = django_user_model.objects.create_user(f"viewer-{next(numbers)}", is_staff=True)
        user.user_permissions.add(*Permission.objects.filter(codename__in=names))
        assert len(names) == user.user_permissions.count()
        client.force_login(user)
        return client

    return log_in


def list_of(model, **query):
    address = reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")
    return address + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def page_of(row):
    return reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quote(row.pk)])


def html_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    # Addresses may wrap.
    return response.content.decode().replace("<wbr>", "")


def addresses():
    """Every page on which events, and what failed with them, can be seen."""
    rows = [*models.Event.objects.all(), *models.EventProcessingException.objects.all()]
    lists = [list_of(models.Event), list_of(models.EventProcessingException), list_of(models.CatchUp)]
    return [*lists, *(page_of(row) for row in rows), reverse("admin:pinax_stripe_event_overview")]


SECRETS = (PERSON, EMAIL, USER)


def test_events_do_not_show_customers_to_those_who_may_not_view_them(life, staff):
    client = staff("view_event", "view_eventprocessingexception", "view_catchup", "view_product")
    shown = {address: html_of(client, address) for address in addresses()}
    assert len(shown) > 12
    assert [(address, secret) for address, html in shown.items() for secret in SECRETS if secret in html] == []
    page = html_of(client, page_of(models.Event.objects.get(kind="customer.created")))
    assert "What the event says is shown to staff" in page
    assert "ValueError" in page


def test_staff_who_may_view_customers_see_what_events_say(life, staff):
    client = staff("view_event", "view_eventprocessingexception", "view_customer")
    for event in models.Event.objects.filter(object_type__in=("customer", "financial_connections.account", "")):
        assert PERSON in html_of(client, page_of(event)), event
    assert EMAIL in html_of(client, list_of(models.Event))
    assert PERSON in html_of(client, list_of(models.EventProcessingException))
    exception = models.EventProcessingException.objects.get(event__kind="customer.created")
    assert PERSON in html_of(client, page_of(exception))


@pytest.mark.parametrize(
    ("kind", "permission"),
    [
        ("invoice.created", "view_invoice"),
        ("customer.created", "view_customer"),
        ("checkout.session.completed", "view_checkoutsession"),
        ("financial_connections.account.created", "view_customer"),
    ],
)
def test_what_an_event_says_is_for_those_who_may_view_what_it_is_about(life, staff, kind, permission):
    event = models.Event.objects.get(kind=kind)
    others = {"view_customer", "view_invoice", "view_charge", "view_checkoutsession"} - {permission}
    assert PERSON not in html_of(staff("view_event", *others), page_of(event))
    assert PERSON in html_of(staff("view_event", permission), page_of(event))


def test_the_whole_text_is_for_those_who_may_see_its_beginning(life, staff):
    event = models.Event.objects.get(kind="customer.created")
    exception = models.EventProcessingException.objects.get(event=event)
    texts = {
        reverse(f"admin:pinax_stripe_{row._meta.model_name}_text", args=[row.pk, column])
        for row, columns in (
            (event, ("webhook_message", "validated_message", "difference", "body")),
            (exception, ("traceback",)),
        )
        for column in columns
    }
    client = staff("view_event", "view_eventprocessingexception")
    for address in texts:
        response = client.get(address)
        assert response.status_code in (200, 403)
        assert PERSON not in response.content.decode()
    client = staff("view_event", "view_eventprocessingexception", "view_customer")
    assert sum(PERSON in html_of(client, address) for address in texts) == 4  # The messages do not differ.


def test_an_object_with_a_whole_customer_in_it_needs_the_permission_for_both(life, staff):
    event = models.Event.objects.get(kind="product.updated")
    assert PERSON not in html_of(staff("view_event", "view_product"), page_of(event))
    assert PERSON not in html_of(staff("view_event", "view_customer"), page_of(event))
    assert PERSON in html_of(staff("view_event", "view_product", "view_customer"), page_of(event))


def test_a_forgery_is_judged_by_both_of_its_messages(client, life, staff):
    """It claims to be about a product; what Stripe has under the id is about the customer."""
    genuine = models.Event.objects.get(kind="customer.created")
    models.Event.objects.filter(pk=genuine.pk).update(object_type="product")
    assert PERSON not in html_of(staff("view_event", "view_product"), page_of(genuine))


def test_an_email_address_finds_no_events_for_those_who_may_not_view_customers(life, staff):
    search = list_of(models.Event, q=EMAIL)
    assert "cus_1" not in html_of(staff("view_event"), search)
    assert "cus_1" in html_of(staff("view_event", "view_customer"), search)


def test_the_customer_of_a_row_is_shown_by_id_to_those_who_may_not_view_customers(life, staff):
    client = staff("view_invoice", "view_event")
    html = html_of(client, list_of(models.Invoice))
    assert "cus_1" in html
    assert EMAIL not in html
    assert "/customer/cus" not in html
    assert EMAIL in html_of(staff("view_invoice", "view_customer"), list_of(models.Invoice))


def test_the_name_of_a_user_is_for_those_who_may_view_users(life, staff):
    customer = models.Customer.objects.get()
    assert customer.user.get_username() == USER
    for address in (list_of(models.Customer), page_of(customer), list_of(models.Customer, q=EMAIL)):
        assert USER not in html_of(staff("view_customer"), address)
        assert USER in html_of(staff("view_customer", "view_user"), address)
    found = list_of(models.Customer, q=USER)
    assert "cus_1" not in html_of(staff("view_customer"), found)
    assert "cus_1" in html_of(staff("view_customer", "view_user"), found)


def test_who_asked_to_process_again_is_told_to_those_who_may_view_users(life, staff):
    page = page_of(models.Event.objects.get(kind="customer.created"))
    assert "some-colleague" not in html_of(staff("view_event"), page)
    assert "some-colleague" in html_of(staff("view_event", "view_user"), page)


def test_what_waits_for_a_customer_is_for_those_who_may_view_events(life, staff):
    page = page_of(models.Customer.objects.get())
    assert "events failed" not in html_of(staff("view_customer"), page)
    assert "failed" in html_of(staff("view_customer", "view_event"), page)


def test_signed_references_are_masked_on_every_page(client, fake_stripe, receiver, admin_client, django_user_model):
    user = django_user_model.objects.create_user(USER)
    stored, carried = user_reference(user), checkout_reference(user)
    fake_stripe.create("customer", id="cus_1", metadata={USER_METADATA_KEY: stored, "copy": stored})
    session = {"client_reference_id": carried, "url": f"https://pay.example.com/?client_reference_id={carried}&x=1"}
    fake_stripe.create("checkout.session", silent=True, id="cs_test_1", customer="cus_1", **session)
    fake_stripe.emit("checkout.session.completed", "cs_test_1")
    fake_stripe.deliver_to(client)
    post_event(client, build_event("customer.updated", build_object("customer", metadata={USER_METADATA_KEY: stored})))
    post_event(client, f"no JSON {carried}")
    customer = models.Customer.objects.get()
    assert customer.user == user
    for address in [*addresses(), page_of(customer), list_of(models.Customer)]:
        html = html_of(admin_client, address)
        assert stored not in html
        assert carried not in html
    assert USER_METADATA_KEY in html_of(admin_client, page_of(customer))


@pytest.mark.parametrize("column", ["body", "webhook_message", "validated_message", "difference", "headers"])
def test_no_filter_in_an_address_tells_what_an_event_says(life, staff, column):
    """Who may ask for a part of a text finds out all of it, letter by letter."""
    client = staff("view_event", "view_eventprocessingexception")
    for lookup in ("contains", "icontains", "startswith", "regex"):
        assert client.get(list_of(models.Event, **{f"{column}__{lookup}": "x"})).status_code == 400
    assert client.get(list_of(models.Event, explanation__contains="x")).status_code == 400
    for exception in ("message", "traceback"):
        address = list_of(models.EventProcessingException, **{f"{exception}__contains": PERSON})
        assert client.get(address).status_code == 400
    event = models.Event.objects.get(kind="customer.created")
    html_of(client, list_of(models.EventProcessingException, event__id__exact=event.pk))
    assert client.get(list_of(models.Event, kind__exact="x")).status_code == 200
