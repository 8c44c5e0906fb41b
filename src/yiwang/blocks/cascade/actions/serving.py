"""What a peer asks for: proven, and answered from the journal to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from yiwang.blocks.cascade.domain.card import Card
from yiwang.blocks.cascade.domain.leases import owned, sign_lease
from yiwang.blocks.cascade.domain.pages import PURPOSE, KeptHeads, Page, Question
from yiwang.blocks.cascade.domain.refusing import refused
from yiwang.blocks.cascade.domain.transport import UNREADABLE
from yiwang.blocks.cascade.store.heads import kept_heads, own_logs
from yiwang.blocks.cascade.store.here import card_of, node, signing_key
from yiwang.blocks.cascade.store.leaves import held_leaves
from yiwang.blocks.cascade.store.models import Held, Nonce, Peer
from yiwang.blocks.cascade.store.sealing import runs_after, seal_waiting, waiting
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.envelope import NODE_WINDOW_SECONDS, SignedRequest, parse_request

_question = msgspec.json.Decoder(Question)


def serve_pull(
    method: str, path: str, headers: Callable[[str], Sequence[str]], body: bytes, now: datetime
) -> bytes:
    """A page for the peer that signed the request.

    Raises: EnvelopeError; PeerRefused, for who is no peer, is suspended, or repeats a request.
    """
    name, request = _proven(method, path, headers, body, now)
    try:
        asked = _question.decode(body)
    except UNREADABLE as problem:
        raise refused(node(), "question") from problem
    _seal(name, asked.most, now)
    with acting(SYSTEM):
        peer = Peer.objects.get(pk=name)
        runs = runs_after(name, asked.after, asked.most)
        through = max((asked.after, *(_last(run.seal) for run in runs)))
        more = through < peer.sealed or waiting(name)
        beyond = Held.objects.exclude(via=name).values_list("owner", "until")
        above = {owner: until.timestamp() for owner, until in beyond}
        lease = sign_lease(
            signing_key(now), source=node(), target=name, through=through,
            owners=owned(node(), above, now.timestamp()) if peer.state == "active" else {},
            request=request,
        )  # fmt: skip
        logs, gone = own_logs(asked.heads, asked.leaves, name, now) if asked.heads is not None else (None, ())
        Peer.objects.filter(pk=name, taken__lt=asked.after).update(taken=asked.after)
    return msgspec.json.encode(Page(tuple(runs), more, lease, logs, gone))


def serve_kept(
    method: str, path: str, headers: Callable[[str], Sequence[str]], body: bytes, now: datetime
) -> bytes:
    """The heads that this node keeps of the asker's logs, and the leaves of them that it holds. Raises: as `serve_pull`."""
    name, _ = _proven(method, path, headers, body, now)
    return msgspec.json.encode(KeptHeads(kept_heads(name), held_leaves(name)))


def _last(seal: str) -> int:
    last: int = msgspec.json.decode(seal, type=_Last).last
    return last


class _Last(msgspec.Struct):
    last: int


def _seal(name: str, most: int, now: datetime) -> None:
    sealed = 0
    while sealed < most and (count := seal_waiting(name, now)):
        sealed += count


def _proven(
    method: str, path: str, headers: Callable[[str], Sequence[str]], body: bytes, now: datetime
) -> tuple[str, str]:
    """Which peer signed this, and the request's digest."""
    request = parse_request(method, path, "", headers)
    request.check_node(node())
    request.check_window(now, NODE_WINDOW_SECONDS)
    if request.purpose.ground != PURPOSE:
        raise refused(node(), "purpose")
    peer, card = _signer(request, now)
    request.check_body(body)
    key = card.key(request.kid)
    if key is None:
        raise refused(node(), "key")
    request.check_signature(key.public())
    with transaction.atomic():
        Nonce.objects.filter(created_at__lt=now - timedelta(seconds=4 * NODE_WINDOW_SECONDS)).delete()
        try:
            with transaction.atomic():
                Nonce.objects.create(value=f"{request.kid} {request.nonce}", created_at=now)
        except IntegrityError as problem:
            raise refused(node(), "nonce") from problem
    if peer.state in ("suspended", "forked"):
        raise refused(node(), peer.state)
    return peer.name, request.digest().hex()


def _signer(request: SignedRequest, now: datetime) -> tuple[Peer, Card]:
    for peer in Peer.objects.all():
        card = card_of(peer)
        key = card.key(request.kid)
        if key is not None and key.usable_at(now.timestamp()):
            return peer, card
    raise refused(node(), "key")
