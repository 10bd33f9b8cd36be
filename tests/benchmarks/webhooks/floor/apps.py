"""The floors as an app."""

from django.apps import AppConfig


class FloorConfig(AppConfig):
    name = "tests.benchmarks.webhooks.floor"
    label = "floor"
