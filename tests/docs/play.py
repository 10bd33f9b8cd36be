"""Plays what a page shows of the tutorial's shell: its code, and between it the commands of pinax-stripe.

`python -m tests.docs.play PAGE FOLDER` makes that shell, as the tutorial's `play.py` does, in the project in a folder.
"""

import contextlib
import doctest
import importlib
import io
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from tests.docs.commands import FLAGS, check_only, compare, is_for_shell
from tests.docs.pages import TUTORIAL, Block, Command, blocks, commands


class Shell:
    """A project that Django was set up with in this process."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def play(self, page: Path) -> None:
        """Run what is the shell's of a page."""
        for block in blocks(page):
            for command in commands(block) if block.language == "console" else []:
                if is_for_shell(command):
                    self.command(command)
            if block.language == "pycon":
                self.doctest(block)
            elif block.is_for_shell:
                # Blank lines in front, so that errors name the line of the page.
                exec(compile("\n" * (block.line - 1) + block.text, str(block.path), "exec"), self.names)

    def doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, self.names, str(block), str(block.path), block.line - 1)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        if runner.run(test, out=report.write, clear_globs=False).failed:
            raise AssertionError(report.getvalue())
        self.names.update(test.globs)

    def command(self, command: Command) -> None:
        """Call a command where it meets the events of the page, and compare what it prints."""
        if check_only(command):
            return
        from django.core.management import CommandError, ManagementUtility

        words = shlex.split(command.line)
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                call(ManagementUtility(words[1:]), words[2:])
            except CommandError as error:
                if "Error" not in command.output:
                    raise
                output.write(f"CommandError: {error}\n")
            except SystemExit:
                # A monitor reads the exit status. Where the page shows no output, nothing is said of it.
                if not command.output.strip():
                    raise
        compare(command, output.getvalue())


def call(utility: Any, words: list[str]) -> None:
    """What run_from_argv does, but for closing the connections."""
    instance = utility.fetch_command(words[0])
    options = vars(instance.create_parser("manage.py", words[0]).parse_args(words[1:]))
    args = options.pop("args", ())
    instance.stdout._out, instance.stderr._out = sys.stdout, sys.stderr
    instance.execute(*args, **options)


def main(page: Path, folder: Path) -> None:
    """Play a page in the project in a folder."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    (shell,) = (block for block in blocks(TUTORIAL) if block.file and block.file["path"] == "play.py")
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(shell.text, "play.py", "exec"), names)
    try:
        Shell(names).play(page)
    finally:
        importlib.import_module("django.db").connections.close_all()
        names["fake_stripe"].stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
