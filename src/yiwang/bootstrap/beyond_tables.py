"""Tables of other nodes for the node's own jobs: signed by the key of the consumer's jobs, asked at the node's own gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.delivery.public import Ask, BeyondGrant, Refused, as_ours, purpose_of
from yiwang.blocks.identity import public as identity
from yiwang.dataplane.transfer.beyond_wire import Act
from yiwang.vocabulary.errors import YwError

SECONDS: Final = 75.0
"""For one answer: longer than the nodes on the way wait for each other."""


class OtherNodes:
    """What delivery asks of the cascade."""

    def grant(self, owner: str, number: str) -> BeyondGrant | None:
        """A grant of another node, as this node knows it now."""
        held = cascade.held_here(owner, number)
        if held is None:
            return None
        return BeyondGrant(
            owner=held.owner, number=held.number, version=held.version, state=held.state, consumer=held.consumer,
            resource=held.resource, title=held.title, provider=held.provider, provider_name=held.provider_name,
            modes=held.modes, fields=held.fields, masks=held.masks, ways=held.ways, frequency=held.frequency,
            purposes=held.purposes, case_required=held.case_required, not_before=held.not_before,
            not_after=held.not_after, hours=held.hours, workdays_only=held.workdays_only,
        )  # fmt: skip

    def prepare(self, agency: str, now: datetime) -> None:
        """Make the key that signs for the agency's jobs, unless there is one. Raises: YwError."""
        identity.jobs_key(agency, now=now)

    @contextmanager
    def asking(self, grant: BeyondGrant, case: str, now: datetime) -> Iterator[Ask]:
        """Signed by the key of its consumer's jobs, under this grant alone; `case` may be empty. Raises: DeliveryError."""
        from yiwang.client import ClientError, Options
        from yiwang.client.tables import Tables
        from yiwang.portal.own_gateway import through

        _client, key = identity.jobs_key(grant.consumer, now=now)
        with through(key, Options(timeout=SECONDS, retries=2, longest_wait=5.0)) as client:
            purpose = purpose_of(grant.purposes[0], case)
            tables = Tables(client, grant.address, purpose=purpose, grant=grant.number)

            def ask(act: Act) -> bytes:
                try:
                    return tables.ask(msgspec.json.encode(act))
                except ClientError as error:
                    raise as_ours(grant, refused(error)) from error

            yield ask


def refused(error: YwError) -> Refused:
    """What a call failed with, in plain words."""
    return Refused(
        error.code, error.permanent, error.text("zh"), error.text("en"), error.mend("zh"), error.mend("en")
    )
