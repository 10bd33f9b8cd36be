"""The connected account that a command is to ask about."""

from django.core.management.base import CommandError

from ..models.accounts import Account


def check_access(account: str) -> None:
    """CommandError for a connected account that ended the platform's access: Stripe answers nothing about it."""
    row = Account.all_objects.filter(pk=account).first() if account else None
    if row is not None and row.deauthorized_at is not None and row.has_left:
        raise CommandError(
            f"{account} ended your access on {row.deauthorized_at:%Y-%m-%d}, so Stripe answers nothing about it. "
            "When it has connected again, its next event says so here; then run this again."
        )
