"""Connected accounts that give the platform access, or take it away."""

from ...sync.account_access import note_access
from ..base import MirrorWebhook
from ..registry import register


class AccountAccessWebhook(MirrorWebhook):
    """Notes it in the row of the account, which the event's object, the application, does not name."""

    is_given: bool

    def process_webhook(self) -> None:
        super().process_webhook()
        if self.context.account:
            note_access(self.context.account, self.context.as_of, self.context.livemode, is_given=self.is_given)


@register("account.application.authorized")
class AccountAuthorizedWebhook(AccountAccessWebhook):
    """Notes when an account gave the platform access."""

    is_given = True


@register("account.application.deauthorized")
class AccountDeauthorizedWebhook(AccountAccessWebhook):
    """Notes when an account took the platform's access away: from then on nothing of it is read."""

    is_given = False
