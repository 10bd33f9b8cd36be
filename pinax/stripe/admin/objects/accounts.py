"""Pages of connected accounts, of the persons behind them, and of what they may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...models import Account, Capability, ExternalAccount, Person
from ..base import may_view
from ..display.badges import badge, deleted_badge
from ..display.pages import PANEL_ROWS, day, heading, two_lines
from ..permissions import may_see_users
from .columns import PanelColumns, label_of, own_link, reference, status
from .default import MirroredAdmin


def account_badge(account: Account) -> SafeString:
    """The one thing about an account that matters most."""
    if account.is_deleted:
        return deleted_badge()
    if account.has_left:
        return badge(pgettext("state of an account", "has left"), "quiet")
    if account.is_rejected:
        return badge(pgettext("state of an account", "rejected"), "bad")
    if account.can_charge and account.can_be_paid:
        return badge(pgettext("state of an account", "ready"), "good")
    if account.can_charge:
        return badge(pgettext("state of an account", "is not paid out"), "bad")
    if account.can_be_paid:
        return badge(pgettext("state of an account", "cannot charge"), "bad")
    if account.charges_enabled is None and account.payouts_enabled is None:
        return badge(pgettext("state of an account", "unknown"), "quiet")
    return badge(pgettext("state of an account", "not ready"), "open")


def what_is_due(row: Account | Capability | Person) -> str:
    """How much information Stripe waits for, and until when; "" for none."""
    late, due = len(row.past_due or ()), len(row.currently_due or ())
    if late:
        return ngettext("%(count)d item of information is late.", "%(count)d items of information are late.", late) % {
            "count": late
        }
    if not due:
        return ""
    deadline = getattr(row, "current_deadline", None)
    if deadline is None:
        return ngettext(
            "Stripe needs %(count)d more item of information.", "Stripe needs %(count)d more items of information.", due
        ) % {"count": due}
    return ngettext(
        "Stripe needs %(count)d more item of information by %(day)s.",
        "Stripe needs %(count)d more items of information by %(day)s.",
        due,
    ) % {"count": due, "day": day(deadline)}


def story_of(account: Account) -> str:
    """What an account can do now, and what comes next."""
    if account.deauthorized_at is not None and account.has_left:
        return gettext("The account ended your access on %(day)s. What is here is its last known state.") % {
            "day": day(account.deauthorized_at)
        }
    if account.is_rejected:
        return gettext("The account was rejected: it can neither charge nor be paid, whatever its owner gives.")
    if account.charges_enabled is None and account.payouts_enabled is None:
        return gettext("Stripe has not said yet what the account can do.")
    can = {
        (True, True): gettext("The account can charge, and is paid out."),
        (True, False): gettext("The account can charge, but is not paid out."),
        (False, True): gettext("The account is paid out, but cannot charge."),
        (False, False): gettext("The account can neither charge nor be paid."),
    }[account.can_charge, account.can_be_paid]
    unsubmitted = ""
    if account.details_submitted is False:
        unsubmitted = gettext("Its owner has not finished the registration.")
    return " ".join(part for part in (can, unsubmitted, what_is_due(account)) if part)


@admin.register(Account)
class AccountAdmin(MirroredAdmin):
    list_display = ("state", "shown_user", "due", "country")
    search_help_text = _("An exact id, or name of a user of this site.")
    badge_columns = ("charges_enabled", "payouts_enabled")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their users."""
        return super().get_queryset(request).select_related("user")

    @admin.display(description=_("state"))
    def state(self, obj: Account) -> Any:
        """The state, and below it why Stripe has switched something off."""
        reason = label_of(obj, "disabled_reason") if obj.disabled_reason and not obj.is_rejected else ""
        return two_lines(account_badge(obj), reason) if reason else account_badge(obj)

    @admin.display(description=_("due"))
    def due(self, obj: Account) -> str:
        return what_is_due(obj) if obj.needs_information else ""

    def csv_columns(self, request: HttpRequest) -> list[str]:
        """Users are for those who may view users."""
        names = super().csv_columns(request)
        return names if may_view(request, get_user_model()) else [name for name in names if name != "user"]

    @admin.display(description=_("user"))
    def shown_user(self, obj: Account) -> str:
        """The user's name is for those who may view users; others see that there is one."""
        if obj.user_id is None:
            return ""
        return str(obj.user) if may_see_users(obj) else gettext("linked")

    def found_by(self, request: HttpRequest, term: str) -> Q:
        found = super().found_by(request, term)
        if not may_view(request, get_user_model()):
            return found
        users = get_user_model()._default_manager.filter(**{get_user_model().USERNAME_FIELD: term})
        return found | Q(user__in=list(users.values_list("pk", flat=True)[:PANEL_ROWS]))

    def badges(self, obj: Account) -> list[Any]:
        return [account_badge(obj), *self.mode_badges(obj)]

    def summary(self, obj: Account) -> Any:
        return super().summary(obj) or story_of(obj)


@admin.register(Person)
class PersonAdmin(MirroredAdmin):
    list_display = (status, "roles", reference("account", _("account")))

    def title_of(self, obj: Person) -> str:
        return obj.name

    @admin.display(description=_("role"))
    def roles(self, obj: Person) -> str:
        return roles_of(obj)

    def summary(self, obj: Person) -> Any:
        due = what_is_due(obj)
        role = roles_of(obj)
        told = gettext("Role in the account's business: %(roles)s.") % {"roles": role} if role else ""
        nothing = gettext("Stripe waits for nothing from this person.") if obj.currently_due is not None else ""
        return super().summary(obj) or " ".join(part for part in (told, due or nothing) if part)

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Name"): lambda row: row.name,
            _("Role"): roles_of,
            _("Verification"): lambda row: label_of(row, "status"),
            _("What is due"): what_is_due,
        }


def roles_of(person: Person) -> str:
    """What a person is in the business of the account."""
    names = ("is_representative", "is_owner", "is_director", "is_executive")
    fields: dict[str, Any] = {name: Person._meta.get_field(name) for name in names}
    return ", ".join(heading(field) for name, field in fields.items() if getattr(person, name))


@admin.register(Capability)
class CapabilityAdmin(MirroredAdmin):
    list_display = (status, "due", reference("account", _("account")))

    @admin.display(description=_("due"))
    def due(self, obj: Capability) -> str:
        return what_is_due(obj)

    def summary(self, obj: Capability) -> Any:
        return super().summary(obj) or capability_story(obj)

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Status"): lambda row: label_of(row, "status"),
            _("What comes next"): capability_story,
        }


def capability_story(capability: Capability) -> str:
    """Whether the account has the capability, and what it takes."""
    why = label_of(capability, "disabled_reason") if capability.disabled_reason else ""
    can = {
        "active": gettext("The account has this capability."),
        "pending": gettext("Stripe is verifying whether the account can have it."),
        "unrequested": gettext("It was not requested for the account."),
    }.get(capability.status, gettext("The account cannot use it."))
    reason = gettext("Reason: %(reason)s.") % {"reason": why} if why else ""
    return " ".join(part for part in (can, reason, what_is_due(capability)) if part)


@admin.register(ExternalAccount)
class ExternalAccountAdmin(MirroredAdmin):
    list_display = (status, "is_default", reference("account", _("account")))

    def title_of(self, obj: ExternalAccount) -> str:
        return obj.label

    @admin.display(description=_("default"))
    def is_default(self, obj: ExternalAccount) -> str:
        return default_of(obj)

    def summary(self, obj: ExternalAccount) -> Any:
        return super().summary(obj) or destination_story(obj)

    def panel_columns(self) -> PanelColumns:
        return {
            _("Id"): own_link,
            _("Name"): lambda row: row.label,
            _("Status"): lambda row: label_of(row, "status"),
            _("Default"): default_of,
        }


def default_of(destination: ExternalAccount) -> str:
    """The currency whose payouts go there by default; "" for none."""
    return destination.currency.upper() if destination.default_for_currency else ""


def destination_story(destination: ExternalAccount) -> str:
    """What is paid there, and what comes next."""
    if destination.status == "errored":
        return gettext("A payout to it failed. Stripe schedules none to it until the account's owner corrects it.")
    if destination.status == "tokenized_account_number_deactivated":
        return gettext("Its account number has expired or was revoked. The account's owner has to connect it anew.")
    if destination.status == "verification_failed":
        return gettext("Stripe could not verify it. The account's owner has to correct it.")
    currency = destination.currency.upper()
    if destination.default_for_currency:
        return gettext("The account's payouts in %(currency)s go here.") % {"currency": currency}
    return gettext("The account's payouts in %(currency)s go here only when they name it.") % {"currency": currency}
