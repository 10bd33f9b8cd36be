"""Where Stripe's objects are read: the collections of its API, and the lists below one object. Pure data."""

import re

from ...catalogue.objects import OBJECT_TYPES

#: Collection in an address -> `object` of what is in it.
COLLECTIONS = {row.path: row.name for row in OBJECT_TYPES.values() if row.path and row.has_id and not row.parents}
#: What a customer can have in `/v1/customers/:id/sources`.
SOURCES = ("card", "bank_account", "source")
#: Collection and list below one of its objects -> `object` of the entries that are embedded in it under that name.
EMBEDDED_LISTS = {
    ("checkout/sessions", "line_items"): "item",
    ("credit_notes", "lines"): "credit_note_line_item",
    ("invoices", "lines"): "line_item",
    ("payment_links", "line_items"): "item",
    ("quotes", "line_items"): "item",
}
#: Collection and list below one of its objects -> `object` of the rows, and their attribute that names the owner ...
BELONGING = {
    ("charges", "refunds"): ("refund", "charge"),
    ("customers", "payment_methods"): ("payment_method", "customer"),
    ("customers", "subscriptions"): ("subscription", "customer"),
    ("customers", "tax_ids"): ("tax_id", "customer"),
}
BELOW = re.compile(r"([^{]+)/{(\w+)}/(\w+)")
#: ... and those that are read nowhere else.
BELONGING |= {
    (found[1], found[3]): (row.name, found[2])
    for row in OBJECT_TYPES.values()
    if row.has_id and (found := BELOW.fullmatch(row.path))
}
#: `object` -> lists that an answer has only when they are asked for with `expand`
#: (https://docs.stripe.com/expand#includable-properties).
INCLUDABLE = {"checkout.session": ("line_items",), "payment_link": ("line_items",), "quote": ("line_items",)}

PART = "([^/]+)"
#: A collection, of which some have a folder in front.
COLLECTION = "((?:{})/[^/]+|[^/]+)".format(
    "|".join(sorted({name.partition("/")[0] for name in COLLECTIONS if "/" in name}))
)
