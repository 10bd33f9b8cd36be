"""How far pruning came: every run goes on from there, and looks again at what the earlier ones passed."""

from django.db import models


class PruningMark(models.Model):
    """The key of the last event that pruning has looked at; one row at most."""

    reached = models.BigIntegerField()

    class Meta:
        # No permissions: staff do not see this table.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.reached)


class PassedEvent(models.Model):
    """An event below the mark that was not pruned, mostly because it was not done. Later runs look at it again.

    A table of its own: what is not done is never touched, and no index of the events has to know what is pruned.
    """

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        # No permissions: staff do not see this table.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)
