from django.dispatch import receiver

from pinax.stripe.models import Subscription
from pinax.stripe.signals import WEBHOOK_SIGNALS

#: Plan -> seats. The new plan is missing.
SEATS = {"silver": 5, "gold": 20}


@receiver(WEBHOOK_SIGNALS["customer.subscription.updated"])
def upgrade(event, **kwargs):
    subscription = Subscription.objects.get(stripe_id=event.object_id)
    plan = subscription.stripe_data["metadata"].get("plan", "gold")
    print(f"{event.customer} has {SEATS[plan]} seats")
