"""What of Stripe's objects a place in the JSON does not tell: the history of the API, one module a family of objects.

A table without an entry here is read by its columns alone.
"""

from ... import models
from ..reader import History
from .checkout import CHECKOUT_SESSION
from .credit_notes import CREDIT_NOTE, CREDIT_NOTE_LINE_ITEM
from .disputes import DISPUTE
from .invoices import INVOICE, INVOICE_LINE_ITEM
from .other_objects import OTHER_OBJECT
from .payment_methods import MEANS
from .payments import CHARGE, PAYMENT_INTENT
from .subscriptions import SCHEDULE_PHASE, SUBSCRIPTION

#: Model -> what reads those of its columns that have a history.
HISTORY: dict[type[models.MirroredObject], History] = {
    models.Charge: CHARGE,
    models.Dispute: DISPUTE,
    models.CreditNote: CREDIT_NOTE,
    models.CreditNoteLineItem: CREDIT_NOTE_LINE_ITEM,
    models.CheckoutSession: CHECKOUT_SESSION,
    models.Invoice: INVOICE,
    models.InvoiceLineItem: INVOICE_LINE_ITEM,
    models.OtherObject: OTHER_OBJECT,
    models.PaymentIntent: PAYMENT_INTENT,
    models.PaymentMethod: MEANS,
    models.Source: MEANS,
    models.Subscription: SUBSCRIPTION,
    models.SubscriptionSchedulePhase: SCHEDULE_PHASE,
}
