"""What refusals of other nodes mean for a job: when it ends, when it waits, and what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.beyond import BeyondGrant, Refused, as_ours
from yiwang.blocks.delivery.domain.job import PATIENCE, RETRIES, retry_at

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
GRANT = BeyondGrant(
    owner="guojia", number="G-2026-000007", version=1, state="active", consumer="C", resource="100000001/9", title="登记",
    provider="P", provider_name="登记局", modes=("table",), fields=("编号",), masks={}, ways=("full",), frequency="daily",
    purposes=("item:1",), case_required=False, not_before=AT, not_after=AT, hours=(510, 1080), workdays_only=False,
)  # fmt: skip


def meant(code: str, *, permanent: bool = True) -> errors.DeliveryError:
    return as_ours(GRANT, Refused(code, permanent, "原因。", "the reason.", "怎么办。", "what to do."))


@pytest.mark.parametrize(
    ("code", "kind", "permanent"),
    [
        ("grant-revoked", errors.GrantOver, True),
        ("grant-suspended", errors.GrantOver, True),
        ("grant-expired", errors.GrantOver, True),
        ("table-run-too-soon", errors.TooOften, True),
        ("table-run-over", errors.OwnersRunOver, False),
        ("outside-hours", errors.OutsideHours, False),
        ("not-a-workday", errors.OutsideHours, False),
        ("peer-unproven", errors.PageUnproven, False),
        ("evidence-invalid", errors.PageUnproven, False),
        ("peer-suspended", errors.OwnerSilent, False),
        ("key-unknown", errors.OwnerSilent, False),
        ("grant-not-yours", errors.OwnerRefused, True),
        ("client-suspended", errors.OwnerRefused, True),
        ("something-new", errors.OwnerRefused, True),
    ],
)
def test_a_refusal_is_put_into_the_jobs_own_words(
    code: str, kind: type[errors.DeliveryError], permanent: bool
) -> None:
    error = meant(code)
    assert type(error) is kind
    assert error.permanent is permanent
    for language in ("zh", "en"):
        assert "—" not in error.text(language) + error.mend(language), "every fact is there"


def test_what_may_pass_by_itself_is_waited_for_whatever_it_is() -> None:
    error = meant("peer-silent", permanent=False)
    assert type(error) is errors.OwnerSilent
    assert error.text("zh") == "现在取不到节点 guojia 的表：原因。"
    refused = meant("case-required")
    assert refused.text("en") == "The table of the node guojia was refused: the reason."
    assert refused.mend("zh") == "怎么办。办妥后再执行一次作业。"
    assert meant("outside-hours").text("en") == "The grant allows reading at 8:30–18:00 only."


def test_a_line_that_is_down_is_tried_for_two_days_and_then_left_to_a_person() -> None:
    first = [retry_at(n, AT, patient=True) for n in (1, 2, 3)]
    assert first == [AT + span for span in RETRIES]
    assert retry_at(4, AT) is None
    assert retry_at(4, AT, patient=True) == AT + timedelta(hours=1)
    assert retry_at(len(RETRIES) + PATIENCE, AT, patient=True) is not None
    assert retry_at(len(RETRIES) + PATIENCE + 1, AT, patient=True) is None
