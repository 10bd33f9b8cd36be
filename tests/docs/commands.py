"""The commands of the pages: which are typed into a terminal, which are called in the shell, which only checked."""

import doctest
import itertools
import re
import shlex
from collections.abc import Callable
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, metadata, version

from tests.docs.pages import ROOT, Command

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def compare(command: Command, output: str) -> None:
    """Hold what a command printed against the page."""
    if command.output.strip() and not doctest.OutputChecker().check_output(command.output, output, FLAGS):
        raise AssertionError(f"{command.block}: {command.line} printed\n{output}\nand not\n{command.output}")


def is_for_shell(command: Command) -> bool:
    """Whether it is a command of ours, which has to meet the FakeStripe and the events of the shell."""
    return " manage.py stripe_" in command.line


def check_only(command: Command) -> bool:
    """Check a command that cannot be run in a test; whether it was one."""
    words = [word for word in shlex.split(command.line) if "=" not in word or word.startswith(("-", "pinax"))]
    for beginning, check in CHECKED:
        if words[: len(beginning)] == beginning:
            check(words[len(beginning) :])
            return True
    return False


def check_installable(words: list[str]) -> None:
    """Names and versions of packages: ours has to fit, others to be what the tests use."""
    from packaging.requirements import Requirement
    from packaging.version import Version

    for word in words:
        requirement = Requirement(word)
        try:
            # Of what is being developed, the version that it is going to be.
            installed = Version(version(requirement.name)).base_version
        except PackageNotFoundError:
            assert requirement.name in optional(), f"{word} is neither installed nor an extra of ours"
            continue
        assert requirement.specifier.contains(installed), f"{word}, but {installed} is installed"
        extras = set(metadata(requirement.name).get_all("Provides-Extra") or [])
        assert requirement.extras <= extras, f"{word}: there are only {extras}"


def optional() -> set[str]:
    """Names of what the extras of our own package need."""
    from packaging.requirements import Requirement

    return {Requirement(line).name for line in metadata("pinax-stripe").get_all("Requires-Dist") or []}


def check_parsed(words: list[str]) -> None:
    """Arguments of a command that waits for input, or never ends."""
    from django.core.management import get_commands, load_command_class

    load_command_class(get_commands()[words[0]], words[0]).create_parser("manage.py", words[0]).parse_args(words[1:])


def tox_environments() -> set[str]:
    """The names in tox.ini, `{a,b}` written out."""
    config = ConfigParser()
    config.read(ROOT / "tox.ini")
    names = {name.removeprefix("testenv:") for name in config.sections() if name.startswith("testenv:")}
    found = set()
    for name in {*config["tox"]["envlist"].split(), *names}:
        parts = [part.strip("{}").split(",") for part in re.split(r"({[^}]*})", name)]
        found |= {"".join(chosen) for chosen in itertools.product(*parts)}
    return found


def check_tox(words: list[str]) -> None:
    """Environments that tox.ini has."""
    named = {words[index + 1] for index, word in enumerate(words) if word == "-e"}
    assert named <= tox_environments(), f"tox.ini has no {named - tox_environments()}"


def nothing(words: list[str]) -> None:
    """For programs that are not ours."""


#: Commands of Django's that wait for input, or never end.
WAITING = ("createsuperuser", "runserver", "shell")
#: Checks the arguments of such a command, in the folder of a project.
PARSE = """
import os, sys
import django
from django.core.management import get_commands, load_command_class

os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
sys.path.insert(0, "")
django.setup()
name, *arguments = sys.argv[1:]
load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments)
"""
#: Beginning of a command -> what is checked of the rest.
CHECKED: list[tuple[list[str], Callable[[list[str]], None]]] = [
    (["python", "-m", "pip", "install"], check_installable),
    ([".", ".venv/bin/activate"], nothing),
    (["python", "-i", "play.py"], nothing),
    (["stripe", "listen"], nothing),
    (
        ["python", "manage.py", "stripe_process_events", "--watch"],
        lambda words: check_parsed(["stripe_process_events", "--watch", *words]),
    ),
    (["python", "manage.py", "stripe_listen"], lambda words: check_parsed(["stripe_listen", *words])),
    (["tox"], check_tox),
]
