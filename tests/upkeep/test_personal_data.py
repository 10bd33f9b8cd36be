"""What counts as personal, attribute by attribute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.upkeep.personal_data import scrub


@pytest.mark.parametrize(
    "name",
    [
        "name", "email", "phone", "address", "description", "ip", "fingerprint", "last4", "exp_year", "receipt_email",
        "customer_name", "billing_address", "address_line1", "account_holder_name", "first_name", "client_secret",
        "evidence", "custom_fields", "tomorrows_email", "name_of_the_cat", "customer_purchase_ip", "tracking_number",
    ],
)  # fmt: skip
def test_what_is_about_a_person_goes_with_all_below_it_and_the_shape_stays(name):
    assert scrub({name: "x"}) == {name: None}
    assert scrub({"a": [{name: {"b": "x", "c": 1, "d": {"e": True}}}]}) == {
        "a": [{name: {"b": None, "c": None, "d": {"e": None}}}]
    }
    assert scrub({name: ["x"]}) == {name: []}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "cus_1"), ("id", "jo@example.com"), ("customer", "jo@example.com"), ("amount", 5), ("currency", "eur"),
        ("status", "paid"), ("created", 1_700_000_000), ("payment_method_types", ["card", "link"]),
        ("invoice", "in_1"), ("refund_status", "paid"), ("api_version", "2020-08-27"),
        ("url", "/v1/customers/cus_1/sources"), ("metadata", {"email": "jo@example.com"}), ("shipping_cost", 3),
        ("username_required", True), ("client_reference_id", "5"), ("type", "card"), ("livemode", False),
    ],
)  # fmt: skip
def test_everything_else_stays(name, value):
    assert scrub({name: value}) == {name: value}


@pytest.mark.parametrize(
    "value", ["jo@example.com", "written by jo@localhost today", "203.0.113.9", "https://pay.stripe.com/receipts/x"]
)
def test_text_that_tells_something_goes_whatever_it_is_called(value):
    assert scrub({"surprise": value, "more": [value, "paid"], "status": [value, "paid"]}) == {
        "surprise": None,
        "more": [None, None],
        "status": [None, "paid"],
    }


@pytest.mark.parametrize(
    "name", ["reference", "nickname", "number", "message", "receipt_number", "statement_descriptor", "tomorrow", "code"]
)
@pytest.mark.parametrize("value", ["Jenny", "4711", "she is mad", "in_transit", "jenny.rosen", ["Jenny"]])
def test_text_of_attributes_that_are_not_known_to_be_harmless_goes(name, value):
    if name == "code" and value != "she is mad":
        return  # Words that Stripe chooses.
    assert scrub({name: value}) == {name: [None] if isinstance(value, list) else None}


def test_the_numbers_of_documents_stay():
    for kind in ("invoice", "credit_note", "quote"):
        assert scrub({"object": kind, "number": "A-0001"}) == {"object": kind, "number": "A-0001"}


@pytest.mark.parametrize(
    "value", ["pi_3Abc", "acct_1x", "2026-01-02", "2026-01-02T03:04:05.000Z", "/v1/invoices/in_1/lines"]
)
def test_ids_moments_and_paths_stay_whatever_they_are_called(value):
    assert scrub({"tomorrow": value, "more": [value]}) == {"tomorrow": value, "more": [value]}


@pytest.mark.parametrize(
    "name",
    [
        "dob", "date_of_birth", "birth_date", "birthdate", "birthday", "dateOfBirth", "birth_year", "dob_verified_on",
        "place_of_birth", "born_on", "Birthday", "customer_dob", "age", "issued_date", "expiration_date",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "value", ["1990-01-01", "1990-01-01T00:00:00Z", 631_152_000, 1990, {"on": 1, "in": "1990-01-01"}]
)
def test_when_a_person_was_born_goes_however_it_is_named_and_written(name, value):
    gone = dict.fromkeys(value) if isinstance(value, dict) else None
    assert scrub({"seen": [{name: value}]}) == {"seen": [{name: gone}]}


def test_days_of_people_and_documents_go_wherever_they_stand():
    day = {"day": 1, "month": 2, "year": 1990}
    gone = dict.fromkeys(day)
    assert scrub({"document": {"tomorrows": day, "more": [day, {"month": 2, "year": 1990}]}}) == {
        "document": {"tomorrows": gone, "more": [gone, {"month": None, "year": None}]}
    }


@pytest.mark.parametrize(
    "data", [{"month": 5}, {"day_of_month": 1, "month": 5}, {"average": 5, "usage_age_limit": 5}, {"created": 1990}]
)
def test_numbers_of_days_and_ages_that_are_not_personal_stay(data):
    assert scrub(data) == data


def test_words_that_look_like_ids_are_none():
    assert scrub({"tomorrow": ["card_present", "in_transit", "pi_1_secret_x"]}) == {"tomorrow": [None, None, None]}


@pytest.mark.parametrize("kind", ["plan", "price", "product", "coupon", "tax_rate"])
def test_the_catalogue_stays(kind):
    line = {"price": {"object": kind, "name": "Gold", "description": "All of it"}, "description": "For Jo"}
    assert scrub(line) == {**line, "description": None}


def test_the_value_of_a_tax_id_goes_and_so_does_any_other():
    assert scrub({"object": "tax_id", "value": "DE1"}) == {"object": "tax_id", "value": None}
    assert scrub({"object": "other", "value": "DE1"}) == {"object": "other", "value": None}


def test_metadata_goes_if_asked_for_with_its_keys():
    data = {"metadata": {"jo@example.com": "yes"}, "client_reference_id": "jo", "amount": 1}
    assert scrub(data, own=True) == {"metadata": {}, "client_reference_id": None, "amount": 1}


NAMES = st.sampled_from(["name", "id", "object", "metadata", "amount", "data", "price", "surprise", "email"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["a@b", "price", "1.2.3.4"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_scrubbing_any_json_twice_is_scrubbing_it_once(value, own):
    once = scrub(value, own=own)
    assert scrub(once, own=own) == once
