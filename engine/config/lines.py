"""The line of every key in a TOML text, which the standard parser does not tell.

It owns positions and nothing else: the text has been parsed by tomllib before, so this scanner trusts it and refuses
nothing. Positions are kept for tables, for keys (inside inline tables and arrays too) and for array elements, under
paths such as ("strategies", 0, "params", "quantity").
"""

from __future__ import annotations

import ast

Path = tuple[str | int, ...]


def key_lines(text: str) -> dict[Path, int]:
    """Return the line (1 first) on which each key, table and array element of a valid TOML text stands."""
    return _Scanner(text).document()


class _Scanner:
    """Reads a valid document once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._lines: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._space(newlines=True):
            if self._text.startswith("[[", self._at):
                table = self._header(2)
            elif self._text[self._at] == "[":
                table = self._header(1)
            else:
                self._pair(table)
        return self._lines

    def _step(self, count: int = 1) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def _space(self, *, newlines: bool) -> bool:
        """Skip blanks and comments; say whether anything is left."""
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif character in " \t\r" or (newlines and character == "\n"):
                self._step()
            else:
                return True
        return False

    def _header(self, brackets: int) -> Path:
        line = self._line
        self._step(brackets)
        path: Path = ()
        keys = self._dotted("]")
        self._step(brackets)
        for number, key in enumerate(keys):
            path = (*path, key)
            self._lines.setdefault(path, line)
            if brackets == 2 and number == len(keys) - 1:
                self._elements[path] = self._elements.get(path, -1) + 1
            if path in self._elements:
                path = (*path, self._elements[path])
                self._lines.setdefault(path, line)
        return path

    def _dotted(self, end: str) -> list[str]:
        keys = []
        while True:
            self._space(newlines=False)
            keys.append(self._string() if self._text[self._at] in "'\"" else self._bare())
            self._space(newlines=False)
            if self._text[self._at] == end:
                return keys
            self._step()

    def _bare(self) -> str:
        start = self._at
        while self._text[self._at].isalnum() or self._text[self._at] in "-_":
            self._at += 1
        return self._text[start : self._at]

    def _string(self) -> str:
        """Skip a string in any of the four forms; return what stands in it (exact for keys, which have one line)."""
        quote = self._text[self._at]
        mark = quote * 3 if self._text.startswith(quote * 3, self._at) else quote
        start = self._at
        end = start + len(mark)
        while not self._text.startswith(mark, end):
            end += 2 if quote == '"' and self._text[end] == "\\" else 1
        while len(mark) == 3 and self._text.startswith(quote, end + 3):
            end += 1
        body = self._text[start + len(mark) : end]
        self._step(end + len(mark) - start)
        if quote == '"' and "\\" in body and len(mark) == 1:
            return str(ast.literal_eval(f'"{body}"'))
        return body

    def _pair(self, table: Path) -> None:
        line = self._line
        path = table
        for key in self._dotted("="):
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._step()
        self._space(newlines=False)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening in "'\"":
            self._string()
        elif opening == "[":
            self._items(path, "]")
        elif opening == "{":
            self._items(path, "}")
        else:
            while self._at < len(self._text) and self._text[self._at] not in ",]}#\n":
                self._at += 1

    def _items(self, path: Path, end: str) -> None:
        """Read the elements of an array, or the pairs of an inline table."""
        self._step()
        index = 0
        while True:
            self._space(newlines=True)
            if self._text[self._at] == end:
                self._step()
                return
            if end == "}":
                self._pair(path)
            else:
                self._lines[(*path, index)] = self._line
                self._value((*path, index))
                index += 1
            self._space(newlines=True)
            if self._text[self._at] == ",":
                self._step()
