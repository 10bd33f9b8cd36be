"""The operator's seat: read-only pages of every table, one module a family, and an overview."""

from . import (  # noqa: F401
    coupons,
    customers,
    events,
    invoices,
    payment_methods,
    payments,
    products,
    subscriptions,
)
