"""Readings: what they get is what single queries would give, in few queries."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count, Max
from django.test.utils import CaptureQueriesContext

from pinax.stripe import combined_reads, models
from pinax.stripe.combined_reads import NumberOf, Readable, Rows, ask, known, run, together

pytestmark = pytest.mark.django_db
MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 80_900, tzinfo=datetime.timezone.utc)
TEXTS = ("", "Zoë \N{SNOWMAN} 'quoted' \"twice\" \\ %s \n", '{"json": null}', "[1]")


@pytest.fixture
def rows():
    """Rows with every kind of value, and with none."""
    times = {"as_of": MOMENT, "as_of_end": MOMENT, "created_at": MOMENT}
    for number, text in enumerate(TEXTS):
        models.Customer.all_objects.create(
            id=f"cus_{number}", name=text, balance=-(2**60), delinquent=bool(number), metadata={"k": text}, **times
        )
        models.Price.all_objects.create(id=f"price_{number}", unit_amount_decimal=Decimal("0.123456789012"), **times)
        models.Coupon.all_objects.create(id=f"c_{number}", percent_off=Decimal("33.3300"), redeem_by=MOMENT, **times)
        event = models.Event.objects.create(stripe_id=f"evt_{number}", livemode=None, created_at=MOMENT)
        models.EventStep.objects.create(event=event, kind="slow", data={"seconds": 1.5, "said": text, "rows": [[]]})
    models.Customer.all_objects.create(id="cus_blank", as_of=MOMENT, as_of_end=MOMENT)


def wants():
    """Querysets of all kinds."""
    events = models.Event.objects.defer("body", "webhook_message", "validated_message")
    yield from (model.all_objects.order_by("-pk") for model in (models.Customer, models.Price, models.Coupon))
    yield from (events.order_by("pk"), models.EventStep.objects.order_by("-pk")[1:3])
    yield models.Customer.all_objects.only("name", "created_at").order_by("pk")
    yield models.Customer.all_objects.filter(pk__in=[])
    yield models.Customer.all_objects.order_by("-pk").values_list("pk", "delinquent", "created_at", "metadata")
    yield events.order_by("state").values_list("state").annotate(number=Count("*"), last=Max("created_at"))


def values(row):
    """What a row holds, and of which types."""
    found = row if isinstance(row, tuple) else {**row.__dict__, "_state": row._state.db}
    return [
        (name, value, type(value)) for name, value in (found.items() if isinstance(found, dict) else enumerate(found))
    ]


def test_rows_are_those_of_single_queries(rows):
    querysets = [*wants()]
    with CaptureQueriesContext(connection) as context:
        found = ask([Rows(queryset) for queryset in querysets])
    assert len(context.captured_queries) == 1
    for queryset, together_ in zip(wants(), found, strict=True):
        assert [values(row) for row in together_] == [values(row) for row in queryset]


def test_numbers_are_those_of_single_queries(rows):
    customers = models.Customer.all_objects
    with CaptureQueriesContext(connection) as context:
        found = ask([NumberOf(customers.all()), NumberOf(customers.all()[:2]), NumberOf(customers.filter(pk__in=[]))])
    assert (found, len(context.captured_queries)) == ([5, 2, 0], 1)


def test_what_is_wanted_by_itself_has_its_own_query(rows):
    steps = models.EventStep.objects.select_related("event")
    with CaptureQueriesContext(connection) as context:
        found, number = ask([Rows(steps, by_itself=True), NumberOf(models.Event.objects.all())])
        assert [step.event.stripe_id for step in found] == ["evt_0", "evt_1", "evt_2", "evt_3"]
    assert (number, len(context.captured_queries)) == (4, 2)


def test_other_databases_are_asked_one_by_one(rows, monkeypatch):
    monkeypatch.setattr(combined_reads, "DIALECTS", {})
    with CaptureQueriesContext(connection) as context:
        found = ask([Rows(models.Customer.all_objects.order_by("pk")), NumberOf(models.Event.objects.all())])
    assert (next(row.pk for row in found[0]), found[1]) == ("cus_0", 4)
    assert len(context.captured_queries) == 2


def names(model, *, twice=False):
    [first] = yield [Rows(model.all_objects.order_by("pk").values_list("pk")[:1])]
    if not twice:
        return first
    [rest, number] = yield [
        Rows(model.all_objects.filter(pk__gt=first[0][0]).order_by("pk").values_list("pk")),
        NumberOf(model.all_objects.all()),
    ]
    return [*first, *rest][:number]


def test_readings_go_on_in_step(rows):
    nested = together(names(models.Customer, twice=True), known("nothing to ask"))
    with CaptureQueriesContext(connection) as context:
        found = run(together(names(models.Coupon), nested, names(models.Price, twice=True)))
    assert found == [
        [("c_0",)],
        [[("cus_0",), ("cus_1",), ("cus_2",), ("cus_3",), ("cus_blank",)], "nothing to ask"],
        [(f"price_{number}",) for number in range(4)],
    ]
    assert len(context.captured_queries) == 2


def test_no_readings_ask_nothing():
    with CaptureQueriesContext(connection) as context:
        assert run(together()) == []
        assert run(known(7)) == 7
    assert len(context.captured_queries) == 0


def test_a_readable_function_can_be_called_or_joined(rows):
    readable = Readable(names)
    assert readable(models.Coupon) == [("c_0",)]
    assert run(together(readable.reading(models.Coupon))) == [[("c_0",)]]


def test_an_error_reaches_the_caller(rows):
    def broken():
        yield [NumberOf(models.Event.objects.all())]
        raise LookupError("its own")

    with pytest.raises(LookupError, match="its own"):
        run(together(names(models.Coupon, twice=True), broken()))
