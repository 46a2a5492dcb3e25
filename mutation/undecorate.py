"""Decorators written as assignments, so that what they decorate can be mutated like anything else.

mutmut leaves decorated functions alone but for static and class methods, since a decorator may do anything when a
function is defined. Properties and caches only wrap. Here ::

    @property
    def capacity(self): ...

becomes the same function followed by ``capacity = property(capacity)``.
"""

from __future__ import annotations

import libcst as cst

__all__ = ["undecorate"]

_WRAPPERS = ("property", "functools.lru_cache", "lru_cache", "functools.cache", "cache")


def undecorate(code: str) -> str:
    """Return a module's code with properties and cached functions wrapped behind their definition."""
    return cst.parse_module(code).visit(_Undecorator()).code


class _Undecorator(cst.CSTTransformer):
    def leave_FunctionDef(  # noqa: N802 - libcst's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        decorators = [decorator.decorator for decorator in updated_node.decorators]
        if len(decorators) != 1 or _dotted(decorators[0]) not in _WRAPPERS:
            return updated_node
        name = updated_node.name.value
        wrapped = cst.Call(decorators[0], [cst.Arg(cst.Name(name))])
        after = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], wrapped)])
        return cst.FlattenSentinel([updated_node.with_changes(decorators=[]), after])


def _dotted(node: cst.BaseExpression) -> str:
    """Return the dotted name of a decorator, called or not."""
    if isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
