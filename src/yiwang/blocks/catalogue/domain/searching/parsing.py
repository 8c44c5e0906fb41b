"""What a person typed, taken apart: words, phrases, pinyin, the beginning of a code. Never raises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yiwang.blocks.catalogue.domain.searching.words import is_han, normal, pairs, words

MOST_WORDS = 8
LONGEST_TEXT = 100
WEAK = frozenset(
    ["的", "和", "与", "及", "或", "等", "在", "信息", "数据", "资料", "资源", "查询", "有关", "相关", "情况"]
)
"""Words that narrow nothing: asked for only when there is no other."""
_CODE = re.compile(r"\d{3,9}(/[0-9a-z]{0,20})?|\d{1,9}/[0-9a-z]{0,20}")
_QUOTED = re.compile(r'["“”「『]([^"“”「」『』]+)["“”」』]')
_LATIN = re.compile(r"[a-z]{2,40}")


@dataclass(frozen=True)
class Piece:
    """One thing that an entry must have. `sound` is set when the letters may be pinyin."""

    word: str
    sound: str = ""


@dataclass(frozen=True)
class Wanted:
    """A search taken apart. Everything in it is letters, digits and Chinese characters alone, but `text`."""

    text: str
    pieces: tuple[Piece, ...] = ()
    phrases: tuple[str, ...] = ()
    code: str = ""

    @property
    def empty(self) -> bool:
        """Nothing was asked: the whole catalogue."""
        return not self.text

    @property
    def hopeless(self) -> bool:
        """Something was typed, but nothing of it can be looked for (only punctuation)."""
        return bool(self.text) and not (self.pieces or self.phrases or self.code)

    @property
    def marks(self) -> tuple[str, ...]:
        """What to mark in a result, longest first."""
        return tuple(sorted({*self.phrases, *(piece.word for piece in self.pieces)}, key=len, reverse=True))


def parse(text: str) -> Wanted:
    """Take a search apart; a text longer than 100 characters is cut."""
    said = " ".join(normal(text[:LONGEST_TEXT]).split())
    if _CODE.fullmatch(said):
        return Wanted(said, code=said)
    phrases = tuple(p for p in (phrase.strip() for phrase in _QUOTED.findall(said)) if pairs(p))[:MOST_WORDS]
    rest = _QUOTED.sub(lambda found: " " if pairs(found[1]) else f" {found[1]} ", said)
    found: dict[str, Piece] = {}
    for word in words(rest):
        found[word] = Piece(word, word if _LATIN.fullmatch(word) else "")
    strong = {word: piece for word, piece in found.items() if word not in WEAK}
    pieces = tuple((strong or (found if not phrases else {})).values())
    return Wanted(said, pieces[:MOST_WORDS], phrases)


def joined_sound(wanted: Wanted) -> str:
    """The whole text as one pinyin ("qi ye" as "qiye"), or nothing when it is not letters alone."""
    letters = wanted.text.replace(" ", "").replace("'", "")
    return letters if _LATIN.fullmatch(letters) else ""


def by_words(wanted: Wanted, *, titles: bool) -> str:
    """A tsquery: every piece, in the title or anywhere."""
    lead = "=" if titles else ""
    parts = []
    for piece in wanted.pieces:
        either = [quoted(lead + piece.word)]
        if piece.sound:
            either.append(quoted("~" + piece.sound))
        parts.append(f"({' | '.join(either)})")
    parts.extend(quoted("2" + pair) for phrase in wanted.phrases for pair in pairs(phrase))
    said = " & ".join(parts)
    whole = joined_sound(wanted)
    if whole and len(wanted.pieces) > 1:
        said = f"({said}) | {quoted('~' + whole)}"
    return said


def by_pairs(wanted: Wanted) -> str:
    """A wider tsquery for when words find nothing: neighbouring characters, or the beginning of pinyin; "" if none."""
    sound = joined_sound(wanted)
    if len(sound) > 2:
        return f"{quoted('~' + sound)}:*"
    parts: dict[str, None] = {}
    for run in (*wanted.phrases, *wanted.text.split()):
        if is_han(run) and len(run) == 1:
            parts[f"{quoted('2' + run)}:*"] = None
        for pair in pairs(run):
            parts[quoted("2" + pair)] = None
        for word in re.findall(r"[a-z0-9]+", run):
            parts[quoted(word)] = None
    return " & ".join(list(parts)[:40])


def quoted(word: str) -> str:
    """A lexeme as a tsquery reads it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def marked(text: str, marks: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """A text in parts, each with whether it is one of the words looked for."""
    if not marks:
        return ((text, False),) if text else ()
    pattern = re.compile("|".join(re.escape(mark) for mark in marks), re.IGNORECASE)
    parts: list[tuple[str, bool]] = []
    at = 0
    for found in pattern.finditer(text):
        if found.start() > at:
            parts.append((text[at : found.start()], False))
        parts.append((found[0], True))
        at = found.end()
    if at < len(text):
        parts.append((text[at:], False))
    return tuple(parts)
