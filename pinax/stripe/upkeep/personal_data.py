"""Which attributes of Stripe's objects are personal data, and how they are removed. Pure.

Text is removed unless it is known not to be personal: ids, and words that Stripe chooses from a list. So text in
attributes that Stripe adds later is removed, too. Numbers, times and flags stay, unless they stand below an attribute
that is about a person; those are known by the words in their names. Readers have the lists in
docs/how-to/pruning-and-redaction.md.
"""

import re
from typing import Any

from ..catalogue.objects import OBJECT_TYPES, object_type
from ..stripe_values import first_reference, text

#: What the details of an event's step may keep. The rest are addresses, and what receivers, databases and Stripe said.
KEPT_DETAILS = frozenset({"by", "failures", "receiver", "rows", "seconds", "undone", "where"})
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
        # What a person wrote.
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
        # Who a person is.
        "age",
        "gender",
        "document_number",
        "expiration_date",
        "expiry_date",
        "id_number",
        "issue_date",
        "issued_date",
        "nationality",
        "preferred_locales",
        "passport",
        "passport_number",
        "ssn",
        "ssn_last_4",
        "tax_id",
        "tax_ids",
        "customer_tax_ids",
        "business_vat_id",
        "vat_id",
        "verified_value",
        "nationalities",
        # What a person pays with.
        "account_number",
        "bank_code",
        "bic",
        "branch_code",
        "buyer_id",
        "cashtag",
        "dynamic_last4",
        "bank_transaction_id",
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
        # Where a person is.
        "city",
        "latitude",
        "line1",
        "line2",
        "longitude",
        "postal_code",
        "region",
        "tracking_number",
        "user_agent",
        # What lets its reader act, or look at pages with all of the above.
        "client_secret",
        "idempotency_key",
        "secret",
    }
)
#: Ids, which people can choose for customers, and may have made of an e-mail address.
KEPT = frozenset({"customer", "id"})
#: What projects put there themselves; goes only if asked for.
OWN = frozenset({"metadata", "client_reference_id"})

#: Last parts of names whose text is a word that Stripe chooses: `collection_method`, `refund_status`.
WORD_PARTS = (
    "behavior", "brand", "brands", "category", "check", "collection", "countries", "country", "currencies", "currency",
    "discounts", "duration", "exempt", "exemption", "flow", "funding", "indicator", "interval", "level", "method",
    "methods", "mode", "network", "networks", "object", "outcome", "priority", "reason", "reasons", "redisplay",
    "result", "scheme", "source", "status", "type", "types", "update", "updates", "usage", "version",
)  # fmt: skip
#: Whole names of the same kind.
WORD_ATTRIBUTES = frozenset(
    {
        "advice_code", "available", "category_code", "code", "created_by", "customer_creation", "decline_code",
        "feedback", "failure_code", "network_advice_code", "network_decline_code", "payment_method_save", "preferred",
        "reason_code", "round", "service", "tax_code", "three_d_secure", "unit",
    }
)  # fmt: skip
#: Attributes with ids that people choose for what they sell.
CHOSEN = frozenset({"coupon", "plan", "price", "product", "promotion_code", "sku", "tax_rates", "default_tax_rates"})
PLAIN_WORD = re.compile(r"[\w.\-]{1,64}", re.ASCII)
#: A day or a moment, an amount in decimals, an address below Stripe's API.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?|\d{4}-\d\d-\d\d\.[a-z]+")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
DECIMALS = ("_decimal", "exchange_rate")
PATH = re.compile(r"/v\d/[\w/.?=&%\-\[\]]+", re.ASCII)
#: Ids as Stripe makes them. A digit or a capital distinguishes them from words such as `card_present` and `in_transit`.
ID_PREFIXES = sorted(
    {prefix for row in OBJECT_TYPES.values() for prefix in row.id_prefixes} | {"acct_", "evt_", "req_"}
)
ID = re.compile(rf"(?:{'|'.join(ID_PREFIXES)})(?=\w*[0-9A-Z])[A-Za-z0-9]+")
#: Text that is personal wherever it stands: it has an e-mail address or an IP address in it, or is the address of a
#: page, which may show anything.
TELLING = re.compile(r"\S@\S|\d{1,3}(\.\d{1,3}){3}|^https?://")
#: When, and where, a person was born, whatever the name: `date_of_birth`, `birthday`, `birthYear`, `dob_day`.
BIRTH = re.compile(r".*birth.*|(?:.*_)?(?:dob|born)(?:_.*)?", re.IGNORECASE)
#: Stripe writes only days of people and their documents so: when they were born, issued and run out.
DAY = frozenset({"day", "month", "year"})
PERSONAL_NAMES = re.compile(rf"(?:.*_)?(?:{'|'.join(PERSONAL_PARTS)})(?:_.*)?")
WORD_NAMES = re.compile(rf"(?:.*_)?(?:{'|'.join(WORD_PARTS)})")


def scrub(value: Any, *, own: bool = False, name: str = "") -> Any:
    """The same JSON without what is about people; with `own` without what the project itself put there, too.

    Ids, amounts, currencies, statuses and times stay, and so does the shape: what goes becomes null. `name` is the
    attribute whose value it is. Scrubbing twice is scrubbing once.
    """
    if isinstance(value, list):
        return [scrub(entry, own=own, name=name) for entry in value]
    if isinstance(value, dict):
        return scrubbed_object(value, own=own)
    return None if isinstance(value, str) and not may_stay(name, value) else value


def may_stay(name: str, value: str) -> bool:
    """Whether a text tells nothing of a person."""
    if TELLING.search(value):
        return False
    if not value or any(shape.fullmatch(value) for shape in (ID, MOMENT, PATH)):
        return True
    if name.endswith(DECIMALS):
        return DECIMAL.fullmatch(value) is not None
    is_word = name in WORD_ATTRIBUTES or name in CHOSEN or WORD_NAMES.fullmatch(name) is not None
    return is_word and PLAIN_WORD.fullmatch(value) is not None


def is_for_all(data: dict[str, Any]) -> bool:
    """Whether an object is something that is sold to any customer: a promotion code may be for one alone."""
    row = object_type(text(data.get("object")))
    return row.is_for_sale and first_reference(data, row.customer) is None


def scrubbed_object(data: dict[str, Any], *, own: bool) -> dict[str, Any]:
    kind = text(data.get("object"))
    if is_for_all(data):
        return data
    if len(data) > 1 and DAY.issuperset(data):
        return dict.fromkeys(data)
    numbered = {"number"} if object_type(kind).has_book_number else set()
    result = {}
    for name, value in data.items():
        if name in OWN:
            result[name] = emptied_own(value) if own else value
        elif isinstance(value, str) and (name in KEPT or (name in numbered and PLAIN_WORD.fullmatch(value))):
            result[name] = value
        elif is_personal(name):
            result[name] = emptied(value)
        else:
            result[name] = scrub(value, own=own, name=name)
    return result


def is_personal(name: str) -> bool:
    return name in PERSONAL or any(shape.fullmatch(name) for shape in (PERSONAL_NAMES, BIRTH))


def emptied(value: Any) -> Any:
    """The same shape with nothing in it."""
    if isinstance(value, dict):
        return {name: emptied(entry) for name, entry in value.items()}
    return [] if isinstance(value, list) else None


def emptied_own(value: Any) -> Any:
    """Metadata without its keys, which may say something as well."""
    return {} if isinstance(value, dict) else None
