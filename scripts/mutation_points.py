"""Where one small change of a source file is a fault, and the file with one of them made.

Each change is one that a person makes by mistake: `<` for `<=`, `and` for `or`, a number off by
one, a condition turned round, a statement left out. What is no behaviour is left alone: types,
documentation, decorators, what only a type checker runs, the words of messages that are raised, and
`strict=True` of `zip`, which like an assertion holds as long as nothing else is wrong.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.MatMult: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change that can be made.

    Attributes
    ----------
    file
        Path of the file below the root, with slashes.
    place
        Which node, counted as `ast.walk` meets them, and which of its changes.
    line
        Line on which the node begins.
    within
        Function or class that holds it, with dots; empty at the top of the file.
    kind
        What is changed: compare, calculate, boolean, not, number, text, condition, give, leave.
    before, after
        The node as it is and as it would be, each on one line.
    """

    file: str
    place: tuple[int, int]
    line: int
    within: str
    kind: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """What names the change though lines move: file, function, kind, before and after."""
        return f"{self.file}|{self.within}|{self.kind}|{self.before}|{self.after}"


def changes(source: str, file: str) -> list[Change]:
    """Every change of a source file, in the order of its lines."""
    tree = ast.parse(source)
    names = _enclosing(tree)
    skipped = _skipped(tree)
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for which, (kind, after) in enumerate(_of(node)):
            found.append(
                Change(
                    file, (number, which), _line(node), names.get(id(node), ""),
                    kind, _said(node), _said(after),
                )
            )  # fmt: skip
    return sorted(found, key=lambda change: (change.line, change.place))


def _line(node: ast.AST) -> int:
    return node.target.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)


def changed(source: str, place: tuple[int, int]) -> ast.Module:
    """The tree of a source file with one change made."""
    tree = ast.parse(source)
    node = next(n for i, n in enumerate(ast.walk(tree)) if i == place[0])
    _, after = list(_of(node))[place[1]]
    return ast.fix_missing_locations(_Replacing(node, after).visit(tree))


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        if node is self.old:
            return ast.copy_location(self.new, node)
        return self.generic_visit(node)


def _of(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The changes of one node: what kind each is, and what stands there after it."""
    of = _CHANGERS.get(type(node))
    if of is not None:
        yield from of(node)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _compare(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for i, op in enumerate(node.ops):
        ops = [*node.ops]
        ops[i] = _COMPARED[type(op)]()
        yield "compare", _with(node, ops=ops)


def _calculate(node: ast.BinOp | ast.AugAssign) -> Iterator[tuple[str, ast.AST]]:
    if not _is_text(getattr(node, "left", None)) and not _is_text(getattr(node, "right", None)):
        yield "calculate", _with(node, op=_CALCULATED[type(node.op)]())


def _boolean(node: ast.BoolOp) -> Iterator[tuple[str, ast.AST]]:
    yield "boolean", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _not(node: ast.UnaryOp) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield "not", node.operand


def _constant(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, bool):
        yield "number", ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield "number", ast.Constant(node.value + 1)
    elif isinstance(node.value, str) and node.value:
        yield "text", ast.Constant(f"XX{node.value}XX")


def _condition(node: ast.If | ast.While | ast.IfExp) -> Iterator[tuple[str, ast.AST]]:
    yield "condition", _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _filter(node: ast.comprehension) -> Iterator[tuple[str, ast.AST]]:
    for i, test in enumerate(node.ifs):
        ifs = [*node.ifs]
        ifs[i] = ast.UnaryOp(ast.Not(), test)
        yield "condition", _with(node, ifs=ifs)


def _give(node: ast.Return) -> Iterator[tuple[str, ast.AST]]:
    if node.value is not None and not _is_as_nothing(node.value):
        yield "give", ast.Return(ast.Constant(None))


def _leave(node: ast.Expr) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, ast.Call):
        yield "leave", ast.Pass()


def _leave_raise(node: ast.Raise) -> Iterator[tuple[str, ast.AST]]:
    if node.exc is not None:
        yield "leave", ast.Pass()


def _jump(node: ast.Break | ast.Continue) -> Iterator[tuple[str, ast.AST]]:
    yield "leave", ast.Continue() if isinstance(node, ast.Break) else ast.Break()


_CHANGERS: dict[type[ast.AST], Callable[[Any], Iterator[tuple[str, ast.AST]]]] = {
    ast.Compare: _compare, ast.BinOp: _calculate, ast.AugAssign: _calculate, ast.BoolOp: _boolean,
    ast.UnaryOp: _not, ast.Constant: _constant, ast.If: _condition, ast.While: _condition,
    ast.IfExp: _condition, ast.comprehension: _filter, ast.Return: _give, ast.Expr: _leave,
    ast.Raise: _leave_raise, ast.Break: _jump, ast.Continue: _jump,
}  # fmt: skip


def _is_as_nothing(node: ast.AST) -> bool:
    """Whether to give this is as to give nothing: no caller tells False from None."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_true(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _skipped(tree: ast.Module) -> set[int]:
    """Nodes that are no behaviour, with all below them."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for whole in _no_behaviour(node):
            found.update(map(id, ast.walk(whole)))
        if isinstance(node, ast.Raise):
            found.update(id(below) for below in ast.walk(node) if _is_text(below))
    return found


def _no_behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """What of a node is for readers or for a type checker alone."""
    match node:
        case ast.FunctionDef(args=args, decorator_list=decorators, returns=returns):
            every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
            annotations = [a.annotation for a in every if a is not None]
            yield from decorators
            yield from (part for part in [*annotations, returns] if part is not None)
        case ast.ClassDef(decorator_list=decorators, keywords=keywords):
            yield from (*decorators, *keywords)
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Expr(value=ast.Constant()):
            yield node
        case ast.JoinedStr(values=values):
            yield from (part for part in values if isinstance(part, ast.Constant))
            formatted = [part for part in values if isinstance(part, ast.FormattedValue)]
            yield from (part.format_spec for part in formatted if part.format_spec is not None)
        case ast.Call(func=func, args=[first, *_]) if _name_of(func) == "cast":
            yield first
        case ast.Call(func=func) if _name_of(func) in {"TypeVar", "NewType"}:
            yield node
        case ast.Call(func=func, keywords=keywords) if _name_of(func) == "zip":
            yield from (k for k in keywords if k.arg == "strict" and _is_true(k.value))
        case _ if _is_for_types_alone(node) or _is_list_of_names(node):
            yield node


def _is_for_types_alone(node: ast.AST) -> bool:
    return (isinstance(node, ast.If) and _name_of(node.test) == "TYPE_CHECKING") or (
        isinstance(node, (ast.ImportFrom, ast.Import))
    )


def _is_list_of_names(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(
        _name_of(target) in {"__all__", "__slots__"} for target in node.targets
    )


def _name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _enclosing(tree: ast.Module) -> dict[int, str]:
    found: dict[int, str] = {}

    def go(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            found[id(child)] = name
            inner = name
            if isinstance(child, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                inner = f"{name}.{child.name}" if name else child.name
            go(child, inner)

    go(tree, "")
    return found


def _said(node: ast.AST) -> str:
    if isinstance(node, (ast.If, ast.While)):
        return f"{type(node).__name__.lower()} {ast.unparse(node.test)}"
    if isinstance(node, ast.comprehension):
        return " if ".join(["for …", *map(ast.unparse, node.ifs)])
    return " ".join(ast.unparse(node).split())[:200]
