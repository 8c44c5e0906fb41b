"""What data is asked for: a service item or a law's article, and the case it is needed in.

Text `item:<code>` or `law:<law id>#<article>`, optionally followed by `;case=<case number>`. `evidence:own` is the
purpose of requests about one's own evidence (reading it, acknowledging it, looking up an error), which need no
service item. In the header `YW-Purpose` the text is percent-encoded UTF-8, in exactly one way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, Self
from urllib.parse import quote, unquote_to_bytes

import msgspec

from yiwang.vocabulary.envelope.errors import PurposeMalformed

_SAFE = ":;=#/"
_ENCODED = re.compile(r"(?:[A-Za-z0-9._~:;=#/-]|%[0-9A-F]{2}){1,1024}")
_TEXT = re.compile(
    r"(?:(?P<item>item):(?P<code>[^;#\s]{1,64})"
    r"|(?P<law>law):(?P<law_id>[^;#\s]{1,64})#(?P<article>[^;#\s]{1,32})"
    r"|(?P<own>evidence:own))"
    r"(?:;case=(?P<case>[^;\s](?:[^;\t-\r\x1c-\x1f\x85\u2028\u2029]{0,98}[^;\s])?))?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Purpose(msgspec.Struct, frozen=True):
    """A purpose.

    Attributes:
        kind: `item`, `law`, or `evidence` for one's own evidence.
        code: the service item's code, the law's id, or `own`.
        article: the article of the law; None for the others.
        case: the number of the case it is needed in, if any.
    """

    kind: Literal["item", "law", "evidence"]
    code: str
    article: str | None = None
    case: str | None = None

    @property
    def ground(self) -> str:
        """The text without the case: what a grant names as an allowed purpose."""
        return (
            f"{self.kind}:{self.code}" if self.article is None else f"{self.kind}:{self.code}#{self.article}"
        )

    @property
    def text(self) -> str:
        """The whole text, as it stands in a leaf."""
        return self.ground if self.case is None else f"{self.ground};case={self.case}"

    @property
    def header(self) -> str:
        """The value of `YW-Purpose`."""
        return quote(self.text, safe=_SAFE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the plain text.

        Raises:
            PurposeMalformed: it is not of the form.
        """
        found = _TEXT.fullmatch(text)
        if found is None or _CONTROL.search(text):
            raise PurposeMalformed(purpose=text[:120].encode("utf-8", "replace").decode(), reason="form")
        case = found["case"]
        if found["item"]:
            return cls("item", found["code"], None, case)
        if found["law"]:
            return cls("law", found["law_id"], found["article"], case)
        return cls("evidence", "own", None, case)

    @classmethod
    def from_header(cls, value: str) -> Purpose:
        """Read the value of `YW-Purpose`.

        Raises:
            PurposeMalformed: it is not percent-encoded in the one prescribed way, or not of the form.
        """
        return _from_header(value)


OWN_EVIDENCE = Purpose("evidence", "own")


@lru_cache(maxsize=4096)
def _from_header(value: str) -> Purpose:
    if _ENCODED.fullmatch(value) is None:
        raise PurposeMalformed(
            purpose=value[:120], reason="not percent-encoded UTF-8 of at most 1024 characters"
        )
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError as problem:
        raise PurposeMalformed(purpose=value[:120], reason="not UTF-8") from problem
    if quote(text, safe=_SAFE) != value:
        raise PurposeMalformed(purpose=value[:120], reason="more is percent-encoded than has to be")
    return Purpose.parse(text)
