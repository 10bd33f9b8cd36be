"""Nothing that lets a reader act at Stripe is shown in the admin."""

import pytest

from pinax.stripe.admin.display.json_tree import json_tree, plain_text
from pinax.stripe.admin.display.masking import masked_headers, masked_text
from pinax.stripe.models.customers import USER_METADATA_KEY, checkout_reference, user_reference


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sk_live_51AbCdEf", "sk_live_…"),
        ("sk_test_51AbCdEf", "sk_test_…"),
        ("rk_live_51AbCdEf", "rk_live_…"),
        ("ek_live_YWNjdF8x", "ek_live_…"),
        ("whsec_AbCdEf012345", "whsec_…"),
        ("pi_3Abc_secret_Xyz123", "pi_3Abc_secret_…"),
        ("seti_1_secret_Xyz", "seti_1_secret_…"),
        ("cs_test_a1_secret_Xyz", "cs_test_a1_secret_…"),
        ("Invalid key: sk_live_51AbCdEf.", "Invalid key: sk_live_…."),
        ("sk_org_live_51AbCdEf", "sk_org_live_…"),
        ("key=%22sk_live_51AbCdEf%22", "key=%22sk_live_…%22"),
        (r"b'\nwhsec_AbCdEf012345'", r"b'\nwhsec_…'"),
        ("STRIPE_rk_test_51AbCdEf", "STRIPE_rk_test_…"),
        ("https://x/?k=whsec_AbCdEf012345&a=1", "https://x/?k=whsec_…&a=1"),
    ],
)
def test_secrets_are_cut_to_what_they_are(text, masked):
    assert masked_text(text) == masked


@pytest.mark.parametrize("text", ["cus_123456789", "pk_live_123456", "sk_SK", "risk_level_normal", "task_id_12345", ""])
def test_a_text_without_secrets_stays(text):
    assert masked_text(text) == text


@pytest.mark.parametrize("name", ["client_secret", "secret"])
def test_a_secret_by_its_name_is_masked_whatever_it_looks_like(name):
    html = json_tree({"object": {name: "opaque", "other": "opaque-too"}})
    assert "opaque<" not in html
    assert "opaque-too" in html


@pytest.mark.parametrize("name", ["client_secret", "secret"])
def test_a_secret_that_a_difference_names_by_its_path_is_masked_in_the_plain_text(name):
    entry = {"posted": "opaque", "stripe": "opaque"}
    text = plain_text([{"path": f"data.object.{name}", **entry}, {"path": "data.object.name", "posted": "shown"}])
    assert "opaque" not in text
    assert "shown" in text
    assert name in text


@pytest.mark.parametrize(
    "quoted",
    [
        '{"client_secret": "opaque", "x": "shown"}',
        "ValueError: {'secret': 'opaque', 'x': 'shown'}",
        r'{"x": "{\"client_secret\":\"opaque\"} shown"}',
        '{"client_secret": "opaque… shown',
    ],
)
def test_a_secret_in_json_that_a_text_quotes_is_masked(quoted):
    """As what is long in a difference is, and the data in a traceback."""
    assert "opaque" not in masked_text(quoted)
    assert "client_secret" in masked_text(quoted) or "'secret': '…'" in masked_text(quoted)


def test_a_secret_is_masked_as_a_key_too():
    assert "51AbCdEf" not in json_tree({"sk_live_51AbCdEf": {"id": "sk_live_51AbCdEf"}})


def test_signatures_are_masked_and_their_time_is_not():
    headers = masked_headers({"Stripe-Signature": "t=12,v1=abc,v1=def,v0=ghi", "User-Agent": "Stripe/1.0"})
    assert headers == {"Stripe-Signature": "t=12,v1=…,v1=…,v0=…", "User-Agent": "Stripe/1.0"}


def test_references_to_users_are_masked_wherever_they_stand(django_user_model, settings):
    user = django_user_model(pk=42)
    references = (user_reference(user), checkout_reference(user))
    for reference in references:
        text = f"see {reference}, or ?client_reference_id={reference}&a=1."
        assert masked_text(text) == "see …, or ?client_reference_id=…&a=1."
    settings.SECRET_KEY = "another, after which nothing can be verified"
    for reference in references:
        for name in ("client_reference_id", USER_METADATA_KEY):
            assert reference not in json_tree({name: reference, "other": 1})


@pytest.mark.parametrize("text", [60 * "a", f"in_{50 * 'x'}", 20 * "ab-c_"])
def test_long_words_without_a_signature_stay(text):
    assert masked_text(text) == text


@pytest.mark.parametrize("value", ["order-5", "5", "jenny"])
def test_what_a_project_has_as_client_reference_is_shown(value):
    assert value in json_tree({"client_reference_id": value})
