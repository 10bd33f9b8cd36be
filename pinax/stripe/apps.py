"""The Django app: loads settings, checks, and the handlers of the project."""

from types import ModuleType

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PinaxStripeConfig(AppConfig):
    name = "pinax.stripe"
    label = "pinax_stripe"
    verbose_name = _("Stripe")
    default_auto_field = "django.db.models.BigAutoField"

    @property
    def own_writes(self) -> ModuleType:
        """What models, which are below it, use for writes of the project's own."""
        from .sync import own_writes

        return own_writes

    def ready(self) -> None:
        from . import checks, conf  # noqa: F401  importing registers the checks and fills in the defaults
        from .sync.user_links import link_new_user
        from .upkeep.rebuilding import say_what_is_due
        from .webhooks import handlers  # noqa: F401  importing registers the handlers

        post_migrate.connect(say_what_is_due, sender=self)
        post_save.connect(link_new_user, sender=settings.AUTH_USER_MODEL)
        autodiscover_modules("stripe_handlers")
