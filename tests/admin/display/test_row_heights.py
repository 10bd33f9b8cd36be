"""In a real browser, 1280 pixels wide and beside the admin's side bar, a row of a list is two lines."""

import html
import json
import re
import subprocess
from pathlib import Path

import django
import pytest
from django.urls import reverse

import pinax.stripe.conf
from pinax.stripe import models
from pinax.stripe.models.mirror import MirroredObject
from tests.screenshots import browser

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.skipif(browser.find() is None, reason="no Chromium on the path"),
]
STATIC = [
    Path(django.__file__).parent / "contrib/admin/static",
    Path(pinax.stripe.conf.__file__).parent / "static",
]
#: Two lines and the space around them, in pixels.
TWO_LINES = 60
#: Three on a phone, where no line is higher than a badge.
THREE_LINES = 80
MEASURE = """
const rows = [...document.querySelectorAll("#result_list tbody tr")];
const ids = [...document.querySelectorAll("#result_list .field-what .stripe-id")];
const results = document.querySelector(".results");
document.body.dataset.measured = JSON.stringify({
    sidebar: document.getElementById("nav-sidebar").getBoundingClientRect().width,
    heights: rows.map(row => row.getBoundingClientRect().height),
    pieces: ids.map(id => id.getClientRects().length),
    cut: ids.map(id => id.getBoundingClientRect().right - id.closest("th, td").getBoundingClientRect().right),
    missing: results.scrollWidth - results.clientWidth,
});
"""
TABLES = sorted(MirroredObject.__subclasses__(), key=lambda model: model.__name__)
LONG = "A customer's rather long name that is too long for a column of a table"
#: Values of columns as long as they come.
VALUES = {
    "email": "wolfeschlegelsteinhausen.bergerdorff@department.example.com",
    "name": LONG,
    "nickname": LONG,
    "description": LONG,
    "number": "SHOP-2026-000123456",
    "status": "past_due",
    "failure_code": "card_declined",
    "reason": "requested_by_customer",
    "type": "us_bank_account",
    "brand": "cartes_bancaires",
    "last4": "4242",
    "currency": "usd",
    "amount": 123456,
    "amount_refunded": 123456,
    "amount_received": 123456,
    "amount_paid": 123456,
    "amount_remaining": 123456,
    "unit_amount": 123456,
    "total": 123456,
    "balance": -123456,
    "quantity": 1000,
    "interval": "month",
    "duration": "repeating",
    "exp_year": 2020,
    "exp_month": 1,
    "percent_off": "12.3456",
    "max_redemptions": 10_000,
    "times_redeemed": 9_999,
    "cancel_at_period_end": True,
    "current_period_end": "2026-09-30T00:00Z",
}
PREFIXES = {"customer": "cus", "subscription": "sub", "invoice": "in", "product": "prod", "price": "price"}


def stripe_id(model):
    return f"{PREFIXES.get(model._meta.model_name, 'obj')}_1MowQVLkdIwHu7ixeraBm864"


def fill(model, account=""):
    """A row whose columns are long and whose references have come, unless it is of a connected account."""
    columns = {column.name: column for column in model._meta.concrete_fields}
    values = {name: value for name, value in VALUES.items() if name in columns}
    references = {
        column.attname: f"{account}/{stripe_id(column.related_model)}".lstrip("/")
        for column in columns.values()
        if column.is_relation and issubclass(column.related_model, MirroredObject)
    }
    moments = dict.fromkeys(("as_of", "as_of_end", "created_at"), "2026-09-30T22:59Z")
    key = stripe_id(model)
    own = {"id": f"{account}/{key}".lstrip("/"), "stripe_id": key, "stripe_account": account, "livemode": False}
    return model.all_objects.create(**values, **references, **moments, **own)


def standalone(text, folder):
    """A page as a file, with what it loads from the disk, and what it measures in an attribute of its body."""

    def on_disk(match):
        found = next((path for path in (root / match[2] for root in STATIC) if path.exists()), None)
        return f'{match[1]}="{found.as_uri()}"' if found else match[0]

    text = re.sub(r'(href|src)="/static/([^"]+)"', on_disk, text)
    path = folder / "page.html"
    script = f"<script>window.addEventListener('load', () => {{{MEASURE}}});</script></body>"
    path.write_text(text.replace("</body>", script), encoding="utf-8")
    return path


def measured(client, url, folder, *, width=1280):
    """What a browser measures on a page."""
    path = standalone(client.get(url).content.decode(), folder)
    command = [browser.find(), *browser.OPTIONS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},1000"]
    command += ["--allow-file-access-from-files", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = re.search(r'data-measured="([^"]+)"', done.stdout)
    assert found, done.stderr
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_row_is_two_lines_with_the_id_in_one_piece(admin_client, model, tmp_path):
    for table in TABLES:
        fill(table)
    fill(model, "acct_1MowQVLkdIwHu7ix")
    url = reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")
    found = measured(admin_client, url, tmp_path)
    assert found["sidebar"] > 200
    assert len(found["heights"]) == 2
    assert max(found["heights"]) <= TWO_LINES, found
    assert found["pieces"] == [1, 1]
    assert max(found["cut"]) <= 0, found
    assert found["missing"] <= 0, found


#: Those that staff look for most.
ON_A_PHONE = (
    *(models.Charge, models.Customer, models.Dispute, models.Invoice, models.PaymentIntent, models.Payout),
    *(models.Refund, models.Subscription),
)


@pytest.mark.parametrize("model", ON_A_PHONE, ids=lambda model: model.__name__)
def test_a_row_is_three_lines_on_a_phone(admin_client, model, tmp_path):
    for table in TABLES:
        fill(table)
    url = reverse(f"admin:pinax_stripe_{model._meta.model_name}_changelist")
    # A headless browser has no window that is less wide.
    found = measured(admin_client, url, tmp_path, width=500)
    assert max(found["heights"]) <= THREE_LINES, found
    assert max(found["cut"]) <= 0, found
    assert found["missing"] <= 0, found


def test_a_row_of_an_event_is_two_lines(admin_client, tmp_path):
    fill(models.Customer)
    customer = stripe_id(models.Customer)
    for valid, reason in ((True, ""), (False, "signature_mismatch"), (None, "key_refused")):
        models.Event.objects.create(
            stripe_id=f"evt_{reason}",
            kind="customer.subscription.pending_update_applied",
            object_id="sub_1MowQVLkdIwHu7ixeraBm864",
            customer_id=customer,
            livemode=False,
            valid=valid,
            reason=reason,
        )
    found = measured(admin_client, reverse("admin:pinax_stripe_event_changelist"), tmp_path)
    assert len(found["heights"]) == 3
    assert max(found["heights"]) <= TWO_LINES, found
    assert found["missing"] <= 0, found
