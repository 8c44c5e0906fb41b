"""The tabs of the code panel; that the samples run is tested with the client."""

from __future__ import annotations

from yiwang.client.samples import Sample
from yiwang.portal.code import lines
from yiwang.portal.share.samples import tabs


def test_every_tab_shows_the_call_of_the_console() -> None:
    call = Sample(
        "306001003/12",
        {"证号": "1"},
        "law:decree-809#3",
        "http://127.0.0.1:8001",
        "verify",
        claims={"姓名": "王'敏"},
        grant="G-1",
    )
    for tab in tabs(call):
        compile(tab.text, "sample", "exec") if tab.key == "python" else None
        assert "306001003" in tab.text
        assert "G-1" in tab.text
        assert len(tab.lines) >= len(tab.text.splitlines())


def test_marked_lines_escape_what_they_show() -> None:
    assert lines('{"a": "<b>"}', "json") == [
        '{<span class="k">&quot;a&quot;</span>: <span class="s">&quot;&lt;b&gt;&quot;</span>}'
    ]
