"""The built-in handlers, one module a family; importing this package registers them all."""

from ..registry import registry
from . import checkout, coupons, customers, invoices, payment_methods, payments, products, subscriptions  # noqa: F401

registry.fill()
