"""What a column may be called in Chinese: from its comment, its own Chinese name, English words, pinyin, initials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from yiwang.dataplane.census.source import Text
from yiwang.dataplane.census.terms import Term, terms
from yiwang.dataplane.census.titles import Owner, clean_title, meaning

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS: Final = re.compile(r"[^A-Za-z0-9]+")
_NUMBERED: Final = re.compile(r"^(.*?)_?(\d{1,2})$")
_NOISE: Final = {
    "f",
    "c",
    "t",
    "fld",
    "col",
    "field",
    "column",
    "tb",
    "tbl",
    "s",
    "v",
    "n",
    "d",
    "the",
    "of",
    "and",
}
_LITTLE: Final = {"and", "of", "the", "or", "in", "for"}
_COMMENT_SAYS_NOTHING: Final = re.compile(
    r"^(?:[\W_\d]*|null|无|备用\d*|预留\d*|字段\d*|column\d*|test)$", re.IGNORECASE
)
_NAMELESS: Final = re.compile(r"^列\d+$")
_BEST: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a column's name. `known` is False where the title is the bare name."""

    title: str
    concept: str
    owner: Owner
    confidence: float
    reason: Text
    known: bool = True


def readings(name: str, comment: str = "") -> tuple[Reading, ...]:
    """Ways to read a name, likeliest first; never empty."""
    found: list[Reading] = []
    title = clean_title(comment)
    if title and not _COMMENT_SAYS_NOTHING.match(title):
        if _HAN.search(title):
            said = meaning(title)
            found.append(
                Reading(
                    title,
                    said.concept,
                    said.owner,
                    0.97,
                    Text("取自列注释", "from the comment of the column"),
                )
            )
        else:
            found.extend(
                _renamed(_spelled(title), 0.9, Text("由英文注释译出", "translated from the comment"))
            )
    if _HAN.search(name):
        said = meaning(name.strip())
        found.append(
            Reading(name.strip(), said.concept, said.owner, 0.95, Text("列名即中文", "the name is Chinese"))
        )
    elif not any(c.isalpha() and not c.isascii() for c in name):
        found.extend(_spelled(name))
    if not found:
        nothing = Text("词典中没有这个列名", "the dictionary does not know the name")
        found.append(Reading(name, "", "", 0.1, nothing, known=False))
    if _NAMELESS.match(name) and not title:
        found = [Reading(name, "", "", 0.1, Text("列没有名称", "the column has no name"), known=False)]
    best: dict[tuple[str, str], Reading] = {}
    for reading in found:
        best.setdefault((reading.title, reading.concept), reading)
    return tuple(sorted(best.values(), key=lambda r: -r.confidence)[:_BEST])


def _renamed(found: tuple[Reading, ...], factor: float, reason: Text) -> list[Reading]:
    return [Reading(r.title, r.concept, r.owner, r.confidence * factor, reason + r.reason) for r in found]


@lru_cache(maxsize=50_000)
def _spelled(name: str) -> tuple[Reading, ...]:
    words = [w for w in _SEPARATORS.split(_CAMEL.sub("_", name.strip())) if w]
    words = [word.lower() for word in words]
    if not words:
        return ()
    plain = [word for word in words if word not in _LITTLE] or words
    found = list(_whole(words) or _whole(plain))
    if not found and (numbered := _NUMBERED.match("_".join(words))) and numbered.group(1):
        number = numbered.group(2)
        inner = _spelled(numbered.group(1))
        found = [Reading(r.title + number, r.concept, r.owner, r.confidence * 0.9, r.reason) for r in inner]
    if not found and len(words) > 1 and (words[0] in _NOISE or len(words[0]) == 1):
        found = [
            Reading(r.title, r.concept, r.owner, r.confidence * 0.95, r.reason)
            for r in _spelled("_".join(words[1:]))
        ]
    if not found and len(words) > 1:
        found = list(_composed(plain))
    if not found and len(words) == 1:
        found = list(_cut(words[0]))
    return tuple(found)


def _whole(words: list[str]) -> list[Reading]:
    found = []
    for key in dict.fromkeys(("_".join(words), "".join(words))):
        found += [
            _read(t, 0.9, Text("英文列名词典", "dictionary of English names"))
            for t in _english().get(key, ())
        ]
    joined = "".join(words)
    found += [_read(t, 0.9, Text("拼音词典", "dictionary of pinyin")) for t in _pinyin().get(joined, ())]
    short = _initials().get(joined, ())
    sure = 0.9 if len(joined) >= 4 else 0.85 if len(joined) == 3 else 0.75
    for rank, term in enumerate(short):
        reason = Text(f"拼音首字母“{joined}”", f"initials “{joined}”")
        found.append(_read(term, sure * (0.5 + term.weight / 18) - 0.03 * rank, reason))
    return found


def _read(term: Term, confidence: float, reason: Text) -> Reading:
    said = meaning(term.title)
    concept = term.concept if term.concept not in {"mod", "info"} else said.concept
    return Reading(term.title, concept, said.owner, round(confidence, 3), reason)


def _composed(words: list[str]) -> list[Reading]:
    """Each word by itself, put together: `enterprise_contact_phone`, `qy_lxdh`."""
    parts: list[str] = []
    for word in words:
        term = _word(word)
        if term is None:
            return []
        if not parts or parts[-1] != term.title:
            parts.append(term.title)
    return [_compound(parts, 0.7, Text("逐词译出", "translated word by word"))]


def _word(word: str) -> Term | None:
    for known in (_english(), _pinyin(), _initials()):
        if word in known:
            return known[word][0]
    number = _NUMBERED.match(word)
    return _word(number.group(1)) if number and number.group(1) else None


def _compound(parts: list[str], confidence: float, reason: Text) -> Reading:
    kept = [part for part in parts if part not in {"信息", "记录"}] or parts
    title = "".join(kept)
    for first, last in ((kept[-1], kept[-2] if len(kept) > 1 else ""),):
        # 企业 + 企业名称 repeats itself
        if last and first.startswith(last):
            title = "".join(kept[:-2]) + first
    said = meaning(title)
    return Reading(title, said.concept, said.owner, confidence, reason)


@lru_cache(maxsize=50_000)
def _cut(name: str) -> tuple[Reading, ...]:
    """Initials run together (`fddbrlxdh`), cut where the dictionary knows all parts; longer parts win."""
    if not 4 <= len(name) <= 20 or not name.isalpha() or any(vowel in name for vowel in "iuv"):
        return ()
    known = _initials()
    best: list[tuple[float, tuple[str, ...]] | None] = [None] * (len(name) + 1)
    best[0] = (0.0, ())
    for end in range(2, len(name) + 1):
        for start in range(max(0, end - 10), end - 1):
            before, terms_here = best[start], known.get(name[start:end])
            if before is None or not terms_here:
                continue
            # squares: one part of four letters is worth more than two of two
            worth = before[0] + (end - start) ** 2 + terms_here[0].weight / 10
            here = best[end]
            if here is None or worth > here[0]:
                best[end] = (worth, (*before[1], terms_here[0].title))
    done = best[len(name)]
    if done is None or len(done[1]) > 3 or len(set(done[1])) < len(done[1]):
        return ()
    if len(done[1]) == 3 and len(name) < 7:
        return ()  # three parts of two letters fit nearly any word
    confidence = 0.6 if len(done[1]) == 2 else 0.45
    joined = "+".join(done[1])
    return (
        _compound(
            list(done[1]), confidence, Text(f"按拼音首字母拆成 {joined}", f"initials cut into {joined}")
        ),
    )


@cache
def _english() -> dict[str, tuple[Term, ...]]:
    return _indexed([(word, term) for term in terms() for word in term.english])


@cache
def _pinyin() -> dict[str, tuple[Term, ...]]:
    return _indexed([(term.pinyin, term) for term in terms() if term.pinyin])


@cache
def _initials() -> dict[str, tuple[Term, ...]]:
    return _indexed([(word, term) for term in terms() for word in term.initials])


def _indexed(pairs: list[tuple[str, Term]]) -> dict[str, tuple[Term, ...]]:
    found: dict[str, list[Term]] = {}
    for word, term in pairs:
        found.setdefault(word, []).append(term)
    return {word: tuple(sorted(held, key=lambda t: -t.weight)) for word, held in found.items()}
