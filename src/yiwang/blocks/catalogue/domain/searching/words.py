"""Words of a Chinese text, and how they sound. Segmentation is jieba's dictionary in Rust (ADR 0090)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

LONGEST_WORD = 40
"""Characters of one word kept; the rest is cut off."""
HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+")


def normal(text: str) -> str:
    """Full-width letters and digits as half-width, lower case, control characters as blanks."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if folded.isprintable():
        return folded
    # a lone surrogate cannot be stored, and a control character is never part of a word
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Cf", "Co", "Cn"} else c for c in folded)


def is_han(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return HAN.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a text, each once in order of the text, without overlap."""
    return _clean(_cut(text))


def _cut(text: str) -> list[str]:
    import rjieba  # 0.15 s for its dictionary: not for every command and process

    return rjieba.cut(normal(text), hmm=False)


def all_words(text: str) -> list[str]:
    """The words of a text and the shorter words inside them: what an entry is found by."""
    import rjieba

    return _clean(rjieba.cut_for_search(normal(text), hmm=False))


def pairs(text: str) -> list[str]:
    """Each two neighbouring Chinese characters: finds what segmentation cut elsewhere."""
    return list(dict.fromkeys(a + b for a, b in pairwise(normal(text)) if HAN.match(a) and HAN.match(b)))


@lru_cache(maxsize=100_000)
def pinyin(word: str) -> tuple[str, str]:
    """How a word sounds, without tones: in full and by initials; ("", "") when it is not Chinese."""
    from pypinyin import lazy_pinyin  # 0.3 s and 40 MB: only for those who index

    if not is_han(word):
        return "", ""
    syllables = [s.replace("ü", "v") for s in lazy_pinyin(word) if s.isascii() and s.isalpha()]
    return "".join(syllables), "".join(s[0] for s in syllables)


def sounds(text: str, *, longest: int = 4) -> list[str]:
    """Pinyin in full and by initials of each run of up to `longest` neighbouring words, and of the whole."""
    heard = [pinyin(word) for word in _parts(text)]
    found: dict[str, None] = {}
    for start in range(len(heard)):
        for end in (*range(start + 1, min(start + longest, len(heard)) + 1), len(heard)):
            for kind in (0, 1):
                said = "".join(one[kind] for one in heard[start:end])
                if len(said) > 1:
                    found[said[:LONGEST_WORD]] = None
    return list(found)


@cache
def _groups() -> tuple[tuple[str, ...], ...]:
    text = files(__package__ or "").joinpath("synonyms.txt").read_text(encoding="utf-8")
    lines = (line.split("|")[0] for line in text.splitlines() if not line.startswith("#"))
    return tuple(group for line in lines if (group := tuple(normal(word) for word in line.split())))


def synonyms(text: str) -> tuple[str, ...]:
    """Other words for those in a text, from `synonyms.txt`; none that it has itself."""
    said = normal(text)
    groups, pattern = _known()
    found: dict[str, None] = {}
    for word in set(pattern.findall(said)):
        for other in groups[word]:
            if other not in said:
                found[other] = None
    return tuple(sorted(found))


@cache
def _known() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    """The other words of each word, and a pattern that sees every word, also one inside another."""
    others: dict[str, dict[str, None]] = {}
    for group in _groups():
        for word in group:
            others.setdefault(word, {}).update(dict.fromkeys(other for other in group if other != word))
    listed = "|".join(re.escape(word) for word in sorted(others, key=len, reverse=True))
    return {word: tuple(rest) for word, rest in others.items()}, re.compile(f"(?=({listed}))")


def reworded(text: str) -> tuple[str, ...]:
    """A text with one of its words said otherwise, once for each synonym."""
    said = normal(text)
    return tuple(
        said.replace(word, other)
        for group in _groups()
        for word in group
        if word in said
        for other in group
        if other != word
    )


def _parts(text: str) -> list[str]:
    return [p for p in (part.strip() for part in _cut(text)) if is_han(p)]


def _clean(parts: list[str]) -> list[str]:
    found: dict[str, None] = {}
    for part in parts:
        for word in _WORD.findall(part):
            found[word[:LONGEST_WORD]] = None
    return list(found)
