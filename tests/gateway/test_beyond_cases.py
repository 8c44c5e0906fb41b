"""The case number of a job goes with every call to the node that owns its table."""

from __future__ import annotations

from tests.gateway.cascade_stage import NATION
from tests.gateway.stage import ITEM
from tests.gateway.test_beyond_jobs import Play, play
from tests.store.exchange.conftest import key_folder, node

__all__ = ["key_folder", "node", "play"]
CASE = "低保〔2026〕7 号"


def test_the_owner_has_the_case_in_its_evidence(play: Play) -> None:
    grant = play.ledgers.grant(case_required=True)
    play.city.changed = {"case_required": True}
    job = play.job(grant, case=CASE)
    before = len(play.ledgers.cascade.leaves(NATION, grant))
    assert play.run(job) == "done"
    play.wants()
    leaves = play.ledgers.cascade.leaves(NATION, grant)[before:]
    assert {leaf["purpose"] for leaf in leaves} == {f"{ITEM};case={CASE}"}
    assert play.view(job).row.case == CASE
