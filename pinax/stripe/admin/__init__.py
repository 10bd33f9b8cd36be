"""The admin: read-only pages of every table, and an overview."""

from django.apps import apps

# The template tags are imported in every project (Django looks for libraries with the same name), and need a module of
# this package; the pages need the admin.
if apps.is_installed("django.contrib.admin"):
    from django.contrib.admin import site

    from .events import event_admin  # noqa: F401
    from .objects import (  # noqa: F401
        accounts,
        checkout,
        coupons,
        credit_notes,
        customer_balances,
        customers,
        disputes,
        entitlements,
        files,
        invoices,
        mandates,
        other_objects,
        payment_methods,
        payments,
        payouts,
        products,
        radar,
        schedules,
        setup_intents,
        subscriptions,
        taxes,
        transfers,
        usage,
    )
    from .objects.default import register_the_others

    register_the_others(site)
