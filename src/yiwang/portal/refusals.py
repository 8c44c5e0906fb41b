"""What an error code of the gateway means, in one line for lists: what was wrong, and so what to change.

The full text with its facts comes with the refusal itself; lists show leaves, which carry the code alone.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, str | Promise] = {
    "attempts-exhausted": _("Too many checks about one person today"),
    "case-required": _("The case number is missing"),
    "check-digit-wrong": _("The number asked for fails its check digit"),
    "claim-not-granted": _("A field to check is not in the grant"),
    "client-busy": _("Too many calls of the application at once"),
    "client-changed": _("The application was changed meanwhile"),
    "client-suspended": _("The application is suspended"),
    "cursor-invalid": _("The cursor does not belong to this query"),
    "field-not-granted": _("A field is not in the grant"),
    "grant-ambiguous": _("Several grants fit: name one in YW-Grant"),
    "grant-changed": _("The grant was changed meanwhile"),
    "grant-expired": _("The grant has run out: renew it"),
    "grant-not-yet": _("The grant is not in force yet"),
    "grant-not-yours": _("The grant belongs to another agency"),
    "grant-revoked": _("The grant was revoked"),
    "grant-suspended": _("The grant is suspended"),
    "limit-too-high": _("More rows asked for than the grant allows"),
    "list-too-long": _("The list of values is too long"),
    "mode-not-granted": _("The grant does not include this way of use"),
    "nonce-replayed": _("The request was sent before"),
    "not-a-workday": _("The grant is for working days"),
    "operator-not-allowed": _("The field may not be compared in this way"),
    "outside-hours": _("Outside the hours of the grant"),
    "paging-unavailable": _("The resource has no key to page by"),
    "predicate-not-allowed": _("A field may not be looked up by"),
    "purpose-not-allowed": _("The purpose is not in the grant"),
    "quota-exhausted": _("Today's calls are used up"),
    "resource-not-found": _("No grant for this resource"),
    "resource-suspended": _("The provider has suspended the service"),
    "resource-withdrawn": _("The resource was withdrawn"),
    "source-busy": _("The source is busy: try again"),
    "source-changed": _("The source table has changed"),
    "source-denied": _("The source refused the platform's account"),
    "source-failed": _("The source reported an error"),
    "source-garbled": _("The source holds text in a wrong encoding"),
    "source-resting": _("The source fails repeatedly: try again later"),
    "source-slow": _("The source did not answer in time"),
    "source-unreachable": _("The source cannot be reached"),
    "subject-missing": _("Subject or claims are empty"),
    "subjects-exhausted": _("Too many different subjects today"),
    "value-invalid": _("A value does not fit its type"),
    "where-too-wide": _("The condition is too wide: give the key"),
    "wrong-zone": _("The grant is for another network"),
}


def refusal_words(code: str | None) -> str:
    """The line for a code; the code itself where there is none, and nothing without a code."""
    if not code:
        return ""
    words = REFUSALS.get(code)
    return str(words) if words is not None else code
