"""Names of roles in what a block refused."""

from __future__ import annotations

from yiwang.blocks.identity import public as identity
from yiwang.portal import formats


def with_role_names(error: identity.IdentityError) -> identity.IdentityError:
    """The same error with roles by their names in the language of the page."""
    language = formats.language()
    named = {
        key: identity.ROLES[value].name(language)
        if isinstance(value, str) and value in identity.ROLES
        else value
        for key, value in error.facts.items()
    }
    return type(error)(**named)
