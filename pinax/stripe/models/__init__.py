"""The tables: events with what happened to them, and the mirror of Stripe's objects, one module a family."""

from .accounts import Account, Capability, ExternalAccount, Person
from .backfill import Backfill, BackfillPosition, TableReading, Verification
from .checkout import (
    CheckoutLineItem,
    CheckoutSession,
    PaymentLink,
    PortalConfiguration,
    Quote,
    ShippingRate,
)
from .coupons import Coupon, Discount, PromotionCode
from .credit_notes import CreditNote, CreditNoteLineItem
from .customer_balances import CashBalance, CustomerBalanceTransaction, CustomerCashBalanceTransaction
from .customers import Customer, UserLink
from .disputes import Dispute
from .entitlements import ActiveEntitlement, EntitlementState, Feature, ProductFeature
from .events import CatchUp, Event, EventProcessingException, EventStep, KeptAnswer, ReceiverCall, SweeperMark
from .figures import DailyFigure
from .files import File, FileLink, TestClock
from .invoices import Invoice, InvoiceItem, InvoiceLineItem, InvoicePayment
from .mandates import Mandate
from .mirror import MirroredObject, SoftForeignKey, mirror_key
from .other_objects import OtherObject
from .payment_methods import BankAccount, Card, PaymentMethod, Source
from .payments import Charge, PaymentIntent, Refund
from .payouts import Balance, BalanceTransaction, Payout, TopUp
from .products import Plan, Price, Product
from .pruning import PassedEvent, PruningMark
from .radar import EarlyFraudWarning, Review
from .schedules import SubscriptionSchedule, SubscriptionSchedulePhase
from .setup_intents import SetupAttempt, SetupIntent
from .subscriptions import Subscription, SubscriptionItem
from .taxes import TaxId, TaxRate
from .transfers import ApplicationFee, FeeRefund, Transfer, TransferReversal
from .usage import CreditBalanceTransaction, CreditGrant, Meter

__all__ = [
    "Account",
    "ActiveEntitlement",
    "ApplicationFee",
    "Backfill",
    "BackfillPosition",
    "Balance",
    "BalanceTransaction",
    "BankAccount",
    "Capability",
    "Card",
    "CashBalance",
    "CatchUp",
    "Charge",
    "CheckoutLineItem",
    "CheckoutSession",
    "Coupon",
    "CreditBalanceTransaction",
    "CreditGrant",
    "CreditNote",
    "CreditNoteLineItem",
    "Customer",
    "CustomerBalanceTransaction",
    "CustomerCashBalanceTransaction",
    "DailyFigure",
    "Discount",
    "Dispute",
    "EarlyFraudWarning",
    "EntitlementState",
    "Event",
    "EventProcessingException",
    "EventStep",
    "ExternalAccount",
    "Feature",
    "FeeRefund",
    "File",
    "FileLink",
    "Invoice",
    "InvoiceItem",
    "InvoiceLineItem",
    "InvoicePayment",
    "KeptAnswer",
    "Mandate",
    "Meter",
    "MirroredObject",
    "OtherObject",
    "PassedEvent",
    "PaymentIntent",
    "PaymentLink",
    "PaymentMethod",
    "Payout",
    "Person",
    "Plan",
    "PortalConfiguration",
    "Price",
    "Product",
    "ProductFeature",
    "PromotionCode",
    "PruningMark",
    "Quote",
    "ReceiverCall",
    "Refund",
    "Review",
    "SetupAttempt",
    "SetupIntent",
    "ShippingRate",
    "SoftForeignKey",
    "Source",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionSchedule",
    "SubscriptionSchedulePhase",
    "SweeperMark",
    "TableReading",
    "TaxId",
    "TaxRate",
    "TestClock",
    "TopUp",
    "Transfer",
    "TransferReversal",
    "UserLink",
    "Verification",
    "mirror_key",
]
