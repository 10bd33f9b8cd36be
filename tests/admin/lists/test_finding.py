"""Finding rows in a list: filters, the search by parts of what people know, and the order."""

import datetime
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe import models
from pinax.stripe.admin import filters
from pinax.stripe.admin.display.links import list_url
from pinax.stripe.admin.objects import customers as customers_admin
from pinax.stripe.admin.objects import default
from tests.benchmarks.pages import sorted_columns, sorted_queries
from tests.benchmarks.tables import TABLES, fill
from tests.plans import captured, explained, visited

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)

OPEN = {"status": "open", "amount_remaining": 5}


def mirror(model, key, **columns):
    defaults = {"stripe_id": key, "as_of": NOW, "as_of_end": NOW, "created_at": NOW, "livemode": True}
    return model.all_objects.create(id=key, **{**defaults, **columns})


def listed(client, name, **query):
    """The keys of the rows that a list shows, in its order."""
    response = client.get(reverse(f"admin:pinax_stripe_{name}_changelist"), query)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


@pytest.fixture
def customers():
    for name in ("plan", "trial", "due", "ended", "owes", "deleted"):
        mirror(models.Customer, f"cus_{name}", deleted_at=NOW if name == "deleted" else None)
    for name, status in (("plan", "active"), ("trial", "trialing"), ("due", "past_due"), ("deleted", "past_due")):
        mirror(models.Subscription, f"sub_{name}", customer_id=f"cus_{name}", status=status)
    mirror(models.Subscription, "sub_ended", customer_id="cus_ended", status="active", ended_at=NOW)
    for name in ("owes", "deleted"):
        mirror(models.Invoice, f"in_{name}", customer_id=f"cus_{name}", status="open", amount_remaining=5)
    mirror(models.Invoice, "in_paid", customer_id="cus_plan", status="paid", amount_remaining=0)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ("no_plan", {"cus_due", "cus_ended", "cus_owes"}),
        ("past_due", {"cus_due"}),
        ("owes", {"cus_owes"}),
        ("deleted", {"cus_deleted"}),
    ],
)
def test_customers_are_filtered_by_their_situation(admin_client, customers, situation, expected):
    assert set(listed(admin_client, "customer", situation=situation)) == expected


def test_customers_without_a_plan_are_found_however_old_they_are(admin_client, monkeypatch):
    """The list has pages for so many of them; the file has all."""
    monkeypatch.setattr(customers_admin, "MOST_LOOKED_FOR", 60)
    for number in range(70):
        mirror(models.Customer, f"cus_{number:02}")
        mirror(models.Customer, f"cus_new_{number}", created_at="2026-03-05T20:00Z")
        mirror(models.Subscription, f"sub_{number}", customer_id=f"cus_new_{number}", status="active")
    expected = [f"cus_{number:02}" for number in reversed(range(70))]
    assert listed(admin_client, "customer", situation="no_plan") == expected[:50]
    assert listed(admin_client, "customer", situation="no_plan", p=2) == expected[50:60]
    file = admin_client.get(reverse("admin:pinax_stripe_customer_csv"), {"situation": "no_plan"})
    assert len(b"".join(file.streaming_content).splitlines()) == 71


@pytest.mark.parametrize("many", [2, 1_000], ids=["many", "few"])
def test_customers_who_owe_something_are_listed_in_the_order_of_the_list_and_counted(admin_client, monkeypatch, many):
    """Whichever way they are looked for; the list has pages for so many, and the file has all."""
    monkeypatch.setattr(filters, "MANY_OWED", many)
    monkeypatch.setattr(customers_admin, "MOST_LOOKED_FOR", 60)
    for number in range(70):
        mirror(models.Customer, f"cus_{number:02}")
        mirror(models.Customer, f"cus_even_{number:02}")
        for invoice in range(2):
            mirror(models.Invoice, f"in_{number}_{invoice}", customer_id=f"cus_{number:02}", **OPEN)
    mirror(models.Customer, "cus_deleted", deleted_at=NOW)
    mirror(models.Invoice, "in_deleted", customer_id="cus_deleted", **OPEN)
    expected = [f"cus_{number:02}" for number in reversed(range(70))]
    response = admin_client.get(reverse("admin:pinax_stripe_customer_changelist"), {"situation": "owes"})
    assert response.context["cl"].result_count == 60
    assert listed(admin_client, "customer", situation="owes") == expected[:50]
    assert listed(admin_client, "customer", situation="owes", p=2) == expected[50:60]
    file = admin_client.get(reverse("admin:pinax_stripe_customer_csv"), {"situation": "owes"})
    assert len(b"".join(file.streaming_content).splitlines()) == 71


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_of_many_customers_who_owe_something_only_those_around_the_page_are_looked_at(admin_client):
    """One in five owes something."""
    owed = {"status": "CASE WHEN n %% 5 = 1 THEN 'open' ELSE 'paid' END", "amount_remaining": "(n %% 5 = 1)::int"}
    fill(
        30_000,
        tables=(models.Customer, models.Invoice),
        columns={**TABLES, models.Invoice: {**TABLES[models.Invoice], **owed}},
    )
    with CaptureQueriesContext(connection) as context:
        assert len(listed(admin_client, "customer", situation="owes")) == 50
    [page] = [sql for sql in captured(context) if models.Customer._meta.db_table in sql and "COUNT(" not in sql]
    looked_at = {node["Relation Name"]: node for node in explained(page) if "Relation Name" in node}
    assert visited(looked_at[models.Customer._meta.db_table]) == 250
    assert looked_at[models.Invoice._meta.db_table]["Node Type"] == "Index Only Scan"


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_of_customers_who_owe_something_the_count_looks_up_no_others(admin_client, monkeypatch):
    """One in fifty owes something."""
    monkeypatch.setattr(filters, "MANY_OWED", 500)
    monkeypatch.setattr(customers_admin, "MOST_LOOKED_FOR", 100)
    fill(30_000, tables=(models.Customer, models.Invoice))
    with CaptureQueriesContext(connection) as context:
        assert len(listed(admin_client, "customer", situation="owes")) == 50
    table = models.Customer._meta.db_table
    [count] = [sql for sql in captured(context) if table in sql and "COUNT(" in sql]
    assert [visited(node) for node in explained(count) if node.get("Relation Name") == table] == [100]


def test_what_entitles_to_a_plan_is_the_setting(admin_client, customers, settings):
    settings.PINAX_STRIPE_ACTIVE_STATUSES = ("active", "trialing", "past_due")
    assert set(listed(admin_client, "customer", situation="no_plan")) == {"cus_ended", "cus_owes"}


@pytest.mark.parametrize("result", ["failed", "refunded", "disputed"])
def test_charges_are_filtered_by_what_came_of_them(admin_client, result):
    mirror(models.Charge, "ch_failed", status="failed", amount_refunded=0, disputed=False)
    mirror(models.Charge, "ch_refunded", status="succeeded", amount_refunded=1, disputed=False)
    mirror(models.Charge, "ch_disputed", status="succeeded", amount_refunded=0, disputed=True)
    assert listed(admin_client, "charge", result=result) == [f"ch_{result}"]


def test_rows_are_filtered_by_days_of_the_reader_s_zone(admin_client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    for day in range(1, 7):
        mirror(models.Charge, f"ch_{day}", created_at=f"2026-03-0{day}T20:00Z")
    assert listed(admin_client, "charge", since="2026-03-03", until="2026-03-04") == ["ch_3", "ch_2"]
    assert listed(admin_client, "charge", since="2026-03-06") == ["ch_6", "ch_5"]
    assert listed(admin_client, "charge", until="no day", since="2026-03-07") == ["ch_6"]


@pytest.fixture
def people():
    mirror(models.Customer, "cus_1", name="Jenny Rosen", email="jenny@example.com")
    mirror(models.Customer, "cus_2", name="Ada_Lovelace", email="countess@example.com")
    mirror(models.PaymentMethod, "pm_1", customer_id="cus_1", type="card", last4="4242")
    mirror(models.Card, "card_1", customer_id="cus_2", last4="0005")
    mirror(models.Charge, "ch_1", card_last4="4242")
    mirror(models.Invoice, "in_1", number="SHOP-0001")


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("jen", ["cus_1"]),
        ("JENNY R", ["cus_1"]),
        (" Countess@ ", ["cus_2"]),
        ("jenny@example.com", ["cus_1"]),
        ("cus_2", ["cus_2"]),
        ("4242", ["cus_1"]),
        ("0005", ["cus_2"]),
        # Neither the middle, nor what is too short for an index; `_` and `%` stand for themselves.
        ("rosen", []),
        ("je", []),
        ("ada%", []),
        ("ad__lo", []),
        ("\u0664\u0662\u0664\u0662", []),
    ],
)
def test_customers_are_found_by_a_beginning_and_by_the_digits_of_a_card(admin_client, people, term, expected):
    assert listed(admin_client, "customer", q=term) == expected


@pytest.mark.parametrize(
    ("name", "term", "expected"),
    [
        ("charge", "4242", ["ch_1"]),
        ("paymentmethod", "4242", ["pm_1"]),
        ("card", "0005", ["card_1"]),
        ("invoice", "shop-0", ["in_1"]),
        ("invoice", "0001", []),
    ],
)
def test_other_rows_are_found_by_digits_and_numbers(admin_client, people, name, term, expected):
    assert listed(admin_client, name, q=term) == expected


def test_a_beginning_of_very_many_rows_finds_some(admin_client, people, monkeypatch):
    monkeypatch.setattr(default, "MOST_FOUND", 2)
    for number in range(5):
        mirror(models.Invoice, f"in_x{number}", number=f"SHOP-1{number}")
    assert len(listed(admin_client, "invoice", q="shop-1")) == 2


def test_a_project_with_indexes_for_it_finds_any_part(admin_client, people, settings):
    settings.PINAX_STRIPE_SEARCH_INSIDE = True
    assert listed(admin_client, "customer", q="rosen") == ["cus_1"]
    assert listed(admin_client, "invoice", q="0001") == ["in_1"]


def test_digits_of_cards_find_customers_for_staff_who_may_see_cards(client, people, django_user_model):
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_customer"))
    client.force_login(staff)
    assert listed(client, "customer", q="4242") == []
    staff.user_permissions.add(Permission.objects.get(codename="view_paymentmethod"))
    assert listed(client, "customer", q="4242") == ["cus_1"]


def test_a_list_is_sorted_by_the_day_of_creation_both_ways(admin_client):
    for day in (2, 1, 3):
        mirror(models.Charge, f"ch_{day}", created_at=f"2026-03-0{day}T20:00Z")
    url = reverse("admin:pinax_stripe_charge_changelist")
    response = admin_client.get(url)
    [column] = [index for index, name in enumerate(response.context["cl"].list_display) if name == "created"]

    assert f'<a href="?o={column}">Created <span aria-hidden="true">↓</span></a>' in response.content.decode()
    # And the amount.
    assert response.content.decode().count('<th scope="col" class="sortable') == 2
    assert listed(admin_client, "charge", o=column) == ["ch_1", "ch_2", "ch_3"]
    assert listed(admin_client, "charge", o=f"-{column}") == ["ch_3", "ch_2", "ch_1"]
    assert listed(admin_client, "product", o=1) == []


def place_of(client, name, column):
    """The place of a column in a list, as addresses have it; the column is a link to it."""
    response = client.get(reverse(f"admin:pinax_stripe_{name}_changelist"))
    place = response.context["cl"].list_display.index(column)
    assert re.search(rf'<a href="\?o={place}\b', response.content.decode())
    return place


@pytest.mark.parametrize(
    ("model", "column", "name", "values"),
    [
        (models.Charge, "what", "amount", (5, 70, 70, 1_000)),
        (models.Customer, "what", "email", ("", "Bea@example.com", "cleo@example.com", "Dan@example.com")),
        (models.Customer, "name", "name", ("Ada", "ben", "ben", "Cleo")),
        (models.Invoice, "what", "number", ("", "", "A-0001", "a-0002")),
        (models.Payout, "arrival", "arrival_date", ("2026-03-01T00:00Z", "2026-03-02T00:00Z", "2026-03-09T00:00Z")),
        (models.Dispute, "due", "evidence_due_by", ("2026-03-01T00:00Z", "2026-03-02T00:00Z", "2026-03-09T00:00Z")),
    ],
)
def test_a_list_is_sorted_by_what_an_index_has_in_order(admin_client, model, column, name, values):
    """Rows with the same value are in the order of their keys, so that no page has a row of another."""
    for number, value in reversed([*enumerate(values)]):
        mirror(model, f"row_{number}", **{name: value})
    expected = [f"row_{number}" for number in range(len(values))]
    place = place_of(admin_client, model._meta.model_name, column)
    assert listed(admin_client, model._meta.model_name, o=place) == expected
    assert listed(admin_client, model._meta.model_name, o=f"-{place}") == expected[::-1]
    html = admin_client.get(reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist"), {"o": f"{place}.-4"})
    assert html.content.decode().count('<span aria-hidden="true">') == 1


def test_events_are_sorted_by_when_they_were_recorded(admin_client):
    for number in range(3):
        models.Event.objects.create(stripe_id=f"evt_{number}", kind="invoice.paid")
    expected = [*models.Event.objects.order_by("pk").values_list("pk", flat=True)]
    place = place_of(admin_client, "event", "recorded")
    assert listed(admin_client, "event", o=place) == expected
    assert listed(admin_client, "event", o=f"-{place}") == expected[::-1]


def most_visited(nodes):
    """Of how many rows of a table, at most, the nodes of a plan had a look."""
    return max(visited(node) for node in nodes if "Relation Name" in node)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="EXPLAIN of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_no_list_in_an_order_that_it_offers_is_sorted_by_the_database(admin_client):
    """Nor are more rows read than the pages before it have."""
    tables = (models.Charge, models.Customer, models.Dispute, models.Event, models.Invoice, models.Payout)
    fill(5_000, tables=tables)
    found = {}
    for model in tables:
        model_admin = admin.site.get_model_admin(model)
        for query in (query for place in sorted_columns(model_admin) for query in sorted_queries(place, 3)):
            with CaptureQueriesContext(connection) as context:
                assert admin_client.get(list_url(model._meta.model_name, **query)).status_code == 200
            [page] = [sql for sql in captured(context) if "ORDER BY" in sql and f'FROM "{model._meta.db_table}"' in sql]
            nodes = [*explained(page)]
            if any("Sort" in node["Node Type"] for node in nodes) or most_visited(nodes) > 150:
                found[(model.__name__, *query.values())] = [(node["Node Type"], visited(node)) for node in nodes]
    assert found == {}
