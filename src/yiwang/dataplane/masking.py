"""Masks: what a value looks like to one who may know that it exists, but not all of it.

A mask keeps the length where the length tells nothing, never raises for an odd value (it then hides more, not
less), and leaves NULL as NULL. Conventions: field-standards §1.5 (resident id, first 6 and last 4), and the
customary forms for names, telephone numbers and addresses in GB/T 37988-2019 (data security) practice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

Mask = Callable[[str], str]

STAR: Final = "*"
_ADDRESS_HEAD = re.compile(
    r"(?:.{1,10}?(?:省|自治区))?(?:.{1,10}?(?:市|州|盟|地区))?(?:.{1,10}?(?:区|县|旗|市))?"
)
_YEAR = re.compile(r"^(\d{4})(?=\D|\d{2})")


class MaskUnknown(ValueError):
    """A grant names a mask that does not exist."""


def _middle(value: str, head: int, tail: int) -> str:
    """Keep `head` first and `tail` last characters; a value too short for that is hidden whole."""
    hidden = len(value) - head - tail
    if hidden <= 0:
        return STAR * len(value)
    return value[:head] + STAR * hidden + (value[-tail:] if tail else "")


def id_number(value: str) -> str:
    """`11010519491231002X` → `110105********002X`: first 6 and last 4."""
    return _middle(value, 6, 4)


def name(value: str) -> str:
    """A person's name: the family name of two or three characters' names stays, `王敏` → `王*`.

    Names in other scripts keep the first letter of each word: `Li Ming` → `L* M***`.
    """
    if not value:
        return value
    if value.isascii():
        return " ".join(word[:1] + STAR * (len(word) - 1) for word in value.split(" "))
    return value[0] + STAR * max(1, len(value) - 1)


def phone(value: str) -> str:
    """`13812345678` → `138****5678`; with an area code the last four digits are hidden."""
    if len(value) == 11 and value.isdigit() and value[0] == "1":
        return value[:3] + "****" + value[-4:]
    digits = sum(character.isdigit() for character in value)
    keep, shown = digits - 4, []
    for character in value:
        if character.isdigit():
            shown.append(character if keep > 0 else STAR)
            keep -= 1
        else:
            shown.append(character)
    return "".join(shown)


def address(value: str) -> str:
    """Everything after the county, district or banner is hidden, and its length with it."""
    found = _ADDRESS_HEAD.match(value)
    return (found.group(0) if found else "") + "****"


def email(value: str) -> str:
    """`chen.chen@example.cn` → `c***@example.cn`."""
    local, at, domain = value.rpartition("@")
    if not at or not local:
        return "****"
    return f"{local[0]}***@{domain}"


def bank_account(value: str) -> str:
    """Last four digits only."""
    return _middle(value, 0, 4)


def year_only(value: str) -> str:
    """`1949-12-31` or `19491231` → `1949`; anything else is hidden."""
    found = _YEAR.match(value)
    return found.group(1) if found else "****"


def hidden(_value: str) -> str:
    """Only that there is a value."""
    return "****"


def last_four(value: str) -> str:
    """Only the last four characters."""
    return _middle(value, 0, 4)


MASKS: Final[Mapping[str, Mask]] = {
    "id_number": id_number,
    "name": name,
    "phone": phone,
    "address": address,
    "email": email,
    "bank_account": bank_account,
    "year_only": year_only,
    "hidden": hidden,
    "last_four": last_four,
}
"""Every mask by the name that a grant uses."""


def mask(kind: str) -> Mask:
    """The mask of this name. Raises: MaskUnknown, so that a grant with a slip lets nothing out."""
    try:
        return MASKS[kind]
    except KeyError:
        raise MaskUnknown(kind) from None
