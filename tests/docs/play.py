"""Plays a page: writes its files into a project, runs its code and its commands, and compares what they print.

`python -m tests.docs.play PAGE FOLDER` plays a page in this process, on the project in a folder, with a FakeStripe; the
tests start it, so that what one page defines is gone before the next.
"""

import contextlib
import doctest
import importlib.util
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, SHOWN_ONLY, Block, Command, blocks, commands

SETTINGS = "shop.settings"
#: Where Django's Tasks may be.
FRAMEWORKS = ("django.tasks", "django_tasks")
#: File of a page -> file of the tests that it has to agree with.
TESTED_ELSEWHERE = {"members/tasks.py": "tests/queues/tasks.py"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def play(block: Block, folder: Path, *, run: Callable[[Block], None], command: Callable[[Command], None]) -> None:
    """Do with a block what its reader would do."""
    if (block.file and not write(block, folder)) or is_tested_elsewhere(block):
        return
    if block.language == "console":
        for each in commands(block):
            command(each)
    elif block.language in ("python", "pycon"):
        run(block)
    elif not (block.file or block.language.startswith("{") or block.language in SHOWN_ONLY):
        raise AssertionError(f"{block}: nobody knows how to test a block in {block.language!r}")


def write(block: Block, folder: Path) -> bool:
    """Make the file that a block is, or add to it; False when it was added before."""
    path = folder / block.file["path"]
    before = path.read_text(encoding="utf-8") if block.file["end"] else ""
    if block.text in before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}\n{block.text}" if before else block.text, encoding="utf-8")
    return True


def is_tested_elsewhere(block: Block) -> bool:
    """Whether a file needs what not every test run has; then it has to be, word for word, one that other tests use."""
    if not block.file or block.file["path"] not in TESTED_ELSEWHERE:
        return False
    tested = (ROOT / TESTED_ELSEWHERE[block.file["path"]]).read_text(encoding="utf-8")
    shown = block.text.partition("\n")[2]
    assert tested.endswith(shown), f"{block} is not {TESTED_ELSEWHERE[block.file['path']]}"
    return True


def compare(command: Command, output: str) -> None:
    """Hold what a command printed against the page."""
    if command.output.strip() and not doctest.OutputChecker().check_output(command.output, output, FLAGS):
        raise AssertionError(f"{command.block}: {command.line} printed\n{output}\nand not\n{command.output}")


# Commands that are started as they stand


def environment() -> dict[str, str]:
    """A reader's: our programs first on the path, and nothing of the test run's."""
    ours = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "error"}
    theirs = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DJANGO_", "PINAX_STRIPE_", "PYTEST_", "STRIPE_"))
    }
    return {**theirs, **ours, "PYTHONDONTWRITEBYTECODE": "1"}


def start(command: Command, folder: Path) -> None:
    """Run a command in the project's folder; it succeeds, unless the page shows the error that it ends with."""
    done = subprocess.run(
        shlex.split(command.line), cwd=folder, env=environment(), capture_output=True, text=True, timeout=600
    )
    output = done.stdout + done.stderr
    if done.returncode and "Error" not in command.output:
        raise AssertionError(f"{command.block}: {command.line} ended with {done.returncode}:\n{output}")
    compare(command, output)


# Commands that are only checked


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
    """Arguments of a command that waits for somebody, or never ends."""
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


CHECKED: list[tuple[list[str], Callable[[list[str]], None]]] = [
    (["python", "-m", "pip", "install"], check_installable),
    (["python", "-m", "venv"], nothing),
    ([".", ".venv/bin/activate"], nothing),
    (["export"], nothing),
    (["stripe", "listen"], nothing),
    (["python", "manage.py", "runserver"], lambda words: check_parsed(["runserver", *words])),
    (["python", "manage.py", "createsuperuser"], lambda words: check_parsed(["createsuperuser", *words])),
    (
        ["python", "manage.py", "stripe_process_events", "--watch"],
        lambda words: check_parsed(["stripe_process_events", "--watch", *words]),
    ),
    (["python", "manage.py", "stripe_listen"], lambda words: check_parsed(["stripe_listen", *words])),
    (["tox"], check_tox),
]


# In this process


class Session:
    """Plays a page on a project that Django was set up with in this process."""

    def __init__(self, folder: Path, names: dict[str, Any]) -> None:
        self.folder, self.names = folder, names

    def run(self, block: Block) -> None:
        """Files are imported, or imported again; settings applied; everything else is executed."""
        if block.language == "pycon":
            self.doctest(block)
        elif not block.file:
            self.execute(block, self.names)
        elif block.file["path"] == "shop/settings.py":
            self.apply(block)
        elif not Path(block.file["path"]).name.startswith("test"):
            self.load(block.file["path"].removesuffix(".py").replace("/", "."))

    def execute(self, block: Block, names: dict[str, Any]) -> None:
        # Blank lines in front, so that errors name the line of the page.
        exec(compile("\n" * (block.line - 1) + block.text, str(block.path), "exec"), names)

    def doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, self.names, str(block), str(block.path), block.line - 1)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        if runner.run(test, out=report.write, clear_globs=False).failed:
            raise AssertionError(report.getvalue())
        self.names.update(test.globs)

    def apply(self, block: Block) -> None:
        """Set what a settings file sets; the system checks must have nothing to say against it."""
        if "pinax.stripe.tasks" in block.text and not any(map(importlib.util.find_spec, FRAMEWORKS)):
            return  # Django 5.2 without the extra.
        from django.conf import settings
        from django.core.management import call_command

        names = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
        before = dict(names)
        self.execute(block, names)
        for name, value in names.items():
            if name.isupper() and (name not in before or value is not before[name]):
                setattr(settings, name, value)
        call_command("check", fail_level="WARNING")

    def load(self, name: str) -> None:
        importlib.invalidate_caches()
        module = sys.modules.get(name)
        if module is None:
            importlib.import_module(name)
        else:
            importlib.reload(module)

    def command(self, command: Command) -> None:
        """Commands of the project in this process, so that they meet the same FakeStripe; others as they stand."""
        words = shlex.split(command.line)
        if check_only(command):
            return
        if words[:2] != ["python", "manage.py"] or words[2] == "test":
            start(command, self.folder)
            return
        from django.core.management import CommandError, ManagementUtility

        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                self.manage(ManagementUtility(words[1:]), words[2:])
            except CommandError as error:
                if "Error" not in command.output:
                    raise
                output.write(f"CommandError: {error}\n")
            except SystemExit:
                # A monitor reads the exit status. Where the page shows no output, nobody expects it.
                if not command.output.strip():
                    raise
        compare(command, output.getvalue())

    def manage(self, utility: Any, words: list[str]) -> None:
        """What run_from_argv does, but for closing the connections."""
        instance = utility.fetch_command(words[0])
        options = vars(instance.create_parser("manage.py", words[0]).parse_args(words[1:]))
        args = options.pop("args", ())
        instance.stdout._out, instance.stderr._out = sys.stdout, sys.stderr
        instance.execute(*args, **options)


def main(page: Path, folder: Path) -> None:
    """Play a page on the project in a folder."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    sys.dont_write_bytecode = True
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from pinax.stripe.testing import FakeStripe

    setup_test_environment()
    call_command("migrate", run_syncdb=True, verbosity=0)
    with FakeStripe() as stripe:
        settings.PINAX_STRIPE_API_BASE = stripe.url
        settings.PINAX_STRIPE_SECRET_KEY = "sk_test_fake"
        session = Session(folder, {"client": Client(), "fake_stripe": stripe, "__name__": "page"})
        for block in blocks(page):
            play(block, folder, run=session.run, command=session.command)
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
