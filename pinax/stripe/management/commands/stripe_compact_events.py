"""Keeps the documents of old events once: to be run once after migration 0015."""

from typing import Any

from django.core.management.base import BaseCommand

from ...upkeep.compaction import compact_events, last_key
from ..progress import progress_bar


class Command(BaseCommand):
    help = (
        "Store each document of events that were recorded before migration 0015 once, as it is done now. "
        "Nothing depends on it, the rows only take more room until then. "
        "Can be broken off at any time; the next run goes on."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total, count = last_key(), 0
        with progress_bar(total=total, stream=self.stdout) as show:
            for reached, changed in compact_events():
                count += changed
                show(reached, f"{count} events")
        self.stdout.write(f"Compacted {count} events.")
