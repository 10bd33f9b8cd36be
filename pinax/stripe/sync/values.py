"""Single values of Stripe's JSON, under the name that this module had before."""

from ..stripe_values import *  # noqa: F403
