"""Texts and names are plain: CONTRIBUTING.md, "Words"."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SUFFIXES = (".py", ".md", ".html", ".svg")
#: Pronouns for a subject that has a name: staff, a user, the sender, another process.
PRONOUNS = re.compile(r"\b(?:some|no|any)body\b|\bwhoever\b", re.IGNORECASE)
#: The rule itself, this module, and the account of a Unix system that has this name.
EXCEPTIONS = {"CONTRIBUTING.md", "tests/test_words.py", "tests/postgres.py"}
#: First words of a name that says nothing without the title of its file.
UNNAMED = {"it", "its", "they", "their", "them", "those", "these", "this", "that", "he", "she", "so", "and", "also"}


def texts():
    """Every module, page and template, by its path."""
    folders = [ROOT / name for name in ("pinax", "docs", "tests")]
    pages = list(ROOT.glob("*.md"))
    for path in [*pages, *(found for folder in folders for found in folder.rglob("*"))]:
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in SUFFIXES and name not in EXCEPTIONS and "_build" not in path.parts:
            yield name, path.read_text(encoding="utf-8")


def names_of_tests():
    for name, text in texts():
        if Path(name).name.startswith("test_"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield node.name


def test_texts_name_their_subject():
    found = [
        f"{name}: {line.strip()}"
        for name, text in texts()
        for line in text.splitlines()
        if PRONOUNS.search(line.replace("_", " "))
    ]
    assert found == []


def test_the_name_of_a_test_names_its_subject():
    names = list(names_of_tests())
    assert len(names) > 700
    assert [name for name in names if name.split("_")[1] in UNNAMED] == []


@pytest.mark.parametrize("section", ["Stripe's words", "HTTP's and Django's words", "Words of pinax-stripe"])
def test_the_glossary_is_in_alphabetical_order_and_has_each_word_once(section):
    page = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    text = page.split(f"## {section}\n")[1].split("\n## ")[0]
    words = [word.strip("`") for word in re.findall(r"^([^:\s].*)\n: ", text, re.MULTILINE)]
    assert len(words) > 5
    assert words == sorted(words, key=str.lower)
    assert len({*words}) == len(words)
