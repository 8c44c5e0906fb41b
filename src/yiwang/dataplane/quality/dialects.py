"""The SQL of each engine, as far as rules need it: names, literals, texts, dates, check characters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from yiwang.dataplane.quality.rules import DialectName

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999: weights of the 17 digits."""
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: 31 characters, each worth its place."""
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


@dataclass(frozen=True)
class Dialect:
    """How one engine writes things."""

    name: DialectName

    def identifier(self, *parts: str) -> str:
        """A quoted name; whatever it holds, it stays a name."""
        mark = "`" if self.name == "spark" else '"'
        return ".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in parts)

    def column(self, name: str) -> str:
        """A column of the table that is judged."""
        return f"{self.identifier('row')}.{self.identifier(name)}"

    def text(self, value: str) -> str:
        """A text literal. Raises: ValueError, for a NUL, which no engine's text can hold."""
        if "\0" in value:
            raise ValueError("a text with a NUL")
        if self.name == "spark":
            escaped = value.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"
        if self.name == "postgres" and "\\" in value:
            doubled = value.replace("\\", "\\\\").replace("'", "''")
            return f"E'{doubled}'"
        return "'" + value.replace("'", "''") + "'"

    def number(self, value: float) -> str:
        """A number literal."""
        return repr(value)

    def moment(self, value: datetime) -> str:
        """A moment, in UTC."""
        stamp = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        if self.name == "spark":
            return f"TIMESTAMP '{stamp}+00:00'"
        return f"TIMESTAMPTZ '{stamp}+00'"

    def as_text(self, column: str) -> str:
        """The value as text."""
        return f"CAST({column} AS {'STRING' if self.name == 'spark' else 'VARCHAR'})"

    def as_moment(self, column: str) -> str:
        """A date or time as a moment; a date is midnight UTC (the session runs in UTC)."""
        return f"CAST({column} AS {'TIMESTAMP' if self.name == 'spark' else 'TIMESTAMPTZ'})"

    def characters(self, text: str) -> str:
        """How many characters a text has."""
        return f"char_length({text})" if self.name != "duckdb" else f"length({text})"

    def matches(self, text: str, pattern: str) -> str:
        """Whether the whole text matches."""
        if self.name == "duckdb":
            return f"regexp_full_match({text}, {self.text(pattern)}, 's')"
        if self.name == "postgres":
            return f"{text} ~ {self.text(f'^(?:{pattern})$')}"
        return f"{text} RLIKE {self.text(f'(?s)^(?:{pattern})' + chr(92) + 'z')}"

    def _character(self, text: str, place: int) -> str:
        return f"substr({text}, {place}, 1)"

    def _place(self, alphabet: str, character: str) -> str:
        if self.name == "spark":
            return f"(locate({character}, '{alphabet}') - 1)"
        return f"(strpos('{alphabet}', {character}) - 1)"

    def _digit(self, number: str, power: int) -> str:
        """The digit of a whole number at 10**power."""
        if power == 0:
            return f"({number} % 10)"
        division = {"duckdb": "//", "postgres": "/", "spark": "DIV"}[self.name]
        return f"({number} {division} {10**power} % 10)"

    def resident_id_ok(self, text: str) -> str:
        """Whether the 18th character is the check character of ISO 7064 MOD 11-2; only for texts of that shape."""
        number = f"CAST(substr({text}, 1, 17) AS BIGINT)"
        total = " + ".join(
            f"{weight} * {self._digit(number, 16 - place)}" for place, weight in enumerate(_RESIDENT_WEIGHTS)
        )
        return f"substr('10X98765432', CAST(({total}) % 11 AS INTEGER) + 1, 1) = {self._character(text, 18)}"

    def uscc_ok(self, text: str) -> str:
        """Whether the 18th character is the check character of GB 32100; only for texts of that shape."""
        total = " + ".join(
            f"{weight} * {self._place(_USCC_ALPHABET, self._character(text, place + 1))}"
            for place, weight in enumerate(_USCC_WEIGHTS)
        )
        check = f"CAST((31 - ({total}) % 31) % 31 AS INTEGER) + 1"
        return f"substr('{_USCC_ALPHABET}', {check}, 1) = {self._character(text, 18)}"

    def mod11_10_ok(self, text: str, length: int) -> str:
        """Whether the last digit of `length` digits is that of ISO 7064 MOD 11,10; only for texts of that shape."""
        value = "10"
        for place in range(1, length):
            digit = f"CAST({self._character(text, place)} AS INTEGER)"
            value = f"((({value} + {digit} + 9) % 10 + 1) * 2 % 11)"
        return f"({value} + CAST({self._character(text, length)} AS INTEGER)) % 10 = 1"


DUCKDB = Dialect("duckdb")
POSTGRES = Dialect("postgres")
SPARK = Dialect("spark")
DIALECTS: dict[DialectName, Dialect] = {"duckdb": DUCKDB, "postgres": POSTGRES, "spark": SPARK}
