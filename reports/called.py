"""The one function of a library that a failing script differentiates: its defect shows in every rule that calls it."""

from __future__ import annotations

import ast


def called(script: str) -> tuple[str, str]:
    """The call that the script's ``f`` returns: as it stands, and with … for each argument that is no constant.

    Both are empty where ``f`` does more than call one function (the defect could be in any part of it), and for what is
    no Python.
    """
    try:
        tree = ast.parse(script)
    except SyntaxError:
        return "", ""
    bodies = [one.body for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "f"]
    if len(bodies) != 1 or not isinstance(bodies[0][0], ast.Return) or bodies[0][0].value is None:
        return "", ""
    value = bodies[0][0].value
    call = value
    while isinstance(call, ast.Subscript | ast.Attribute):  # one of several results
        call = call.value
    if not isinstance(call, ast.Call) or not _is_dotted(call.func):
        return "", ""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if any(isinstance(part, ast.Call | ast.Lambda) for one in given for part in ast.walk(one)):
        return "", ""
    value = _Spelt(_modules(tree)).visit(value)
    text = ast.unparse(value)
    call.args = [one if isinstance(one, ast.Constant) else ast.Name("…") for one in call.args]
    return text, ast.unparse(value)


def _is_dotted(one: ast.expr) -> bool:
    while isinstance(one, ast.Attribute):
        one = one.value
    return isinstance(one, ast.Name)


def _modules(tree: ast.Module) -> dict[str, str]:
    """The modules' own names for those that a script gives them."""
    imports = [alias for one in tree.body if isinstance(one, ast.Import) for alias in one.names]
    return {alias.asname: alias.name for alias in imports if alias.asname}


class _Spelt(ast.NodeTransformer):
    def __init__(self, modules: dict[str, str]) -> None:
        self.modules = modules

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.modules.get(node.id, node.id))
