"""The grammar of CEL, hand-written so that every fault names its character and the tree can be compiled to SQL.

Bounded: at most `MAX_LENGTH` characters, `MAX_DEPTH` levels, `MAX_NESTED_LOOPS` macros inside each other. Not taken:
bytes, unsigned numbers, messages and `has()`, which packages do not need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from yiwang.systems.cel.tree import (
    MACROS,
    Ast,
    Call,
    Comprehension,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Select,
)

MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = 50
MAX_NESTED_LOOPS: Final = 3
RESERVED: Final = frozenset((
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while", "in", "true", "false", "null",
))  # fmt: skip
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<float>\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+)
    |(?P<int>0x[0-9a-fA-F]+|\d+)
    |(?P<text>r?"(?:[^"\\\n]|\\.)*"|r?'(?:[^'\\\n]|\\.)*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])""",
    re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
                   "a": "\a", "b": "\b", "f": "\f", "v": "\v"}  # fmt: skip
_RELATIONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")


class CelSyntax(Exception):
    """An expression that does not parse: at which character, what was expected (zh, en) and found."""

    def __init__(self, start: int, expected: str, expected_en: str, found: str) -> None:
        super().__init__(f"{start}: expected {expected_en}, found {found}")
        self.start, self.expected, self.expected_en, self.found = start, expected, expected_en, found


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


@lru_cache(4096)
def parse(text: str) -> Ast:
    """Parse an expression.

    Raises:
        CelSyntax: where it does not parse or is beyond the bounds.
    """
    if len(text) > MAX_LENGTH:
        raise CelSyntax(
            MAX_LENGTH, f"至多 {MAX_LENGTH} 字", f"at most {MAX_LENGTH} characters", str(len(text))
        )
    parser = _Parser(_tokens(text))
    tree = parser.expression()
    if parser.now.kind != "end":
        raise parser.wrong("表达式到此结束或运算符", "the end or an operator")
    return tree


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise CelSyntax(position, "CEL 记号", "a CEL token", text[position])
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_Token(kind, match[0], position))
        position = match.end()
    found.append(_Token("end", "", len(text)))
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.loops = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.position]

    def wrong(self, expected: str, expected_en: str) -> CelSyntax:
        return CelSyntax(self.now.start, expected, expected_en, self.now.text or "end of expression")

    def take(self, *texts: str) -> _Token | None:
        token = self.now
        if token.kind in ("sign", "name") and token.text in texts:
            self.position += 1
            return token
        return None

    def need(self, text: str) -> _Token:
        token = self.take(text)
        if token is None:
            raise self.wrong(f"“{text}”", f"`{text}`")
        return token

    def expression(self) -> Ast:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"至多 {MAX_DEPTH} 层", f"at most {MAX_DEPTH} levels")
        tree = self.either()
        if mark := self.take("?"):
            yes = self.either()
            self.need(":")
            tree = Call("?:", (tree, yes, self.expression()), mark.start)
        self.depth -= 1
        return tree

    def either(self) -> Ast:
        tree = self.both()
        while mark := self.take("||"):
            tree = Call("||", (tree, self.both()), mark.start)
        return tree

    def both(self) -> Ast:
        tree = self.relation()
        while mark := self.take("&&"):
            tree = Call("&&", (tree, self.relation()), mark.start)
        return tree

    def relation(self) -> Ast:
        tree = self.sum()
        while mark := self.take(*_RELATIONS):
            tree = Call(mark.text, (tree, self.sum()), mark.start)
        return tree

    def sum(self) -> Ast:
        tree = self.product()
        while mark := self.take("+", "-"):
            tree = Call(mark.text, (tree, self.product()), mark.start)
        return tree

    def product(self) -> Ast:
        tree = self.unary()
        while mark := self.take("*", "/", "%"):
            tree = Call(mark.text, (tree, self.unary()), mark.start)
        return tree

    def unary(self) -> Ast:
        signs: list[_Token] = []
        while mark := self.take("!", "-"):
            signs.append(mark)
            if len(signs) > MAX_DEPTH:
                raise self.wrong(f"至多 {MAX_DEPTH} 层", f"at most {MAX_DEPTH} levels")
        tree = self.member()
        for mark in reversed(signs):
            if mark.text == "-" and isinstance(tree, Literal) and isinstance(tree.value, int | float):
                tree = Literal(-tree.value, tree.kind, mark.start)
            else:
                tree = Call("!" if mark.text == "!" else "neg", (tree,), mark.start)
        return tree

    def member(self) -> Ast:
        tree = self.primary()
        while True:
            if self.take("."):
                token = self.now
                if token.kind != "name":
                    raise self.wrong("字段或函数名", "a field or function")
                self.position += 1
                tree = self.method(tree, token) if self.take("(") else Select(tree, token.text, token.start)
            elif mark := self.take("["):
                index = self.expression()
                self.need("]")
                tree = Index(tree, index, mark.start)
            else:
                return tree

    def method(self, target: Ast, token: _Token) -> Ast:
        if token.text not in MACROS:
            return Call(token.text, self.arguments(), token.start, target)
        variable = self.now
        if variable.kind != "name" or variable.text in RESERVED:
            raise self.wrong("循环变量名", "a variable name")
        self.position += 1
        self.need(",")
        self.loops += 1
        if self.loops > MAX_NESTED_LOOPS:
            raise CelSyntax(
                token.start, f"至多 {MAX_NESTED_LOOPS} 层循环", f"at most {MAX_NESTED_LOOPS} loops inside each other",
                token.text,
            )  # fmt: skip
        body = self.expression()
        condition: Ast | None = None
        if token.text == "map" and self.take(","):
            condition, body = body, self.expression()
        self.loops -= 1
        self.need(")")
        return Comprehension(token.text, target, variable.text, body, token.start, condition)

    def arguments(self) -> tuple[Ast, ...]:
        found: list[Ast] = []
        while not self.take(")"):
            if found:
                self.need(",")
            found.append(self.expression())
        return tuple(found)

    def primary(self) -> Ast:
        token = self.now
        if self.take("("):
            tree = self.expression()
            self.need(")")
            return tree
        if self.take("["):
            return ListOf(self.items("]"), token.start)
        if self.take("{"):
            return self.map(token)
        self.position += 1
        if token.kind == "int":
            value = int(token.text, 0) if token.text.startswith("0x") else int(token.text)
            if value > 2**63 - 1:
                raise CelSyntax(token.start, "64 位整数", "a number of 64 bits", token.text)
            return Literal(value, "int", token.start)
        if token.kind == "float":
            return Literal(float(token.text), "double", token.start)
        if token.kind == "text":
            return Literal(_text(token), "string", token.start)
        if token.kind == "name":
            if token.text in ("true", "false"):
                return Literal(token.text == "true", "bool", token.start)
            if token.text == "null":
                return Literal(None, "null", token.start)
            if token.text not in RESERVED:
                return (
                    Call(token.text, self.arguments(), token.start)
                    if self.take("(")
                    else Name(token.text, token.start)
                )
        self.position -= 1
        raise self.wrong("值、变量或函数", "a value, variable or function")

    def items(self, end: str) -> tuple[Ast, ...]:
        found: list[Ast] = []
        while not self.take(end):
            if found:
                self.need(",")
            found.append(self.expression())
        return tuple(found)

    def map(self, start: _Token) -> MapOf:
        entries: list[tuple[Ast, Ast]] = []
        while not self.take("}"):
            if entries:
                self.need(",")
            key = self.expression()
            self.need(":")
            entries.append((key, self.expression()))
        return MapOf(tuple(entries), start.start)


def _text(token: _Token) -> str:
    raw = token.text
    if raw[0] == "r":
        return raw[2:-1]
    body, made, position = raw[1:-1], [], 0
    while position < len(body):
        if body[position] != "\\":
            made.append(body[position])
            position += 1
        elif body[position + 1] == "u" and re.match(r"[0-9a-fA-F]{4}", body[position + 2 :]):
            made.append(chr(int(body[position + 2 : position + 6], 16)))
            position += 6
        elif body[position + 1] in _ESCAPES:
            made.append(_ESCAPES[body[position + 1]])
            position += 2
        else:
            raise CelSyntax(token.start + position + 1, "转义符", "an escape", body[position : position + 2])
    return "".join(made)
