"""What the documentation says is so: its code runs, its commands exist, its names are the code's names."""

import importlib
import os
import pydoc
import re
import shutil
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import get_commands

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.catalogue.reasons import REASONS
from pinax.stripe.conf import SETTING_NAMES
from tests.docs.commands import tox_environments
from tests.docs.pages import README, ROOT, TUTORIAL, blocks, for_projects, in_order, pages
from tests.docs.reader import Reader, environment

#: Tests of all receivers of all pages, for the reader's project.
RECIPES = ROOT / "tests" / "docs" / "recipes.py"
PLAYED = [path for path in for_projects() if any(block.language[:1] != "{" for block in blocks(path))]


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.fixture
def reader(tmp_path):
    return Reader(tmp_path)


def have_read(reader, paths):
    """Give a reader the project as some pages leave it, without the time that their commands take."""
    for path in paths:
        reader.have_read(path)
    # Without migrations, a database gets the tables of the models as they are: here those of the project, ...
    for folder in reader.folder.glob("*/migrations"):
        shutil.rmtree(folder)
    # ... and in the shell all, for `migrate` takes longer than most pages.
    with (reader.folder / "shop" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write('DATABASES["default"]["TEST"] = {"MIGRATE": False}\n')


@pytest.mark.once
@pytest.mark.elsewhere
@pytest.mark.parametrize("path", [README, TUTORIAL], ids=name_of)
def test_a_page_works_from_an_empty_folder(reader, path):
    reader.carry_out(path)


@pytest.mark.once
@pytest.mark.elsewhere
@pytest.mark.parametrize("path", [path for path in PLAYED if path not in (README, TUTORIAL)], ids=name_of)
def test_the_code_of_a_page_runs(reader, path):
    """In the project as the pages before it leave it."""
    have_read(reader, for_projects()[: for_projects().index(path)])
    reader.carry_out(path)


@pytest.mark.once
def test_nothing_overwrites_what_an_earlier_page_built_and_every_test_passes_to_the_end(reader):
    have_read(reader, for_projects())
    shutil.copy(RECIPES, reader.folder / "test_recipes.py")
    assert "passed" in reader.start(["pytest", "-q", "-p", "no:cacheprovider"])


def test_every_page_can_be_found_from_the_front_page():
    assert {*in_order(), ROOT / "docs" / "index.md"} == {*pages()}


def test_pages_with_examples_say_where_they_run():
    link = re.compile(r"\((?:\.\./)?(?:how-to/\.\./)?tutorial\.md#6-a-shell-to-try-things-in\)")
    for path in pages():
        if any(block.language == "pycon" for block in blocks(path)) and path != TUTORIAL:
            assert link.search(path.read_text(encoding="utf-8")), name_of(path)


# Names


@pytest.fixture(scope="module")
def tables():
    """The module that makes the lists of the reference."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs" / "_ext")
        yield importlib.import_module("tables")
    for name in ("tables", "states"):
        sys.modules.pop(name, None)


def texts():
    """What people read, by page."""
    return {path: path.read_text(encoding="utf-8") for path in [*pages(), ROOT / "CONTRIBUTING.md"]}


def mentioned(pattern):
    """What a pattern finds in any text, with the page."""
    return {(found, name_of(path)) for path, text in texts().items() for found in re.findall(pattern, text)}


def unknown(pattern, known):
    return sorted((found, page) for found, page in mentioned(pattern) if found not in known)


def environment_variables(tables):
    """Variables that a default is read from, and those of the tests."""
    defaults = " ".join(tables.default_text(value) for value in tables.setting_defaults().values())
    return {*re.findall(r"\w*STRIPE_\w+", defaults), *re.findall(r"PINAX_STRIPE_\w+", (ROOT / "tox.ini").read_text())}


def test_settings_that_are_mentioned_exist(tables):
    known = {*tables.settings_names(), *environment_variables(tables)}
    assert unknown(r"\b(?:PINAX_)?STRIPE_[A-Z_]*[A-Z]\b", known) == []


def test_a_key_and_a_secret_have_one_name_each_on_all_pages():
    """That of the setting, which is read from the environment, too; the list of settings has the others."""
    names = mentioned(r"\b(?:PINAX_)?STRIPE_(?:SECRET_KEY|WEBHOOK_SECRETS?|PUBLIC_KEY|PUBLISHABLE_KEY)\b")
    assert sorted((name, page) for name, page in names if not name.startswith("PINAX_")) == []


def test_commands_that_are_mentioned_exist(tables):
    known = {*tables.command_names(), *get_commands()}
    assert unknown(r"manage\.py (\w+)", known) == []
    assert unknown(r"`(stripe_\w+)`", {*known, "stripe_account", "stripe_data", "stripe_handlers", "stripe_id"}) == []


def test_event_types_that_are_mentioned_exist():
    assert unknown(r'WEBHOOK_SIGNALS\["([\w.]+)"\]', {*EVENT_TYPES, "invoice.payed"}) == []


def test_checks_that_are_mentioned_exist(tables):
    assert unknown(r"pinax_stripe\.[EW]\d+", tables.check_names()) == []


def test_names_in_our_package_that_are_mentioned_exist():
    names = {name for name, _ in mentioned(r"`(pinax\.stripe(?:\.\w+)+)`")}
    assert [name for name in sorted(names) if pydoc.locate(name) is None] == []


def test_attributes_of_models_that_are_mentioned_exist():
    for model in apps.get_app_config("pinax_stripe").get_models():
        for name, page in mentioned(rf"(?<![\w.]){model.__name__}\.(\w+)"):
            assert hasattr(model, name), f"{page}: {model.__name__}.{name}"


def test_tests_that_are_mentioned_exist():
    for path, name in {found for found, _ in mentioned(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")}:
        assert (ROOT / path).exists(), path
        assert re.search(rf"(def|class) {name}\b", (ROOT / path).read_text()), f"{path}::{name}"


def test_every_promise_names_the_tests_that_hold_it():
    promises = (ROOT / "docs" / "explanation" / "promises.md").read_text().split("\n## ")[1:]
    assert [promise[:2] for promise in promises[:9]] == [f"{number}." for number in range(1, 10)]
    assert [promise for promise in promises[:9] if "*Limits.*" not in promise or "- `tests/" not in promise] == []


def test_links_in_texts_outside_of_the_documentation_lead_somewhere():
    for path in (README, ROOT / "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), link


def test_every_list_of_the_reference_is_on_a_page_and_every_one_on_a_page_exists(tables):
    used = {found for found, _ in mentioned(r"```\{pinax-stripe-table\} (\S+)")}
    assert used == set(tables.TABLES)


def test_the_reference_describes_every_setting_command_check_reason_signal_and_model(tables):
    lists = {name: make() for name, make in tables.TABLES.items()}
    assert set(re.findall(r"^`PINAX_STRIPE_(\w+)`$", lists["settings"], re.MULTILINE)) == SETTING_NAMES
    assert all(f"\n`{name}`\n: " in f"\n{lists['event-types']}" for name in EVENT_TYPES)
    assert all(f"| `{name}` |" in lists["reasons"] for name in REASONS)
    assert all(f"## {name}\n" in lists["commands"] for name in tables.command_names())
    for model in apps.get_app_config("pinax_stripe").get_models():
        assert f"## {model.__name__}\n" in f"{lists['event-models']}\n{lists['mirrored-models']}\n"
    for name in ("WEBHOOK_SIGNALS", "every_event", "failed_event", "invalid_event"):
        assert f"`{name}`\n: " in lists["signals"]


def test_every_check_is_described(tables):
    """The ids are collected from the source: hold them against those that the tests expect."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    expected = {found for text in sources for found in re.findall(r"pinax_stripe\.[EW]\d+", text)}
    assert expected == set(tables.check_names())
    assert [row for row in tables.check_rows() if not row[2]] == []


def test_the_readme_says_what_no_event_tells(tables):
    """It has no lists that are made: a change of the table of object types is written into it, as this prints it."""
    shown = re.search(r"<!-- Made of the table of object types.*?-->(.*?)<!--", README.read_text(), re.DOTALL)
    assert " ".join(shown[1].split()) == tables.silence_in_short()


def test_what_says_what_time_changes_is_a_column_or_a_method():
    for row in OBJECT_TYPES.values():
        model = apps.get_model("pinax_stripe", row.model or "OtherObject")
        for column, says in row.changed_by_time.items():
            assert hasattr(model, column)
            assert hasattr(model, says)


def test_nothing_in_the_reference_lacks_a_description(tables):
    for name, make in tables.TABLES.items():
        assert re.findall(r"^`.*`\n: $", make(), re.MULTILINE) == [], name


def test_the_reference_never_shows_a_key_from_the_environment():
    """Defaults are read from the source, not from the process that builds the pages."""
    script = "import django; django.setup(); import tables; print(tables.settings())"
    shown = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={
            **environment(),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'docs' / '_ext'}",
            "STRIPE_SECRET_KEY": "sk_live_hidden",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "sk_live_hidden" not in shown
    assert "`STRIPE_SECRET_KEY` in the environment" in shown


# Tools


def test_every_environment_of_tox_is_explained_and_every_one_explained_exists():
    known = tox_environments()
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert [name for name in sorted(known) if f"`{name}`" not in text and f"`tox -e {name}`" not in text] == []
    assert unknown(r"tox -e ([\w-]+)", known) == []


def test_the_sources_of_the_documentation_are_in_the_sdist():
    rules = (ROOT / "MANIFEST.in").read_text()
    kinds = set(re.search(r"recursive-include docs (.*)", rules)[1].split())
    built = ROOT / "docs" / "_build"
    files = [path for path in (ROOT / "docs").rglob("*.*") if built not in path.parents and path.suffix != ".pyc"]
    assert [path for path in files if f"*{path.suffix}" not in kinds] == []
