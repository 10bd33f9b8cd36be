import pytest

from pinax.stripe.exceptions import SignatureError
from pinax.stripe.webhooks.signatures import sign, verify

BODY = b'{"id": "evt_1"}'


def check(header, *, body=BODY, secrets=("whsec_a", "whsec_b"), now=1000.0):
    verify(body, header, secrets, now=now, tolerance=300)


@pytest.mark.parametrize("secret", ["whsec_a", "whsec_b"])
def test_any_configured_secret_verifies(secret):
    check(sign(BODY, secret, 1000))


def test_one_of_several_signatures_suffices_while_a_secret_is_rotated():
    old, new = sign(BODY, "whsec_old", 1000), sign(BODY, "whsec_a", 1000)
    check(f"{old}, {new.partition(',')[2]}, v0=dummy")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "signature_missing"),
        ("nonsense", "signature_malformed"),
        ("t=1000", "signature_malformed"),
        ("v1=00", "signature_malformed"),
        ("t=now,v1=00", "signature_malformed"),
        ("t=1000,v1=\xff", "signature_mismatch"),
        (sign(BODY, "whsec_other", 1000), "signature_mismatch"),
        (sign(b"{}", "whsec_a", 1000), "signature_mismatch"),
        (sign(BODY, "whsec_a", 699), "signature_expired"),
        (sign(BODY, "whsec_a", 1301), "signature_future"),
    ],
)
def test_a_header_that_does_not_verify_is_refused_with_its_reason(header, code):
    with pytest.raises(SignatureError) as caught:
        check(header)
    assert caught.value.code == code


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_secret_verifies_nothing(blank):
    with pytest.raises(SignatureError, match="none is set"):
        check(sign(BODY, blank, 1000), secrets=[blank])


def test_the_sdk_agrees_with_our_signatures():
    import stripe

    header = sign(BODY, "whsec_a")
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, "whsec_a", 300)
