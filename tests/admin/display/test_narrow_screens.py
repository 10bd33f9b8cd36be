"""What pages need in order to be read on a phone: names that wrap, and cells that know their column."""

import pytest
from django.urls import reverse
from django.utils.safestring import mark_safe

from pinax.stripe import models
from pinax.stripe.admin.display.line_breaks import breakable
from pinax.stripe.templatetags.pinax_stripe_admin import labelled
from pinax.stripe.testing import post_event


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice.paid", "invoice.<wbr>paid"),
        ("customer.updated:shop.tell_all", "customer.<wbr>updated:<wbr>shop.<wbr>tell_<wbr>all"),
        ("jenny@example.com", "jenny@<wbr>example.<wbr>com"),
        ("<a.b>", "&lt;a.<wbr>b&gt;"),
        ("evt_1NG8Du2eZvKYlo2C of sub_a1", "evt_1NG8Du2eZvKYlo2C of sub_a1"),
        # Neither numbers nor sentences are names.
        ("1,234.56 USD at 11:23", "1,234.56 USD at 11:23"),
        ("It is done. See below.", "It is done. See below."),
    ],
)
def test_long_names_wrap_behind_their_parts(text, shown):
    assert breakable(text) == shown


def test_what_is_no_text_or_html_already_does_not_change():
    link = mark_safe('<a href="/a.b/">a.b</a>')
    assert breakable(link) is link
    assert breakable(5) == 5


def test_cells_are_labelled_unless_they_are_boxes_or_empty():
    headers = [
        {"text": mark_safe('<input type="checkbox">'), "class_attrib": ' class="action-checkbox-column"'},
        {"text": 'a "title"', "class_attrib": ' class="column-what"'},
        {"text": "debt", "class_attrib": ""},
    ]
    box = mark_safe('<td class="action-checkbox"><input></td>')
    row = [
        box,
        mark_safe('<th class="field-what"><a href="?a=b">It</a></th>'),
        mark_safe('<td class="field-debt">-</td>'),
    ]
    assert list(labelled([row], headers)) == [
        [
            box,
            '<th class="field-what" data-label="A &quot;title&quot;"><div><a href="?a=b">It</a></div></th>',
            '<td class="field-debt" data-nothing><div>-</div></td>',
        ]
    ]


@pytest.mark.django_db(transaction=True)
def test_each_cell_of_a_list_bears_the_name_of_its_column(client, admin_client, fake_stripe):
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com")
    fake_stripe.create("invoice", id="in_1", customer="cus_1", number="SHOP-1", status="open")
    for event in fake_stripe.events:
        post_event(client, event)
    invoices = admin_client.get(reverse("admin:pinax_stripe_invoice_changelist")).content.decode()
    for name in ("What", "Status", "Customer", "Total", "Created"):
        assert f'data-label="{name}"><div>' in invoices
    assert (
        'data-label="Total"><div>20.00 USD<br><span class="stripe-muted stripe-line">20.00 USD due</span>' in invoices
    )
    assert models.Event.objects.count() == 2
    events = admin_client.get(reverse("admin:pinax_stripe_event_changelist")).content.decode()
    assert events.count('data-label="Recorded at"') == 2
    assert events.count('name="_selected_action"') == 2
