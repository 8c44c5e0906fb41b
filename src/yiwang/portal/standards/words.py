"""Words of standards: states, types, kinds of check character."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TYPES: dict[str, str | Promise] = {
    "text": _("Text"),
    "integer": _("Whole number"),
    "decimal": _("Decimal number"),
    "boolean": _("Yes or no"),
    "date": _("Date"),
    "datetime": _("Date and time"),
}
CHECKS: dict[str, str | Promise] = {
    "": _("none"),
    "mod11_2": "MOD 11-2 (GB 11643)",
    "uscc": "GB 32100",
    "mod11_10": "MOD 11,10 (ISO 7064)",
}
