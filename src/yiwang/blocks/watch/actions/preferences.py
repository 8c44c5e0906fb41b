"""How a person is told by mail."""

from __future__ import annotations

from collections.abc import Mapping

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from yiwang.blocks.exchange.public import last_notice
from yiwang.blocks.identity.public import Actor
from yiwang.blocks.watch.domain.errors import AddressMalformed, LinkStale
from yiwang.blocks.watch.domain.mail import GROUPS, HOWS, How
from yiwang.blocks.watch.store.models import Mail, Preference
from yiwang.blocks.watch.store.seeing import SYSTEM, as_actor

SALT = "yiwang.watch.unsubscribe"


@as_actor
def set_preference(actor: Actor, address: str, language: str, hows: Mapping[str, str]) -> None:
    """Keep the person's own choice; what happened before an address was given is not mailed. Raises: AddressMalformed."""
    address = address.strip()
    if address:
        try:
            validate_email(address)
        except ValidationError as problem:
            raise AddressMalformed() from problem
    chosen: dict[str, How] = {group: how for group in GROUPS for how in HOWS if hows.get(group) == how}
    row = Preference.objects.select_for_update().filter(user=actor.user_id).first()
    if row is None:
        row = Preference(user=actor.user_id)
    if address and not row.address:
        row.last_notice = row.last_digest = last_notice()
    row.username, row.address, row.hows = actor.username, address, chosen
    row.language = "en" if language == "en" else "zh-hans"
    row.save()
    if not address:
        Mail.objects.filter(user=actor.user_id, state="waiting").delete()


def unsubscribe_token(user_id: int) -> str:
    """What the link in a mail carries."""
    return signing.dumps(user_id, salt=SALT)


@as_actor
def _stop(_actor: Actor, user_id: int) -> None:
    Preference.objects.filter(user=user_id).update(hows=dict.fromkeys(GROUPS, "never"))
    Mail.objects.filter(user=user_id, state="waiting").delete()


def unsubscribe(token: str) -> None:
    """Stop every mail to the person whose link this is, also those that wait. Raises: LinkStale."""
    try:
        user_id = int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError) as problem:
        raise LinkStale() from problem
    _stop(SYSTEM, user_id)
