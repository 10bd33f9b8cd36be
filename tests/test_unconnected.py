"""Receivers in modules that nothing imports: Django cannot tell of them, a check can."""

import itertools
import os
import sys
import zipfile

import pytest

from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.unconnected import unconnected_modules

RECEIVER = """
from django.dispatch import receiver

from pinax.stripe.signals import WEBHOOK_SIGNALS


@receiver([WEBHOOK_SIGNALS[name] for name in ("invoice.paid",)])
def thank(event, **kwargs):
    pass
"""
WAYS = {
    "a receiver": RECEIVER,
    "an async receiver": RECEIVER.replace("def thank", "async def thank"),
    "a connect": "from pinax.stripe.signals import failed_event as failed\n\nfailed.connect(print)\n",
    "a connect by module": "from pinax.stripe import signals\n\nsignals.every_event.connect(print)\n",
    "a connect by path": "import pinax.stripe.signals\n\npinax.stripe.signals.every_event.connect(print)\n",
    "a connect in a loop": "from pinax.stripe.signals import every_event as e\nfor each in ():\n    e.connect(each)\n",
    "a handler": """
from pinax.stripe.webhooks.base import Webhook
from pinax.stripe.webhooks.registry import register


@register("invoice.celebrated")
class Celebrated(Webhook):
    pass
""",
}
NO_WAYS = {
    "nothing of ours": "import json\n",
    "models": "from pinax.stripe.models import Customer\n",
    "a connect in a function": """
from pinax.stripe.signals import every_event


def start():
    every_event.connect(print)
""",
    "another receiver": """
from django.db.models.signals import post_save
from django.dispatch import receiver

from pinax.stripe.models import Customer


@receiver(post_save, sender=Customer)
def saved(**kwargs):
    pass
""",
    "a list of types": "from pinax.stripe.signals import WEBHOOK_SIGNALS\nNAMES = sorted(WEBHOOK_SIGNALS)\n",
    "no Python": "from pinax.stripe.signals import every_event\n@receiver(\n",
    "no text": "from pinax.stripe.signals import every_event\n\0",
}
numbers = itertools.count()


@pytest.fixture
def project(tmp_path, monkeypatch, settings):
    """Writes the modules of a project with one installed app; the name of that app stands for `members`."""
    app = f"members_{next(numbers)}"
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def write(**modules):
        for name, text in {"members": "", **modules}.items():
            path = tmp_path.joinpath(*name.replace("members", app).split("__"))
            if text is not None:
                path = path / "__init__.py" if name.endswith(("members", "billing")) else path.with_suffix(".py")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text.replace("members", app))
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, app]
        return [name.replace(app, "members") for name in unconnected_modules()]

    yield write
    for name in set(sys.modules) - before:
        if name.startswith(app):
            # A module that was imported is garbage from now on, but its receivers are connected until it is collected.
            for receiver in vars(sys.modules.pop(name)).values():
                for signal in WEBHOOK_SIGNALS.values() if callable(receiver) else ():
                    signal.disconnect(receiver)


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_a_module_that_connects_and_is_not_imported_is_found(project, text):
    assert project(members__alarms=text) == ["members.alarms"]


@pytest.mark.parametrize("text", NO_WAYS.values(), ids=NO_WAYS)
def test_a_module_that_connects_nothing_is_left_alone(project, text):
    assert project(members__alarms=text) == []


@pytest.mark.parametrize("name", ["stripe_handler", "stripe_receivers", "signals", "billing__stripe_handlers"])
def test_a_module_of_another_name_or_in_another_place_is_found(project, name):
    modules = {f"members__{name}": RECEIVER}
    if "__" in name:
        modules["members__billing"] = ""
    assert project(**modules) == [f"members.{name.replace('__', '.')}"]


def test_a_folder_without_an_init_is_imported_and_nothing_in_it(project):
    assert project(members__stripe_handlers__invoices=RECEIVER) == ["members.stripe_handlers.invoices"]


def test_a_package_that_does_not_import_its_modules_is_found(project):
    found = project(members__billing="", members__billing__invoices=RECEIVER, members__stripe_handlers="")
    assert found == ["members.billing.invoices"]


def test_links_in_a_circle_are_not_followed(project, tmp_path):
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "__init__.py").touch()
    (tmp_path / "billing" / "again").symlink_to(tmp_path / "billing", target_is_directory=True)
    assert project(billing__stripe_handlers=RECEIVER) == ["billing.stripe_handlers"]


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="may read everything")
def test_what_cannot_be_read_is_left_alone(project, tmp_path):
    (tmp_path / "billing").mkdir(mode=0)
    assert project(members__alarms=RECEIVER) == ["members.alarms"]


def test_an_app_in_an_archive_is_left_alone(settings, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "apps.zip", "w") as archive:
        archive.writestr("packed/__init__.py", "")
        archive.writestr("packed/alarms.py", RECEIVER)
    monkeypatch.syspath_prepend(tmp_path / "apps.zip")
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "packed"]
    assert unconnected_modules() == []


def test_a_package_that_is_no_installed_app_is_found(project):
    """As when the module lies in the folder of the settings, or the app was forgotten."""
    assert project(billing="", billing__stripe_handlers=RECEIVER) == ["billing.stripe_handlers"]


@pytest.mark.parametrize("name", ["tests", "test_alarms", "alarms_test", "conftest", "management__alarms"])
def test_what_a_server_does_not_import_is_left_alone(project, name):
    modules = {"members__management": None} if "__" in name else {}
    assert project(**modules, **{f"members__{name}": RECEIVER}) == []


def test_what_is_imported_is_connected(project):
    assert project(members__stripe_handlers="from . import alarms", members__alarms=RECEIVER) == []


def test_what_a_module_imports_that_is_not_imported_itself_is_found(project):
    assert project(members__views="from . import alarms", members__alarms=RECEIVER) == ["members.alarms"]


def test_projects_of_our_own_have_none():
    assert unconnected_modules() == []
