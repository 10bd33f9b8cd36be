"""The schedule for Celery beat of docs/how-to/schedule.md."""

from celery import shared_task
from celery.schedules import crontab

from pinax.stripe.backfill.scheduled import read_what_is_new, verify_sample


@shared_task(name="members.sync", ignore_result=True)
def sync():
    read_what_is_new()


@shared_task(name="members.verify", ignore_result=True)
def verify():
    verify_sample(50)


BEAT_SCHEDULE = {
    "read what is new at Stripe": {"task": "members.sync", "schedule": crontab(minute=17)},
    "hold a sample against Stripe": {"task": "members.verify", "schedule": crontab(hour=4, minute=23)},
}
