"""Nothing that lets somebody act at Stripe can be read on a screen."""

import pytest

from pinax.stripe.admin.json_tree import json_tree
from pinax.stripe.admin.secrets import masked_headers, masked_text


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
        ("https://x/?k=whsec_AbCdEf012345&a=1", "https://x/?k=whsec_…&a=1"),
    ],
)
def test_secrets_are_cut_to_what_they_are(text, masked):
    assert masked_text(text) == masked


@pytest.mark.parametrize("text", ["cus_123456789", "pk_live_123456", "sk_SK", "risk_level_normal", "task_id_12345", ""])
def test_other_texts_stay(text):
    assert masked_text(text) == text


@pytest.mark.parametrize("name", ["client_secret", "secret"])
def test_a_secret_by_its_name_is_masked_whatever_it_looks_like(name):
    html = json_tree({"object": {name: "opaque", "other": "opaque-too"}})
    assert "opaque<" not in html
    assert "opaque-too" in html


def test_a_secret_is_masked_as_a_key_too():
    assert "51AbCdEf" not in json_tree({"sk_live_51AbCdEf": {"id": "sk_live_51AbCdEf"}})


def test_signatures_are_masked_and_their_time_is_not():
    headers = masked_headers({"Stripe-Signature": "t=12,v1=abc,v1=def,v0=ghi", "User-Agent": "Stripe/1.0"})
    assert headers == {"Stripe-Signature": "t=12,v1=…,v1=…,v0=…", "User-Agent": "Stripe/1.0"}
