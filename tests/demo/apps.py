"""The demo as an app of its project: what a shop would have beside pinax-stripe."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "tests.demo"
    label = "demo"
    verbose_name = "The shop's own"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import receivers

        receivers.connect()
