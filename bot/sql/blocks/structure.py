"""The body of a block falls into pieces, each at its place, and known to run or perhaps to run.

PL/pgSQL has the lexer of SQL (pl_scanner.c), so that all of it is read off the tokens.
"""

from __future__ import annotations

from bot.model.source import Span
from bot.sql.blocks.pieces import Kind, Level, Piece
from bot.sql.tokens import Token, significant

_DEEPEST = 100
"""So many levels nobody writes; libpg_query's parser and the one of JSON are recursive."""

_QUERIES = ("select", "with", "insert", "update", "delete", "merge", "values", "table")


class Unstructured(Exception):
    """A body that is no PL/pgSQL, for `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of a body from first to last. Raises Unstructured or Unlexable."""
    reader = _Reader(text, significant(text))
    reader.read()
    return tuple(reader.found)


class _Reader:
    """Reads statement by statement; `found` are the pieces so far."""

    def __init__(self, text: str, run: tuple[Token, ...]) -> None:
        self.found: list[Piece] = []
        self._run = run
        self._words = [text[token.span.start : token.span.end].lower() for token in run]
        self._names = [token.name for token in run]
        self._at = 0
        self._levels: list[Level] = []
        self._places: list[int] = []  # in `found`, of the fork that each level may become
        self._left: int | None = None  # the place of a RETURN that came before

    def read(self) -> None:
        while self._word() == "#":  # #variable_conflict use_column
            self._at += 3
        self._label()
        if self._word() == "declare":
            self._declarations()
        if self._word() != "begin":
            raise Unstructured("the block has no BEGIN")
        self._statement("begin")
        while self._levels:
            word = self._word()
            if not word:
                raise Unstructured("the block has no END")
            self._statement(word)
        if self._word() == ";":
            self._at += 1
        if self._at < len(self._run):
            raise Unstructured("something follows the END of the block")
        if self._left is not None:
            whole = Span(0, 0)
            self.found = [Piece(Kind.FORK, whole), *self.found, Piece(Kind.JOIN, whole)]

    def _statement(self, word: str) -> None:
        opener = {
            "begin": self._begin,
            "case": self._case,
            "declare": self._declarations,
            "else": self._else,
            "elsif": self._elsif,
            "elseif": self._elsif,
            "end": self._end,
            "exception": self._exception,
            "for": self._for,
            "foreach": self._while,
            "if": self._if,
            "loop": self._loop,
            "when": self._when,
            "while": self._while,
            "<<": self._label,
            ";": self._skip,
        }.get(word, self._simple)
        opener()

    def _begin(self) -> None:
        self._open("begin")
        self._at += 1

    def _if(self) -> None:
        place, start = self._place(), self._at + 1
        self._expression("then")
        self._open("if", place)
        self._levels[-1].question = tuple(self._words[start : self._at - 1])
        self._put(Kind.FORK)

    def _elsif(self) -> None:
        self._inside("if")
        self._levels[-1].question = ()
        self._put(Kind.OTHERWISE)
        self._expression("then")

    def _else(self) -> None:
        self._inside("if", "case")
        self._levels[-1].question = ()
        self._put(Kind.OTHERWISE)
        self._at += 1

    def _case(self) -> None:
        place = self._place()
        self._at += 1
        end = self._find("when")
        self._put(Kind.EXPRESSION, end)
        self._at = end
        self._expression("then")
        self._open("case", place)
        self._put(Kind.FORK)

    def _when(self) -> None:
        level = self._levels[-1]
        if level.word == "case":
            self._put(Kind.OTHERWISE)
            self._expression("then")
        elif level.exception is not None:
            end = self._find("then")
            level.handled.update(w for w in self._words[self._at + 1 : end] if w != "or")
            self._put(Kind.OTHERWISE)
            self._at = end + 1
        else:
            self._simple()

    def _exception(self) -> None:
        self._inside("begin")
        level = self._levels[-1]
        level.exception = level.condition = self._place()
        place = self._places[-1]
        self.found[place] = Piece(Kind.FORK, self.found[place].span)
        self._at += 1

    def _loop(self) -> None:
        self._open("loop", self._place())
        self._put(Kind.FORK)
        self._at += 1

    def _while(self) -> None:
        place = self._place()
        self._expression("loop")
        self._open("loop", place)
        self._put(Kind.FORK)

    def _for(self) -> None:
        """FOR variables IN a query, EXECUTE, a cursor or a range LOOP"""
        place, end = self._place(), self._find("loop")
        self._at = next((i + 1 for i in range(self._at, end) if self._words[i] == "in"), end)
        first = [word for word in self._words[self._at : end] if word != "("][:1]
        if self._word() == "execute":
            self._put(Kind.EXECUTE, end)
        else:
            self._put(Kind.SQL if first and first[0] in _QUERIES else Kind.EXPRESSION, end)
        self._at = end + 1
        self._open("loop", place)
        self._put(Kind.FORK)

    def _end(self) -> None:
        level = self._levels.pop()
        place = self._places.pop()
        if level.word != "begin":
            self._at += 1
            if self._word() != level.word:
                raise Unstructured(f"{level.word.upper()} has no END {level.word.upper()}")
        if level.word != "begin" or self.found[place].kind is Kind.FORK:
            self._put(Kind.JOIN)
        self._at += 1
        if self._word() not in (";", ""):
            self._at += 1  # a label
        if self._levels and self._word() != ";":
            raise Unstructured("a semicolon is missing behind END")

    def _simple(self) -> None:
        word, start = self._word(), self._at
        end = self._semicolon()
        follower = self._words[start + 1] if start + 1 < len(self._words) else ""
        match word:
            case "perform":
                self._put(Kind.PERFORM, end)
            case "execute":
                self._put(Kind.EXECUTE, end)
            case "commit":
                self._put(Kind.COMMIT, end)
            case "rollback":
                self._put(Kind.ROLLBACK, end)
            case "return":
                self._left = self._place()
            case "exit" | "continue":
                labelled = follower not in (";", "when")
                looping = any(level.word == "loop" for level in self._levels)
                if labelled or not looping:
                    self._left = self._place()
                self._put(Kind.EXPRESSION, end)
            case "null" | "raise" | "assert" | "get" | "open" | "fetch" | "move" | "close":
                self._put(Kind.EXPRESSION, end)
            case _ if follower in (":=", "=", ".", "[") or self._names[start] == "PARAM":
                self._put(Kind.EXPRESSION, end)
            case _:
                self._put(Kind.SQL, end)
        self._at = end + 1

    def _declarations(self) -> None:
        self._at += 1
        while self._word() not in ("begin", ""):
            end = self._semicolon()
            self._put(Kind.EXPRESSION, end)
            self._at = end + 1

    def _label(self) -> None:
        while self._word() == "<<":
            self._at = self._find(">>") + 1

    def _skip(self) -> None:
        self._at += 1

    def _open(self, word: str, condition: int | None = None) -> None:
        if len(self._levels) >= _DEEPEST:
            raise Unstructured("the block is too deeply nested")
        self._places.append(len(self.found))
        self._levels.append(Level(word, condition))
        if word == "begin":
            self._put(Kind.EXPRESSION)  # nothing, until an EXCEPTION makes it a fork

    def _inside(self, *words: str) -> None:
        if self._levels[-1].word not in words:
            raise Unstructured(f"{self._word().upper()} is out of place")

    def _expression(self, word: str) -> None:
        """What stands between a keyword here and the next `word`."""
        self._at += 1
        end = self._find(word)
        self._put(Kind.EXPRESSION, end)
        self._at = end + 1

    def _put(self, kind: Kind, end: int | None = None) -> None:
        """A piece from here up to the token `end`, or just this place."""
        start = self._place()
        behind = start if end is None or end <= self._at else self._run[end - 1].span.end
        conditions = [one.condition for one in self._levels if one.condition is not None]
        if self._left is not None:
            conditions.append(self._left)
        if kind in (Kind.SQL, Kind.EXECUTE, Kind.PERFORM):
            for level in self._levels:
                level.statements += level.exception is None
        levels, condition = tuple(self._levels), next(iter(conditions), None)
        fills = kind is Kind.SQL and "into" in self._words[self._at + 1 : end]
        self.found.append(Piece(kind, Span(start, behind), levels, condition, fills))

    def _word(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _place(self) -> int:
        at = min(self._at, len(self._run) - 1)
        return self._run[at].span.start if self._run else 0

    def _find(self, word: str) -> int:
        """The next `word` that stands in no parentheses and no CASE."""
        depth = 0
        for index in range(self._at, len(self._words)):
            here = self._words[index]
            if here == word and depth == 0 and index >= self._at:
                return index
            depth += (here in ("(", "[", "case")) - (here in (")", "]", "end"))
            if here == ";" and depth <= 0:
                break
        raise Unstructured(f"{word.upper()} is missing")

    def _semicolon(self) -> int:
        """The semicolon that ends a statement: not one in parentheses or in a function's body."""
        depth, creates = 0, self._word() == "create"
        for index in range(self._at, len(self._words)):
            here = self._words[index]
            if here == ";" and depth <= 0:
                return index
            depth += (here == "(") - (here == ")")
            if creates:
                atomic = here == "begin" and self._words[index + 1 : index + 2] == ["atomic"]
                depth += (atomic or here == "case") - (here == "end")
        raise Unstructured("a semicolon is missing")
