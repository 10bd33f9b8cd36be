"""Finds modules of the project that would connect receivers or handlers, but are not imported.

Django does not know modules that it never imported, but their files can be read: a misspelt `stripe_handlers`, one in a
package that is not an installed app, a module `alarms` that no other module imports. The search imports none of them.
"""

import ast
import contextlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from django.apps import apps
from django.conf import settings

#: Modules of ours whose names connect something: `@receiver(every_event)`, `every_event.connect(…)`, `@register(…)`.
CONNECTING = ("pinax.stripe.signals", "pinax.stripe.webhooks.registry")
#: Folders of what a server does not import by itself.
LEFT_OUT = {"management", "migrations", "tests"}


def unconnected_modules() -> list[str]:
    """The dotted names of such modules, in order.

    Looked at are the packages of the installed apps, of the URLconf and of the settings, and those beside them, but for
    what was installed with pip, and for tests.
    """
    import_views()
    loaded = {path for module in list(sys.modules.values()) if (path := file_of(module))}
    found = {
        name: path
        for package in project_packages()
        for name, path in modules_below(package, dotted(package))
        if path not in loaded and connects(path)
    }
    return sorted(found)


def import_views() -> None:
    """Import the URLconf, as every server does: views may import what connects receivers."""
    if isinstance(name := getattr(settings, "ROOT_URLCONF", None), str):
        # Django's own checks of URLs report what is wrong with it.
        with contextlib.suppress(Exception):
            import_module(name)


def file_of(module: ModuleType) -> Path | None:
    name = getattr(module, "__file__", None)
    return Path(name).resolve() if isinstance(name, str) else None


def project_packages() -> set[Path]:
    """The folders of the project's own packages."""
    names = [config.name for config in apps.get_app_configs()]
    names += [str(name).rpartition(".")[0] for name in (settings.ROOT_URLCONF, settings.SETTINGS_MODULE) if name]
    modules = [sys.modules.get(name) for name in names]
    own = {path.parent for module in modules if module and (path := file_of(module)) and not is_installed(path)}
    own -= {Path(__file__).resolve().parent}
    beside = {path for package in own for path in folder_entries(package.parent) if is_package(path)}
    return {package for package in own | beside if package.name not in LEFT_OUT}


def is_installed(path: Path) -> bool:
    """Whether a file came with Python or with pip; such packages are not the project's to change."""
    places = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return bool(places & set(path.parents)) or "site-packages" in path.parts


def modules_below(package: Path, name: str) -> Iterator[tuple[str, Path]]:
    """The modules of a package of that name, and of those inside it, but for tests; name and file.

    A folder `stripe_handlers` counts as a package without an `__init__.py`, too: Django imports it, and nothing in it.
    """
    for path in folder_entries(package):
        if path.suffix == ".py" and not is_test(path.stem):
            yield name if path.stem == "__init__" else f"{name}.{path.stem}", path.resolve()
        elif path.name not in LEFT_OUT and (is_package(path) or path.name == "stripe_handlers"):
            yield from modules_below(path, f"{name}.{path.name}")


def folder_entries(folder: Path) -> list[Path]:
    """What is in a folder, without links, which may lead in a circle; [] for one that cannot be read, or is none."""
    try:
        return sorted(path for path in folder.iterdir() if not path.is_symlink())
    except OSError:
        return []


def is_package(path: Path) -> bool:
    try:
        return (path / "__init__.py").is_file()
    except OSError:
        return False


def is_test(name: str) -> bool:
    return name in ("conftest", "tests") or name.startswith("test_") or name.endswith("_test")


def dotted(package: Path) -> str:
    """The name under which a package can be imported."""
    return f"{dotted(package.parent)}.{package.name}" if is_package(package.parent) else package.name


def connects(path: Path) -> bool:
    """Whether importing a module would connect a receiver or register a handler, as far as reading it tells."""
    try:
        source = path.read_bytes()
        if b"pinax.stripe" not in source:
            return False
        nodes = list(executed(ast.parse(source)))
    except (OSError, SyntaxError, ValueError):
        return False
    names = {name for node in nodes for name in connecting_names(node)}
    return any(mentions(part, names) for node in nodes for part in connecting_parts(node))


def executed(module: ast.Module) -> Iterator[ast.AST]:
    """The nodes of what runs when a module is imported: not the insides of its functions."""
    todo: list[ast.AST] = [module]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def connecting_names(node: ast.AST) -> Iterator[str]:
    """What an import from our connecting modules is called in the module."""
    if isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            if node.module in CONNECTING or f"{node.module}.{alias.name}" in CONNECTING:
                yield alias.asname or alias.name
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in CONNECTING:
                yield alias.asname or "pinax"


def connecting_parts(node: ast.AST) -> Iterable[ast.AST]:
    """Expressions that may connect something: decorators, and calls of `connect`."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.decorator_list
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect":
        return [node.func]
    return []


def mentions(part: ast.AST, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(part))
