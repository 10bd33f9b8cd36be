"""The schedule for Celery beat names tasks that there are, and each runs its command."""

import pytest

pytest.importorskip("celery")


def test_the_schedule_names_tasks_that_run_the_commands(monkeypatch):
    from pinax.stripe.backfill import scheduled
    from tests.queues import beat

    ran = []
    monkeypatch.setattr(scheduled, "call_command", lambda name, **options: ran.append((name, options)))
    tasks = {task.name: task for task in (beat.sync, beat.verify)}
    for entry in beat.BEAT_SCHEDULE.values():
        tasks[entry["task"]]()
    assert ran == [("stripe_sync", {"verbosity": 0}), ("stripe_verify", {"sample": 50})]
