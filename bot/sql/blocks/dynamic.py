"""What EXECUTE runs, as far as the text says: literals as they are, and names for all else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sql.masking import with_templates_masked
from bot.sql.names import strings
from bot.sql.placeholders import StandIns
from bot.sql.tokens import Token, significant
from bot.sql.tree import Tree, ast, parsed
from bot.sql.writing import quoted

_SPECIFIER = re.compile(r"%(?:([0-9]{1,4})\$)?([sIL%])")
_OTHER_SPECIFIER = re.compile(r"%(?![sIL%]|[0-9]{1,4}\$[sIL])")
_DEEPEST = 20
_COMPUTED = "{…"
_VERBATIM = re.compile(r"'[^'\\]*'")
_TAG = re.compile(r"\$[^$]*\$")


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`text` has stand-ins where `written`, as long, says what is not known.

    `place` is where all of it stands as it is, None where it is put together.
    """

    text: str
    written: str
    place: int | None = None

    @property
    def is_computed(self) -> bool:
        """Whether it begins with what a function makes of something, so that all may follow."""
        return self.written.lstrip().startswith(_COMPUTED)

    @property
    def known(self) -> str:
        """What is no stand-in of it."""
        alike = zip(self.text, self.written, strict=True)
        return "".join(one if one == other else " " for one, other in alike)


def executed(expression: str) -> Dynamic:
    """What EXECUTE `expression` runs; INTO and USING may follow. Raises ParseError."""
    run = _alone(significant(expression))
    literal = _literal(expression, run)
    if literal:
        return literal
    text = expression[: run[-1].span.end] if run else ""
    (raw,) = parsed(f"SELECT {text}")
    (target,) = raw.stmt.targetList
    assembly = _Assembly()
    for part in assembly.parts(target.val, 0):
        assembly.add(part)
    return Dynamic("".join(assembly.text), "".join(assembly.written))


def variable(expression: str) -> str:
    """The name of the variable that is executed, "" where it is another expression."""
    match _alone(significant(expression)):
        case (Token("IDENT", span),):
            return expression[span.start : span.end].lower()
    return ""


def verbatim(token: str) -> tuple[int, str] | None:
    """Where the content of a string begins, and the content, if it stands there as it is."""
    if _VERBATIM.fullmatch(token):
        return 1, token[1:-1]
    tag = _TAG.match(token)
    return (tag.end(), token[tag.end() : -tag.end()]) if tag else None


def _alone(run: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without what follows the expression."""
    depth = 0
    for index, token in enumerate(run):
        if depth == 0 and token.name in ("INTO", "USING"):
            return run[:index]
        depth += (token.name == "ASCII_40") - (token.name == "ASCII_41")
    return run


def _literal(expression: str, run: tuple[Token, ...]) -> Dynamic | None:
    """A single string that stands as it is."""
    match run:
        case (Token("SCONST", span),):
            found = verbatim(expression[span.start : span.end])
            if found:
                start, content = found
                return Dynamic(with_templates_masked(content), content, span.start + start)
    return None


@dataclass(frozen=True, slots=True)
class _Unknown:
    label: str


@dataclass(slots=True)
class _Assembly:
    stand_ins: StandIns = field(default_factory=lambda: StandIns(""))
    text: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unknown: int = 0

    def add(self, part: str | _Unknown) -> None:
        if isinstance(part, str):
            self.text.append(self.stand_ins.everywhere(part))
            self.written.append(part)
        else:
            self.text.append(self.stand_ins.of(part.label))
            self.written.append(part.label)

    def parts(self, node: Tree, depth: int) -> Iterator[str | _Unknown]:
        """What the value of an expression consists of."""
        left = [node]
        while left:
            match left.pop():
                case ast.A_Const(val=ast.String(sval=text)):
                    yield text
                case ast.A_Const(val=ast.Integer(ival=number)):
                    yield str(number)
                case ast.TypeCast(arg=value):
                    left.append(value)
                case ast.A_Expr(name=(ast.String(sval="||"),), lexpr=first, rexpr=second) if first:
                    left += (second, first)
                case ast.FuncCall(funcname=name, args=tuple(values)) if depth < _DEEPEST:
                    yield from self._call(strings(name)[-1], values, depth + 1)
                case ast.ColumnRef(fields=names) if all(isinstance(n, ast.String) for n in names):
                    yield _Unknown(f"{{{'.'.join(strings(names))}}}")
                case _:
                    yield self._something()

    def _something(self) -> _Unknown:
        self.unknown += 1
        return _Unknown(f"{_COMPUTED}{self.unknown}}}")

    def _call(self, name: str, values: tuple[Tree, ...], depth: int) -> Iterator[str | _Unknown]:
        match name:
            case "format":
                yield from self._format(values, depth)
            case "concat":
                for value in values:
                    yield from self.parts(value, depth)
            case "quote_ident":
                yield from self._name(values[0], depth)
            case "quote_literal" | "quote_nullable":
                yield from self._string(values[0], depth)
            case _:
                yield self._something()

    def _format(self, values: tuple[Tree, ...], depth: int) -> Iterator[str | _Unknown]:
        match values[0]:
            case ast.A_Const(val=ast.String(sval=pattern)) if not _OTHER_SPECIFIER.search(pattern):
                pass
            case _:
                yield self._something()
                return
        place, following = 0, 1
        for specifier in _SPECIFIER.finditer(pattern):
            yield pattern[place : specifier.start()]
            place = specifier.end()
            if specifier[2] == "%":
                yield "%"
                continue
            following = int(specifier[1]) if specifier[1] else following
            value = values[following] if 0 < following < len(values) else None
            following += 1
            yield from self._formatted(specifier[2], value, depth)
        yield pattern[place:]

    def _formatted(
        self, specifier: str, value: Tree | None, depth: int
    ) -> Iterator[str | _Unknown]:
        if value is None:
            yield self._something()
        elif specifier == "I":
            yield from self._name(value, depth)
        elif specifier == "L":
            yield from self._string(value, depth)
        else:
            yield from self.parts(value, depth)

    def _name(self, value: Tree, depth: int) -> Iterator[str | _Unknown]:
        """One name, whatever it consists of."""
        found = list(self.parts(value, depth))
        if all(isinstance(part, str) for part in found):
            yield quoted("".join(str(part) for part in found))
        else:
            yield found[0] if len(found) == 1 else self._something()

    def _string(self, value: Tree, depth: int) -> Iterator[str]:
        """A literal; what is not known of it is left out."""
        found = (part for part in self.parts(value, depth) if isinstance(part, str))
        yield f"'{''.join(found).replace(chr(39), chr(39) * 2)}'"
