"""A script in fewer lines: helpers and aliases are replaced by what they stand for, and what is unused is left out.

The writer of scripts defines ``jvp`` and ``vjp`` in every script, one source for all backends. Whoever pastes a script
into a tracker wants the one call of the library that fails: ``torch.func.vjp(f, x)[1](cotangent)[0]``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from copy import deepcopy


def shorten(source: str) -> str:
    """The same program, shorter; leading comments stay. Raises SyntaxError where ``source`` is no Python."""
    comments = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        comments.append(line)
    tree = ast.parse(source)
    aliases = _aliases(tree)
    tree = _Substitute(aliases).visit(tree)
    tree.body = [node for node in tree.body if not _defines(node, aliases)]
    called = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and _plain(node)}
    for _ in range(len(called) + 1):
        tree = _Inline(called).visit(tree)
        tree = _Fold().visit(tree)
    tree.body = _used(tree.body)
    return "\n".join([*comments, ast.unparse(ast.fix_missing_locations(tree)), ""])


def _aliases(tree: ast.Module) -> dict[str, ast.expr]:
    """Names that stand for another name of a module or of something in it: ``array = torch.tensor``, ``xp`` for torch."""
    found: dict[str, ast.expr] = {}
    modules: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for name in node.names:
                bound = name.asname or name.name
                if name.name in modules or (name.asname is None and "." in name.name):
                    if name.asname:
                        found[bound] = ast.parse(modules[name.name], mode="eval").body
                    continue
                modules[name.name] = bound
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _dotted(node.value):
            found[node.targets[0].id] = _Substitute(found).visit(deepcopy(node.value))
    return found


def _dotted(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and (isinstance(node.value, ast.Name) or _dotted(node.value))


def _defines(node: ast.stmt, aliases: Mapping[str, ast.expr]) -> bool:
    """Whether a statement does nothing but bind an alias. It may come after its alias was substituted in it."""
    if isinstance(node, ast.Assign):
        return _dotted(node.value) and ast.unparse(node.targets[0]) in aliases
    return isinstance(node, ast.Import) and all(name.asname in aliases for name in node.names)


def _plain(function: ast.FunctionDef) -> bool:
    """Whether the body is one return, or some behind conditions."""
    *first, last = function.body
    conditions = all(isinstance(s, ast.If) and len(s.body) == 1 and isinstance(s.body[0], ast.Return) for s in first)
    return conditions and isinstance(last, ast.Return) and last.value is not None and not function.args.defaults


class _Substitute(ast.NodeTransformer):
    """Names for expressions; a name that is assigned to stays."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.values:
            return deepcopy(self.values[node.id])
        return node


class _Fold(ast.NodeTransformer):
    """What is known without running: spliced lists, their elements and lengths, and an array of an array."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        if isinstance(node, ast.Call):
            node.args = _spliced(node.args)
            name, only = ast.unparse(node.func), node.args[0] if len(node.args) == 1 and not node.keywords else None
            if isinstance(only, ast.List | ast.Tuple) and name in ("tuple", "list", "len"):
                kinds = {"tuple": ast.Tuple, "list": ast.List}
                return kinds[name](only.elts, ast.Load()) if name in kinds else ast.Constant(len(only.elts))
            if (
                name in ("np.array", "np.asarray")
                and isinstance(only, ast.Call)
                and ast.unparse(only.func) == "np.array"
            ):
                return only
        if isinstance(node, ast.List | ast.Tuple):
            node.elts = _spliced(node.elts)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.List | ast.Tuple):
            index = node.slice
            if isinstance(index, ast.Constant) and type(index.value) is int and index.value < len(node.value.elts):
                return node.value.elts[index.value]
        return node


def _spliced(elements: Sequence[ast.expr]) -> list[ast.expr]:
    found: list[ast.expr] = []
    for one in elements:
        starred = isinstance(one, ast.Starred) and isinstance(one.value, ast.List | ast.Tuple)
        found += one.value.elts if starred else [one]  # type: ignore[union-attr]
    return found


class _Inline(ast.NodeTransformer):
    """Calls of plain functions become the expressions that they return."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef]) -> None:
        self.functions = functions

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        arguments = _spliced(node.args)
        if function is None or node.keywords or any(isinstance(one, ast.Starred) for one in arguments):
            return node
        names = [argument.arg for argument in function.args.args]
        if len(names) != len(arguments) or function.args.vararg or function.args.kwonlyargs:
            return node
        values = dict(zip(names, arguments, strict=True))
        for statement in function.body:
            if isinstance(statement, ast.If):
                test = _Fold().visit(_Substitute(values).visit(deepcopy(statement.test)))
                if any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(test)):
                    return node
                if not eval(compile(ast.fix_missing_locations(ast.Expression(test)), "<condition>", "eval")):
                    continue
                statement = statement.body[0]
            assert isinstance(statement, ast.Return)
            assert statement.value is not None
            return _substituted(statement.value, values) or node
        return node


def _substituted(body: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr | None:
    """The body with values for names; None where that would compute a value twice or rename what a lambda binds."""
    read = [part.id for part in ast.walk(body) if isinstance(part, ast.Name)]
    bound = {part.arg for part in ast.walk(body) if isinstance(part, ast.arg)}
    free = {part.id for value in values.values() for part in ast.walk(value) if isinstance(part, ast.Name)}
    repeated = [name for name in values if read.count(name) > 1]
    if bound & (free | set(values)) or any(_computes(values[name]) for name in repeated):
        return None
    return _Substitute(values).visit(deepcopy(body))


def _computes(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(value))


def _used(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Without functions and imports whose names nothing reads."""
    kept = list(body)
    while True:
        read = {part.id for node in kept for part in ast.walk(node) if isinstance(part, ast.Name)}
        fewer = [node for node in kept if not (_names(node) and not set(_names(node)) & (read))]
        if len(fewer) == len(kept):
            return kept
        kept = fewer


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(name.asname or name.name).partition(".")[0] for name in node.names]
    return []
