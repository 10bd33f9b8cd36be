"""What Stripe's library says of the parameters of lists."""

import ast
from pathlib import Path

import stripe

ROOT = Path(stripe.__file__).parent


def parameters_of_lists() -> dict[str, set[str]]:
    """Path of a list below `/v1/` -> the names of its parameters. Paths with placeholders are left out."""
    found = {}
    for path in ROOT.rglob("*_service.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "list":
                texts = [str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)]
                address = next((each for each in texts if each.startswith("/v1/")), "")
                name = next((each for each in texts if each.endswith("ListParams")), "")
                if address and name:
                    found[address.removeprefix("/v1/")] = parameters_of(path, name)
    return found


def parameters_of(service: Path, name: str) -> set[str]:
    """The parameters that a class in the module beside a service has."""
    folder = ROOT / "params" / service.parent.relative_to(ROOT)
    for path in folder.glob("*_list_params.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return {each.target.id for each in node.body if isinstance(each, ast.AnnAssign)}
    return set()
