"""Which attributes of Stripe's objects are about people, and how they are taken out. Pure.

The list goes by the names of attributes, because Stripe names the same thing alike everywhere and adds attributes all
the time: what will be called `billing_email` or `card_name` tomorrow is found too. Readers have the list in
docs/how-to/pruning-and-redaction.md.
"""

import re
from typing import Any

from ..sync.values import text

#: Names, or parts between underscores of names, of attributes that go with all that is below them.
PERSONAL_PARTS = (
    "address",
    "email",
    "emails",
    "fingerprint",
    "ip",
    "name",
    "names",
    "phone",
)
#: Whole names of attributes that go with all that is below them.
PERSONAL = frozenset(
    {
        # What somebody wrote.
        "comment",
        "custom_fields",
        "description",
        "product_description",
        "evidence",
        "footer",
        "header",
        "memo",
        "note",
        "notes",
        # Who somebody is.
        "birth_date",
        "dob",
        "gender",
        "id_number",
        "nationality",
        "preferred_locales",
        "ssn_last_4",
        "tax_id",
        "tax_ids",
        "customer_tax_ids",
        "business_vat_id",
        "vat_id",
        "verified_value",
        # What somebody pays with.
        "account_number",
        "bank_code",
        "bic",
        "branch_code",
        "buyer_id",
        "cashtag",
        "dynamic_last4",
        "exp_month",
        "exp_year",
        "iban",
        "iban_last4",
        "iin",
        "last4",
        "payer_id",
        "routing_number",
        "sort_code",
        "swift_code",
        # Where somebody is.
        "city",
        "latitude",
        "line1",
        "line2",
        "longitude",
        "postal_code",
        "region",
        "tracking_number",
        "user_agent",
        # What lets somebody act, or look at pages with all of the above.
        "client_secret",
        "idempotency_key",
        "secret",
    }
)
#: Names that look personal and are the merchant's own.
IMPERSONAL = frozenset({"account_name", "event_name", "plan_name"})
#: Objects of the catalogue: what is sold, not who buys.
CATALOGUE = frozenset({"plan", "price", "product", "coupon", "promotion_code", "shipping_rate", "tax_rate"})
#: Attributes that only some kinds of objects have for people.
PERSONAL_OF = {"tax_id": frozenset({"value"})}
#: Ids, which people can choose for customers, and may have made of an e-mail address.
KEPT = frozenset({"customer", "id"})
#: What projects put there themselves; goes only if asked for.
OWN = frozenset({"metadata", "client_reference_id"})

#: Text that is personal whatever its name: it has an e-mail address or an IP address in it, or is the address of a
#: page, which may show anything.
TELLING = re.compile(r"\S@\S|\d{1,3}(\.\d{1,3}){3}|^https?://")
PARTS = re.compile(rf"(?:.*_)?(?:{'|'.join(PERSONAL_PARTS)})(?:_.*)?")


def scrub(value: Any, *, own: bool = False) -> Any:
    """The same JSON without what is about people; with `own` without what the project itself put there, too.

    Ids, amounts, currencies, statuses and times stay, and so does the shape: what goes becomes null. Scrubbing twice is
    scrubbing once.
    """
    if isinstance(value, list):
        return [scrub(entry, own=own) for entry in value]
    if isinstance(value, dict):
        return scrubbed_object(value, own=own)
    return None if isinstance(value, str) and TELLING.search(value) else value


def scrubbed_object(data: dict[str, Any], *, own: bool) -> dict[str, Any]:
    kind = text(data.get("object"))
    if kind in CATALOGUE:
        return data
    extra = PERSONAL_OF.get(kind, frozenset())
    result = {}
    for name, value in data.items():
        if name in OWN:
            result[name] = emptied_own(value) if own else value
        elif name in KEPT and isinstance(value, str):
            result[name] = value
        elif is_personal(name) or name in extra:
            result[name] = emptied(value)
        else:
            result[name] = scrub(value, own=own)
    return result


def is_personal(name: str) -> bool:
    return name in PERSONAL or (name not in IMPERSONAL and PARTS.fullmatch(name) is not None)


def emptied(value: Any) -> Any:
    """The same shape with nothing in it."""
    if isinstance(value, dict):
        return {name: emptied(entry) for name, entry in value.items()}
    return [] if isinstance(value, list) else None


def emptied_own(value: Any) -> Any:
    """Metadata without its keys, which may say something as well."""
    return {} if isinstance(value, dict) else None
