"""The scanner's proposals beside answer sheets made by hand, on the public sets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.unit.census.answers import faults
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.opening import places
from yiwang.dataplane.census.scan import scan
from yiwang.dataplane.census.source import Limits

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = (
    "legal/shandong_jinan_enterprises_sample.csv.gz", "catalog/hospitals_fever_clinics_2020.csv", "deid/adult.csv",
    "admin/provinces.csv", "admin/cities.csv", "admin/areas.csv", "admin/streets.csv",
)  # fmt: skip
pytestmark = [
    pytest.mark.needs_shared_data,
    pytest.mark.skipif(not SHARED.exists(), reason="the public data sets are not beside the repository"),
]


@pytest.fixture(scope="module")
def draft() -> Draft:
    return scan(
        places([str(SHARED / name) for name in FILES]), Limits(), dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    )


def test_nine_in_ten_items_need_no_edit(draft: Draft) -> None:
    count, wrong = faults(draft, "shared_files.csv")
    assert count == 41
    assert len(wrong) <= count // 10, wrong


def test_divisions_point_to_the_level_above(draft: Draft) -> None:
    pointing = {(r.table, i.column): i.references for r in draft.resources for i in r.items if i.references}
    assert pointing == {
        ("cities", "provinceCode"): "provinces.code", ("areas", "cityCode"): "cities.code",
        ("areas", "provinceCode"): "provinces.code", ("streets", "areaCode"): "areas.code",
        ("streets", "cityCode"): "cities.code", ("streets", "provinceCode"): "provinces.code",
    }  # fmt: skip


def test_the_credit_code_is_the_key_and_the_legal_representative_personal(draft: Draft) -> None:
    resource = next(r for r in draft.resources if r.table.startswith("shandong"))
    assert resource.key == ("统一社会信用代码",)
    assert [i.column for i in resource.items if i.mark] == ["法人代表_伪名"]
