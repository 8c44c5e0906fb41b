"""How every error between nodes reads: each language alone, whole sentences, nothing said twice."""

from __future__ import annotations

import re

from yiwang.vocabulary.errors import YwError

_LATIN = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def reads_well(problem: YwError, named: re.Pattern[str]) -> None:
    """`named`: what stands in Chinese sentences as it is."""
    for said in (problem.text("zh"), problem.mend("zh")):
        assert not _LATIN.search(named.sub("", said)), said
        assert said.endswith("。")
        assert "。。" not in said
        assert "—" not in said
    for said in (problem.text("en"), problem.mend("en")):
        assert not _HAN.search(said), said
        assert said.endswith(".")
        assert not said.endswith("..")
        assert "—" not in said
