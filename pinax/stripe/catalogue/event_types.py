"""Every event type: the snapshot types of stripe 16.1, and those of the original documentation that are gone.

A row says in one sentence, for staff who read the admin, when Stripe sends the type, and warns where the name misleads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class EventType:
    """What is known of one event type."""

    #: Stripe's name, `invoice.paid`.
    name: str
    #: The `object` strings that `data.object` may have; () for `ping`.
    object_types: tuple[str, ...]
    #: One sentence, translated when it becomes a string; `describe` does that.
    description: "str | Promise"
    #: Whether it is among the 66 types of the original pinax-stripe documentation.
    legacy: bool = False
    #: Whether it is on Stripe's list of types today.
    current: bool = True


#: `object` strings of `data.object`, separated by spaces -> event type -> when Stripe sends it.
_Families = dict[str, dict[str, "str | Promise"]]

_CURRENT: _Families = {
    # Connect: accounts, who is behind them, what they may do, what they pay their platform.
    "account": {
        "account.updated": _(
            "A connected account, or your own, changed: its details, what it may do, or what Stripe requires of it."
        ),
    },
    "application": {
        "account.application.authorized": _("An account gave your application access; only the application is told."),
        "account.application.deauthorized": _(
            "An account withdrew your application's access, so this very event can rarely be fetched again."
        ),
    },
    "bank_account card": {
        "account.external_account.created": _("A bank account or debit card for payouts was added to an account."),
        "account.external_account.deleted": _("A bank account or debit card for payouts was removed from an account."),
        "account.external_account.updated": _(
            "A bank account or debit card for payouts changed, for example became the default or failed verification."
        ),
    },
    "capability": {
        "capability.updated": _(
            "Something an account may do, such as taking card payments, got another status or new requirements."
        ),
    },
    "person": {
        "person.created": _("An owner, director or representative was added to an account."),
        "person.deleted": _("An owner, director or representative was removed from an account."),
        "person.updated": _("A person behind an account changed, in their details or how far they are verified."),
    },
    "application_fee": {
        "application_fee.created": _("A platform earned a fee on a payment to a connected account."),
        "application_fee.refunded": _(
            "All or part of a platform's fee went back to the connected account, by itself or with the payment."
        ),
    },
    "fee_refund": {
        "application_fee.refund.updated": _("The refund of a platform's fee was edited, as a rule its metadata."),
    },
    "apps.install": {
        "apps.install.created": _("A Stripe app was installed on an account; the app's developer is told as well."),
        "apps.install.deleted": _("A Stripe app was uninstalled from an account."),
        "apps.install.updated": _("An installed Stripe app got a new version or other permissions."),
    },
    # The balance, and what moves money in and out of it.
    "balance": {
        "balance.available": _("Funds in your balance became available; the object is all of it and has no id."),
    },
    "balance_settings": {
        "balance_settings.updated": _(
            "Settings of the balance changed, such as the payout schedule; the object is the only one and has no id."
        ),
    },
    "payout": {
        "payout.canceled": _("A payout was called off while pending, and its amount returned to the balance."),
        "payout.created": _("A payout to a bank account or debit card was set up, by hand or by the schedule."),
        "payout.failed": _(
            "A payout did not arrive and its amount is in the balance again; payout.paid may have come first."
        ),
        "payout.paid": _("A payout should have arrived by now; if the bank refuses it later, payout.failed follows."),
        "payout.reconciliation_completed": _("The transactions that make up an automatic payout can now be listed."),
        "payout.updated": _("A payout changed, for example its status, arrival date, bank reference or metadata."),
    },
    "topup": {
        "topup.canceled": _("A top-up was called off before the bank account was debited."),
        "topup.created": _("Money was requested from a bank account to top up the balance."),
        "topup.failed": _("A top-up did not come about, as the bank account could not be debited."),
        "topup.reversed": _("The bank took back a top-up that had already been added to the balance."),
        "topup.succeeded": _("The money of a top-up is in the balance."),
    },
    "transfer": {
        "transfer.created": _(
            "Money went from the balance to a connected account; for API versions before 2017-04-06 also a payout."
        ),
        "transfer.reversed": _("All or part of a transfer was pulled back from the connected account."),
        "transfer.updated": _("A transfer was edited; only its description and metadata can change."),
    },
    "reserve.hold": {
        "reserve.hold.created": _("Part of an account's funds was set aside in a reserve."),
        "reserve.hold.updated": _("Funds in reserve changed, for example how much can be released, or when."),
    },
    "reserve.plan": {
        "reserve.plan.created": _("From now on a share of an account's charges is set aside in a reserve."),
        "reserve.plan.disabled": _("A reserve plan was switched off, so further charges are no longer held back."),
        "reserve.plan.expired": _("A reserve plan reached its last day, so further charges are no longer held back."),
        "reserve.plan.updated": _("The terms changed on which a share of an account's charges is held back."),
    },
    "reserve.release": {
        "reserve.release.created": _(
            "Funds left a reserve for the account's balance, for example as the hold expired."
        ),
    },
    # Payments: the intent to pay, the charges it leads to, and what becomes of these.
    "payment_intent": {
        "payment_intent.amount_capturable_updated": _(
            "A payment was authorized and waits to be captured, or the amount that can be captured changed."
        ),
        "payment_intent.canceled": _("A payment was given up, by you or by Stripe; what was authorized is set free."),
        "payment_intent.created": _("A payment was prepared; nothing has been charged so far."),
        "payment_intent.partially_funded": _(
            "A customer's bank transfer covered part of a payment, and the rest is still awaited."
        ),
        "payment_intent.payment_failed": _("An attempt to pay failed; the same payment intent can be tried again."),
        "payment_intent.processing": _("A payment was submitted and its outcome is awaited; a bank debit takes days."),
        "payment_intent.requires_action": _("The customer must do something to pay, such as 3D Secure."),
        "payment_intent.succeeded": _("A payment is complete; if it needed a capture, that has happened too."),
    },
    "charge": {
        "charge.captured": _("An amount that had only been authorized was collected, in full or in part."),
        "charge.expired": _("An authorized amount was not captured in time, so the customer's money was set free."),
        "charge.failed": _("An attempt to charge was declined or went wrong; its failure_code says why."),
        "charge.pending": _("A charge was made by a slow method such as a bank debit; its outcome is known in days."),
        "charge.refunded": _("All or part of a charge was refunded (partial refunds count); the object is the charge."),
        "charge.succeeded": _("The customer was charged, or the amount authorized if it is to be captured later."),
        "charge.updated": _(
            "A charge was edited, or an asynchronous capture has been booked and its balance transaction is known."
        ),
    },
    "refund": {
        "charge.refund.updated": _(
            "A refund changed; refund.updated comes for all payment methods, this for some only."
        ),
        "refund.created": _("A refund was begun, in full or in part; the customer may have to wait for the money."),
        "refund.failed": _("A refund did not reach the customer, and its amount returned to the balance."),
        "refund.updated": _("A refund changed, for example its status, the bank's reference or its metadata."),
    },
    "dispute": {
        "charge.dispute.closed": _("A dispute was won or lost, or an inquiry ended without becoming a dispute."),
        "charge.dispute.created": _(
            "A customer contested a charge at their bank, or the bank inquired about it; evidence has a deadline."
        ),
        "charge.dispute.funds_reinstated": _("The disputed amount, or part of it, was returned to the balance."),
        "charge.dispute.funds_withdrawn": _("The disputed amount, as a rule with a fee, was taken from the balance."),
        "charge.dispute.updated": _("Something in a dispute changed, most often the evidence."),
    },
    "radar.early_fraud_warning": {
        "radar.early_fraud_warning.created": _(
            "A card issuer suspects a charge to be fraud; refunding it at once may prevent a dispute."
        ),
        "radar.early_fraud_warning.updated": _(
            "A fraud warning changed, for example because a refund or dispute leaves nothing to be done."
        ),
    },
    "review": {
        "review.closed": _("A payment's review ended, by a decision, refund or dispute; closed_reason says which."),
        "review.opened": _("A payment was set aside for review, by a rule of Radar or by hand."),
    },
    "three_d_secure.authentication": {
        "three_d_secure.authentication.canceled": _("A standalone 3D Secure check was called off before its end."),
        "three_d_secure.authentication.challenge_started": _(
            "The cardholder opened the challenge page of a standalone 3D Secure check; its status does not change."
        ),
        "three_d_secure.authentication.errored": _(
            "A standalone 3D Secure check broke off, for example because the card does not support it."
        ),
        "three_d_secure.authentication.failed": _("A standalone 3D Secure check ended; the cardholder did not pass."),
        "three_d_secure.authentication.requires_challenge": _(
            "The bank wants to challenge the cardholder in a standalone 3D Secure check; show them its challenge_url."
        ),
        "three_d_secure.authentication.requires_submission": _(
            "A standalone 3D Secure check was created and waits for you to submit it."
        ),
        "three_d_secure.authentication.succeeded": _(
            "A standalone 3D Secure check ended well; its result can go into a payment with any provider."
        ),
    },
    # Pages of Stripe's where people pay.
    "checkout.session": {
        "checkout.session.async_payment_failed": _(
            "A customer had finished Checkout with a slow payment method, and the payment failed in the end."
        ),
        "checkout.session.async_payment_succeeded": _(
            "A customer had finished Checkout with a slow payment method, and the money has now come."
        ),
        "checkout.session.completed": _(
            "A customer finished Checkout; with slow payment methods the money comes later, so look at payment_status."
        ),
        "checkout.session.expired": _(
            "A Checkout page was not used in time, or you closed it; the customer can no longer finish it."
        ),
    },
    "payment_link": {
        "payment_link.created": _("A link that any number of customers can pay through was made."),
        "payment_link.updated": _("A payment link changed, for example was switched off or on."),
    },
    # Customers, and what is kept about them.
    "customer": {
        "customer.created": _("A customer was added, by your code, in the dashboard or by a page such as Checkout."),
        "customer.deleted": _(
            "A customer was deleted for good, which ends their subscriptions; the object shows them as they were."
        ),
        "customer.updated": _(
            "Something about a customer changed, such as email, balance, default payment method or being delinquent."
        ),
    },
    "discount": {
        "customer.discount.created": _("A customer, or one of their subscriptions, got the discount of a coupon."),
        "customer.discount.deleted": _("A customer or subscription lost a discount; the coupon itself still exists."),
        "customer.discount.updated": _("One coupon took the place of another in a customer's discount."),
    },
    "tax_id": {
        "customer.tax_id.created": _("A tax number, such as a VAT number, was added to a customer."),
        "customer.tax_id.deleted": _("A tax number was removed from a customer."),
        "customer.tax_id.updated": _("A customer's tax number changed, as a rule the result of verifying it."),
    },
    "cash_balance": {
        "cash_balance.funds_available": _(
            "A customer sent money by bank transfer that no payment has claimed yet; the object has no id."
        ),
    },
    "customer_cash_balance_transaction": {
        "customer_cash_balance_transaction.created": _(
            "A customer's cash balance rose or fell, for example by a bank transfer or by paying an invoice from it."
        ),
    },
    "entitlements.active_entitlement_summary": {
        "entitlements.active_entitlement_summary.updated": _(
            "What a customer may use changed; the object has no id and lists all features they have now."
        ),
    },
    "billing_portal.configuration": {
        "billing_portal.configuration.created": _(
            "A configuration that says what customers can do in the customer portal was created."
        ),
        "billing_portal.configuration.updated": _(
            "A configuration that says what customers can do in the customer portal was changed."
        ),
    },
    "billing_portal.session": {
        "billing_portal.session.created": _("A link to the customer portal was made; the customer need not use it."),
    },
    # What customers pay with; `source` and its kin are the older API, which still sends events for older cards.
    "payment_method": {
        "payment_method.attached": _("A payment method was saved to a customer, to be used again."),
        "payment_method.automatically_updated": _(
            "The card network passed on new details of a saved card, such as number or expiry after a replacement."
        ),
        "payment_method.detached": _(
            "A payment method was taken from its customer and cannot be charged again; the object names no customer."
        ),
        "payment_method.updated": _("A payment method was edited, for example its billing address or expiry date."),
    },
    "source card bank_account": {
        "customer.source.created": _("A customer got a card, bank account or source through the older API."),
        "customer.source.deleted": _("A card, bank account or source of the older API was taken from its customer."),
        "customer.source.expiring": _("A card of the older API expires this month; payment methods never send this."),
        "customer.source.updated": _(
            "A customer's card, bank account or source of the older API changed, by you or by its network."
        ),
    },
    "source": {
        "source.canceled": _("A source ran out before it was charged, and can no longer be used."),
        "source.chargeable": _("The customer did their part, and a source can now be charged."),
        "source.failed": _("A source will never be chargeable, as the customer or their bank said no."),
        "source.refund_attributes_required": _(
            "Money that came through a source must go back, and Stripe needs to know the customer's bank account."
        ),
    },
    "source_mandate_notification": {
        "source.mandate_notification": _("A source will be debited soon, and telling the customer is up to you."),
    },
    "source_transaction": {
        "source.transaction.created": _("A customer's bank transfer arrived at a source."),
        "source.transaction.updated": _("More became known of a bank transfer that had arrived at a source."),
    },
    "setup_intent": {
        "setup_intent.canceled": _("Saving a payment method was given up, by you or by Stripe."),
        "setup_intent.created": _("Saving a payment method for later was prepared; no money is involved."),
        "setup_intent.requires_action": _(
            "The customer must do something before their payment method is saved, such as 3D Secure."
        ),
        "setup_intent.setup_failed": _("One attempt to save a payment method failed; the customer can try again."),
        "setup_intent.succeeded": _("A payment method is set up, ready to be charged later."),
    },
    "mandate": {
        "mandate.updated": _(
            "A customer's permission to be debited changed, for example became inactive because the bank revoked it."
        ),
    },
    # Subscriptions, usage and credits.
    "subscription": {
        "customer.subscription.created": _(
            "A customer was subscribed; only the status says whether they paid, are on trial or have yet to pay."
        ),
        "customer.subscription.deleted": _(
            "A subscription ended, at once or as planned; Stripe deletes nothing but keeps it with status canceled."
        ),
        "customer.subscription.paused": _(
            "The status became paused, as after a trial without payment method; pausing collection does not send this."
        ),
        "customer.subscription.pending_update_applied": _(
            "A change to a subscription that waited for its payment was paid for and is in force."
        ),
        "customer.subscription.pending_update_expired": _(
            "A change to a subscription was dropped, since the invoice for it was not paid in time."
        ),
        "customer.subscription.resumed": _(
            "A subscription of status paused is running again; resuming collection does not send this."
        ),
        "customer.subscription.trial_will_end": _("A trial ends in three days, or was ended right away."),
        "customer.subscription.updated": _(
            "A subscription changed: renewal, other prices or quantities, end of a trial, a missed payment, "
            "or plans to cancel."
        ),
    },
    "subscription_schedule": {
        "subscription_schedule.aborted": _("A schedule ended as its subscription was canceled over unpaid invoices."),
        "subscription_schedule.canceled": _("A schedule was called off, and the subscription it ran with it."),
        "subscription_schedule.completed": _(
            "A schedule went through all its phases; its end_behavior decides about the subscription."
        ),
        "subscription_schedule.created": _("Changes to a subscription, or its start, were planned for certain dates."),
        "subscription_schedule.expiring": _("A schedule comes to its end in seven days."),
        "subscription_schedule.released": _("A schedule let go of its subscription, which goes on as it is."),
        "subscription_schedule.updated": _("The phases or other settings of a schedule changed."),
    },
    "billing.meter": {
        "billing.meter.created": _("A meter was defined that adds up customers' usage, to be billed."),
        "billing.meter.deactivated": _("A meter was switched off, and no longer accepts usage."),
        "billing.meter.reactivated": _("A meter was switched on again, and accepts usage as before."),
        "billing.meter.updated": _("A meter was edited, as a rule the name that people see."),
    },
    "billing.alert_triggered": {
        "billing.alert.triggered": _(
            "A customer's usage reached the limit you set; the object names the alert, the customer and the value."
        ),
    },
    "billing.credit_grant": {
        "billing.credit_grant.created": _("A customer was given credits towards future invoices, sold or as a gift."),
        "billing.credit_grant.updated": _("Credits given to a customer changed, for example were voided or expired."),
    },
    "billing.credit_balance_transaction": {
        "billing.credit_balance_transaction.created": _(
            "A customer's billing credits rose or fell, for example because an invoice used some."
        ),
    },
    # Invoices, what leads to them and what corrects them.
    "invoice": {
        "invoice.created": _(
            "An invoice was drafted; for a renewal Stripe waits about an hour after your acknowledgement "
            "before finalizing it."
        ),
        "invoice.deleted": _("A draft was thrown away; a finalized invoice can only be voided."),
        "invoice.finalization_failed": _(
            "A draft could not be finalized, for example as tax data is missing; last_finalization_error says why."
        ),
        "invoice.finalized": _("A draft became a binding invoice with a number, open to be paid."),
        "invoice.marked_uncollectible": _("An invoice was written off as bad debt; it can still be paid."),
        "invoice.overdue": _("An invoice is unpaid as many days after its due date as your billing automation says."),
        "invoice.overpaid": _("An invoice got more money than it asked for; the customer is credited the excess."),
        "invoice.paid": _("An invoice is settled, also when it came to zero, credit covered it or you marked it paid."),
        "invoice.payment_action_required": _("The customer must confirm an invoice's payment, such as by 3D Secure."),
        "invoice.payment_attempt_required": _(
            "An invoice is to be paid by a method that Stripe cannot charge, so it is for you to collect."
        ),
        "invoice.payment_failed": _(
            "Collecting an invoice failed, or there was nothing to charge; next_payment_attempt is Stripe's next try."
        ),
        "invoice.payment_succeeded": _(
            "A payment of an invoice succeeded; invoice.paid covers invoices settled in other ways as well."
        ),
        "invoice.sent": _("An invoice was emailed to the customer, which can happen more than once."),
        "invoice.upcoming": _(
            "A renewal is near (your settings say how many days); the invoice is a preview without an id."
        ),
        "invoice.updated": _("An invoice changed, be it a draft or not: amounts, status, attempts to collect it."),
        "invoice.voided": _("A finalized invoice was canceled for good, as if never due; it stays on record."),
        "invoice.will_be_due": _("An invoice is as many days from its due date as your billing automation says."),
    },
    "invoice_payment": {
        "invoice_payment.paid": _("One payment towards an invoice came in; an invoice can have several."),
    },
    "invoiceitem": {
        "invoiceitem.created": _("Something was put on the customer's next invoice, or on one of their drafts."),
        "invoiceitem.deleted": _("Something that was to be on an invoice was taken off before it was billed."),
    },
    "credit_note": {
        "credit_note.created": _(
            "A finalized invoice was reduced, by owing less, by refund or by credit to the customer."
        ),
        "credit_note.updated": _("A credit note was edited, as a rule its memo or metadata."),
        "credit_note.voided": _("A credit note was withdrawn, and its invoice is owed as if there had been none."),
    },
    "quote": {
        "quote.accepted": _("A customer agreed to a quote, which now becomes an invoice, subscription or schedule."),
        "quote.canceled": _("A quote was withdrawn or passed its expiry date, and can no longer be accepted."),
        "quote.created": _("A quote was drafted; it cannot be accepted before it is finalized."),
        "quote.finalized": _("A draft became a quote that the customer can be shown and can accept."),
    },
    # What is sold, at which price, discount and tax.
    "product": {
        "product.created": _("Something to sell was added to the catalog."),
        "product.deleted": _("A product without prices was deleted; others can only be archived, which is an update."),
        "product.updated": _("A product changed, for example its name or default price, or was archived."),
    },
    "price": {
        "price.created": _("A product got a further price; if it recurs, plan.created comes under the same id."),
        "price.deleted": _("A price that had never been used was deleted."),
        "price.updated": _("A price was edited or archived; its amount can never change."),
    },
    "plan": {
        "plan.created": _("A plan was added, which is the older name of a recurring price and has the same id."),
        "plan.deleted": _("A plan was deleted; customers who are subscribed to it stay so."),
        "plan.updated": _("A plan was edited or archived; a recurring price sends it beside price.updated."),
    },
    "coupon": {
        "coupon.created": _("A coupon was created; no customer pays less until it is applied."),
        "coupon.deleted": _("A coupon can no longer be redeemed; customers who did keep their discount."),
        "coupon.updated": _("A coupon was edited, as a rule its name or metadata, for its discount is fixed."),
    },
    "promotion_code": {
        "promotion_code.created": _("A code was made that customers can type in to redeem a coupon."),
        "promotion_code.updated": _("A code for a coupon changed, for example was switched off."),
    },
    "tax_rate": {
        "tax_rate.created": _("A tax rate for invoices, subscriptions and Checkout was defined."),
        "tax_rate.updated": _("A tax rate was renamed or archived; its percentage can never change."),
    },
    "tax.settings": {
        "tax.settings.updated": _(
            "The settings of Stripe Tax changed, such as the head office; the object is the only one and has no id."
        ),
    },
    # Files and reports.
    "file": {
        "file.created": _("A file that Stripe made for you, such as an export, can be downloaded."),
    },
    "reporting.report_run": {
        "reporting.report_run.failed": _("A report you had asked for could not be made."),
        "reporting.report_run.succeeded": _("A report you had asked for can be downloaded."),
    },
    "reporting.report_type": {
        "reporting.report_type.updated": _("Newer figures are available for a kind of report, usually a further day."),
    },
    "scheduled_query_run": {
        "sigma.scheduled_query_run.created": _(
            "A scheduled Sigma query finished, despite the name; its status says whether there is a result."
        ),
    },
    # Bank accounts that customers link by logging in at their bank.
    "financial_connections.account": {
        "financial_connections.account.account_numbers_updated": _(
            "The account numbers known of a linked bank account changed, for example one was revoked."
        ),
        "financial_connections.account.created": _(
            "A customer linked a bank account; linking several at once sends one event each."
        ),
        "financial_connections.account.deactivated": _(
            "The link to a bank account broke, so its data cannot be refreshed; its owner may have to link it again."
        ),
        "financial_connections.account.disconnected": _("You, or the owner, ended access to a linked bank account."),
        "financial_connections.account.expected_deactivation_date_updated": _(
            "It became known, or changed, when the link to a bank account is going to lapse."
        ),
        "financial_connections.account.reactivated": _(
            "The broken link to a bank account works again, so its data can be refreshed."
        ),
        "financial_connections.account.refreshed_balance": _(
            "Stripe has asked the bank for a linked account's balance, with or without success."
        ),
        "financial_connections.account.refreshed_ownership": _(
            "Stripe has asked the bank who owns a linked account, with or without success."
        ),
        "financial_connections.account.refreshed_transactions": _(
            "Stripe has asked the bank for a linked account's transactions, with or without success."
        ),
        "financial_connections.account.supported_payment_method_types_updated": _(
            "A linked bank account can pay by other methods than before, such as ACH debit."
        ),
        "financial_connections.account.upcoming_account_number_expiry": _(
            "A stand-in number that the bank gave out for a linked account soon stops working."
        ),
        "financial_connections.account.upcoming_deactivation": _(
            "The link to a bank account lapses in about 30 days, if its owner does nothing."
        ),
    },
    "financial_connections.authorization": {
        "financial_connections.authorization.expected_deactivation_date_updated": _(
            "It became known, or changed, when a customer's consent at their bank is going to lapse."
        ),
        "financial_connections.authorization.upcoming_deactivation": _(
            "A customer's consent at their bank lapses in about 30 days, and with it all accounts linked by it."
        ),
    },
    # Identity checks.
    "identity.verification_session": {
        "identity.verification_session.canceled": _("An identity check was called off, and can no longer be taken."),
        "identity.verification_session.created": _(
            "An identity check was created; the person has not handed in a proof yet."
        ),
        "identity.verification_session.processing": _(
            "A person handed in their proof of identity; Stripe examines it."
        ),
        "identity.verification_session.redacted": _("Personal data of an identity check was erased for good."),
        "identity.verification_session.requires_input": _(
            "A person must hand in their proof of identity again; last_error says what was wrong with it."
        ),
        "identity.verification_session.verified": _("A person's proof of identity was examined and accepted."),
    },
    # Issuing: cards that you give out.
    "issuing.authorization": {
        "issuing_authorization.created": _("A purchase with one of your cards was approved or declined."),
        "issuing_authorization.request": _(
            "A cardholder is paying with one of your cards; Stripe waits about two seconds for you to "
            "approve or decline."
        ),
        "issuing_authorization.updated": _(
            "A purchase with one of your cards moved on: captured, reversed, expired or for another amount."
        ),
    },
    "issuing.card": {
        "issuing_card.created": _("One of your cardholders was issued a card, virtual or physical."),
        "issuing_card.updated": _("One of your cards changed, for example its status, limits or shipping."),
    },
    "issuing.cardholder": {
        "issuing_cardholder.created": _("A person or company was registered who can be issued cards."),
        "issuing_cardholder.updated": _("A cardholder changed, for example their address, status or limits."),
    },
    "issuing.dispute": {
        "issuing_dispute.closed": _("You won or lost your dispute of a card purchase, or let its deadline pass."),
        "issuing_dispute.created": _("You drafted a dispute of a purchase with one of your cards."),
        "issuing_dispute.funds_reinstated": _(
            "The amount of a disputed card purchase was credited to you, for good or for the time being."
        ),
        "issuing_dispute.funds_rescinded": _("A credit you had got for a disputed card purchase was taken back."),
        "issuing_dispute.submitted": _("Your dispute of a card purchase went to the card network."),
        "issuing_dispute.updated": _("Your dispute of a card purchase changed, most often its evidence."),
    },
    "issuing.personalization_design": {
        "issuing_personalization_design.activated": _(
            "A design can be used for your cards, since its physical bundle became active."
        ),
        "issuing_personalization_design.deactivated": _(
            "A design can no longer be used for your cards, since its physical bundle became inactive."
        ),
        "issuing_personalization_design.rejected": _(
            "A design for your cards was turned down; rejection_reasons says what is wrong with it."
        ),
        "issuing_personalization_design.updated": _("A design for your cards changed, for example its logo or text."),
    },
    "issuing.token": {
        "issuing_token.created": _("One of your cards was put into a digital wallet, or this was requested."),
        "issuing_token.updated": _("A card in a digital wallet was activated, suspended or removed."),
    },
    "issuing.transaction": {
        "issuing_transaction.created": _("A purchase with one of your cards was settled, or refunded."),
        "issuing_transaction.purchase_details_receipt_updated": _(
            "The merchant sent the receipt of a purchase with one of your cards, item by item."
        ),
        "issuing_transaction.updated": _("A settled purchase or refund was edited, as a rule its metadata."),
    },
    # Card readers.
    "terminal.reader": {
        "terminal.reader.action_failed": _(
            "A card reader could not do what it was told to, or the customer broke off; its action says why."
        ),
        "terminal.reader.action_succeeded": _("A card reader did what it was told to, such as taking a payment."),
        "terminal.reader.action_updated": _("A card reader is getting on with what it was told to do."),
    },
    # Treasury: accounts that hold and move money; `inbound` and `outbound` is what their owners do, `received` others.
    "treasury.financial_account": {
        "treasury.financial_account.closed": _("A financial account was closed, and nothing can move in or out."),
        "treasury.financial_account.created": _("An account that can hold and move money was opened."),
        "treasury.financial_account.features_status_updated": _(
            "A feature of a financial account, such as ACH transfers, became active, pending or restricted."
        ),
    },
    "treasury.inbound_transfer": {
        "treasury.inbound_transfer.canceled": _("Pulling money from the owner's own bank account was called off."),
        "treasury.inbound_transfer.created": _(
            "Money was requested from the owner's own bank account, to be put into the financial account."
        ),
        "treasury.inbound_transfer.failed": _("The owner's own bank account could not be debited."),
        "treasury.inbound_transfer.succeeded": _(
            "Money from the owner's own bank account arrived in the financial account."
        ),
    },
    "treasury.outbound_payment": {
        "treasury.outbound_payment.canceled": _("A payment to another party was called off before it left."),
        "treasury.outbound_payment.created": _("A payment from a financial account to another party was ordered."),
        "treasury.outbound_payment.expected_arrival_date_updated": _(
            "A payment to another party is expected on another day than before."
        ),
        "treasury.outbound_payment.failed": _("A payment to another party failed before it left the account."),
        "treasury.outbound_payment.posted": _("A payment to another party left, and can no longer be canceled."),
        "treasury.outbound_payment.returned": _("A payment to another party was sent back by their bank."),
        "treasury.outbound_payment.tracking_details_updated": _(
            "A payment to another party got a reference by which banks can trace it."
        ),
    },
    "treasury.outbound_transfer": {
        "treasury.outbound_transfer.canceled": _(
            "A transfer to the owner's own account was called off before it left."
        ),
        "treasury.outbound_transfer.created": _(
            "A transfer from a financial account to the owner's own account elsewhere was ordered."
        ),
        "treasury.outbound_transfer.expected_arrival_date_updated": _(
            "A transfer to the owner's own account is expected on another day than before."
        ),
        "treasury.outbound_transfer.failed": _(
            "A transfer to the owner's own account went wrong before it left the financial account."
        ),
        "treasury.outbound_transfer.posted": _(
            "A transfer to the owner's own account left, and can no longer be canceled."
        ),
        "treasury.outbound_transfer.returned": _("A transfer to the owner's own account was sent back by the bank."),
        "treasury.outbound_transfer.tracking_details_updated": _(
            "A transfer to the owner's own account got a reference by which banks can trace it."
        ),
    },
    "treasury.received_credit": {
        "treasury.received_credit.created": _("Another party sent money to a financial account."),
        "treasury.received_credit.failed": _("Money sent to a financial account was refused, for example if closed."),
        "treasury.received_credit.succeeded": _("Money that another party sent is in the financial account."),
    },
    "treasury.received_debit": {
        "treasury.received_debit.created": _(
            "Another party took money out of a financial account, by debit or by card."
        ),
    },
    "treasury.credit_reversal": {
        "treasury.credit_reversal.created": _(
            "Money that another party had sent to a financial account is to go back."
        ),
        "treasury.credit_reversal.posted": _("Money that was to go back to its sender left the financial account."),
    },
    "treasury.debit_reversal": {
        "treasury.debit_reversal.completed": _("It is settled whether money that another party had taken comes back."),
        "treasury.debit_reversal.created": _(
            "Money that another party had taken from a financial account is claimed back."
        ),
        "treasury.debit_reversal.initial_credit_granted": _(
            "The financial account got its claimed money for the time being, as the outcome is still open."
        ),
    },
    # Carbon removal.
    "climate.order": {
        "climate.order.canceled": _("An order to remove carbon was called off."),
        "climate.order.created": _("The removal of an amount of carbon was ordered."),
        "climate.order.delayed": _("Carbon that was ordered to be removed takes longer than planned."),
        "climate.order.delivered": _("Carbon that was ordered to be removed has been removed."),
        "climate.order.product_substituted": _("Carbon is removed in another way than was ordered."),
    },
    "climate.product": {
        "climate.product.created": _("A further way to have carbon removed is on offer."),
        "climate.product.pricing_updated": _("A way to have carbon removed costs more or less than before."),
    },
    # Test clocks, which exist in test mode only.
    "test_helpers.test_clock": {
        "test_helpers.test_clock.advancing": _("A test clock began to move on, simulating what is billed meanwhile."),
        "test_helpers.test_clock.created": _("A clock for trying out billing was made in test mode."),
        "test_helpers.test_clock.deleted": _("A test clock was deleted, and with it the customers it governed."),
        "test_helpers.test_clock.internal_failure": _("A test clock got stuck on its way by an error of Stripe's."),
        "test_helpers.test_clock.ready": _("A test clock arrived where it was sent, and can move on again."),
    },
}

#: No longer on Stripe's list. Old records hold them, and accounts on old API versions may still be sent some.
_GONE: _Families = {
    "": {
        "ping": _("Stripe checked whether your server answers; the event carries no object."),
    },
    "bitcoin_receiver": {
        "bitcoin.receiver.created": _("A Bitcoin address was made for a customer to pay to (until 2018)."),
        "bitcoin.receiver.filled": _("A Bitcoin address had got the whole amount and could be charged (until 2018)."),
        "bitcoin.receiver.updated": _("What was known of a Bitcoin address for payments changed (until 2018)."),
    },
    "bitcoin_transaction": {
        "bitcoin.receiver.transaction.created": _("Bitcoin arrived at an address for payments (until 2018)."),
    },
    "invoiceitem": {
        "invoiceitem.updated": _("Something that was to be on an invoice was edited (until API version 2024-04-10)."),
    },
    "order": {
        "order.created": _("A customer ordered goods (Orders API, since retired)."),
        "order.payment_failed": _("Goods that a customer had ordered could not be paid (Orders API, since retired)."),
        "order.payment_succeeded": _("Goods that a customer had ordered were paid (Orders API, since retired)."),
        "order.updated": _("An order of goods changed, for example was shipped (Orders API, since retired)."),
    },
    "recipient": {
        "recipient.created": _("A third party to pay out to was added (recipients, replaced by connected accounts)."),
        "recipient.deleted": _("A third party to pay out to was removed (recipients, replaced by connected accounts)."),
        "recipient.updated": _("A third party to pay out to changed (recipients, replaced by connected accounts)."),
    },
    "sku": {
        "sku.created": _("A product got a variant to order, such as a size, with its own price and stock."),
        "sku.updated": _("A product's variant changed, for example its price or how many are in stock."),
    },
    "transfer": {
        "transfer.failed": _("A payout, then called transfer, did not arrive; now payout.failed (since 2017-04-06)."),
        "transfer.paid": _("A payout, then called transfer, should have arrived; now payout.paid (since 2017-04-06)."),
    },
}

#: The types of the original pinax-stripe documentation, separated by spaces.
_LEGACY = """
account.application.deauthorized account.external_account.created account.external_account.deleted
account.external_account.updated account.updated application_fee.created application_fee.refund.updated
application_fee.refunded balance.available bitcoin.receiver.created bitcoin.receiver.filled
bitcoin.receiver.transaction.created bitcoin.receiver.updated charge.captured charge.dispute.closed
charge.dispute.created charge.dispute.funds_reinstated charge.dispute.funds_withdrawn charge.dispute.updated
charge.failed charge.refunded charge.succeeded charge.updated coupon.created coupon.deleted coupon.updated
customer.created customer.deleted customer.discount.created customer.discount.deleted customer.discount.updated
customer.source.created customer.source.deleted customer.source.updated customer.subscription.created
customer.subscription.deleted customer.subscription.trial_will_end customer.subscription.updated customer.updated
invoice.created invoice.payment_failed invoice.payment_succeeded invoice.updated invoiceitem.created invoiceitem.deleted
invoiceitem.updated order.created order.payment_failed order.payment_succeeded order.updated ping plan.created
plan.deleted plan.updated product.created product.updated recipient.created recipient.deleted recipient.updated
sku.created sku.updated transfer.created transfer.failed transfer.paid transfer.reversed transfer.updated
"""


def _types() -> Iterator[EventType]:
    legacy = frozenset(_LEGACY.split())
    for families in (_CURRENT, _GONE):
        for objects, descriptions in families.items():
            for name, description in descriptions.items():
                yield EventType(
                    name=name,
                    object_types=tuple(objects.split()),
                    description=description,
                    legacy=name in legacy,
                    current=families is _CURRENT,
                )


#: Name -> type, sorted by name.
EVENT_TYPES: dict[str, EventType] = {each.name: each for each in sorted(_types(), key=attrgetter("name"))}


def describe(name: str) -> str:
    """When Stripe sends a type, in the active language; "" for one newer than this release."""
    event_type = EVENT_TYPES.get(name)
    return str(event_type.description) if event_type else ""
