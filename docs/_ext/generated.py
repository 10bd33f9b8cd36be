"""Sphinx: blocks `{pinax-stripe-table} NAME` become lists of `tables`; the names that these define become links."""

import re
from typing import Any

import tables
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

BLOCK = re.compile(r"^```\{pinax-stripe-table\} (\S+)\n```$", re.MULTILINE)
#: Only pages of the reference define names.
REFERENCE = "reference/"
#: Kinds of names that have a heading of their own.
HEADED = ("command", "model")


def kinds() -> dict[str, str]:
    """Name -> kind."""
    return {name: kind for kind, names in tables.NAMES.items() for name in names()}


def put_in_lists(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the blocks of a page before it is parsed, so that a list may have headings."""
    text = BLOCK.sub(lambda block: tables.TABLES[block[1]](), source[0])
    if text != source[0]:
        app.env.note_reread()  # The code may have changed though the page has not.
        source[0] = text


class DefineNames(SphinxTransform):
    """Headings, terms and first columns of the reference are what their names lead to."""

    default_priority = 490

    def apply(self, **kwargs: Any) -> None:
        if not self.env.docname.startswith(REFERENCE):
            return
        known = kinds()
        for node in self.document.findall(nodes.Element):
            name = node.astext() if is_naming(node) else ""
            if name in known and isinstance(node, nodes.title) == (known[name] in HEADED):
                place = node.parent if isinstance(node, nodes.title) else node
                if not place["ids"]:
                    place["ids"].append(nodes.make_id(f"{known[name]}-{name}"))
                node["defines"] = True
                self.env.domains.standard_domain.note_object(known[name], name, place["ids"][0], location=node)


def is_naming(node: nodes.Element) -> bool:
    if isinstance(node, nodes.entry):
        return node is node.parent[0] and isinstance(node.parent.parent, nodes.tbody)
    return isinstance(node, (nodes.title, nodes.term))


class LinkNames(SphinxTransform):
    """`PINAX_STRIPE_DISPATCH`, anywhere in code style, leads to where it is described."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        known = kinds()
        for node in list(self.document.findall(nodes.literal)):
            name = node.astext().removeprefix("python ").removeprefix("manage.py ").partition(" ")[0]
            if name not in known or is_linked(node):
                continue
            link = addnodes.pending_xref(
                "",
                refdomain="std",
                reftype=known[name],
                reftarget=name,
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
            )
            node.replace_self(link)
            link += node


class NameTests(SphinxTransform):
    """`tests/test_x.py::test_it_works` is shown as what it says, with its file behind it."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.literal)):
            path, _, name = node.astext().partition("::")
            if path.startswith("tests/") and name.startswith("test_"):
                words = name.removeprefix("test_").replace("_", " ")
                node.replace_self([nodes.Text(f"{words} "), nodes.literal("", path, classes=["aside"])])


class HideRuns(SphinxTransform):
    """What the tests run beside what is shown is not for readers, not even in the source of the page."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(lambda node: isinstance(node, (nodes.raw, nodes.comment)))):
            if node.astext().lstrip("<!- ").startswith("run\n"):
                node.parent.remove(node)


def is_linked(node: nodes.Node) -> bool:
    """Whether it is part of a link or of a heading, or is what a link would lead to."""
    while node.parent is not None:
        if isinstance(node, (nodes.reference, nodes.title, addnodes.pending_xref)) or node.get("defines"):
            return True
        node = node.parent
    return False


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", put_in_lists)
    for transform in (DefineNames, LinkNames, NameTests, HideRuns):
        app.add_transform(transform)
    for kind in tables.NAMES:
        app.add_object_type(kind, kind)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
