"""Names, ranges, kinds, headers and days of files: what must hold for every input."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.files.domain import media, ranges, tus
from yiwang.blocks.files.domain.errors import RangeUnsatisfiable, UploadHeaderWrong
from yiwang.blocks.files.domain.keeping import kept_until
from yiwang.vocabulary.file_names import LONGEST, name_fault, safe_name
from yiwang.vocabulary.manifest import CHUNK, Manifest, ManifestBroken, chunk_sizes, read_manifest

TAG = '"sm3-00"'
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@given(st.text())
def test_a_name_that_is_taken_is_one_visible_name_and_no_path(name: str) -> None:
    if name_fault(name) is not None:
        assert safe_name(name, "F1") == "F1"
        return
    assert not set(name) & set('/\\\0\n\r\t:*?"<>|')
    assert name not in {".", ".."}
    assert 0 < len(name.encode()) <= LONGEST
    assert name == name.strip()


@pytest.mark.parametrize(
    "name", ["年报 2026.csv", "a", "données.pdf", "x" * 240, ".gitignore", "文件（1）.zip"]
)
def test_ordinary_names_are_taken(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "a\\b", "C:a", "a\0", "a\u202eb", "a\u200bb", "\ud800", "nul", "COM1.txt", "a.", " a",
     "e\u0301", "x" * 241, "a\u2028b", "\ue000"],
)  # fmt: skip
def test_names_that_hide_a_path_or_what_they_are_are_not(name: str) -> None:
    assert name_fault(name) is not None


@given(st.text(alphabet="bytes=-,0123456789 abc", max_size=30), st.integers(0, 10**6))
def test_a_range_lies_inside_the_file_or_is_refused_or_passed_over(value: str, length: int) -> None:
    try:
        span = ranges.span_of(value, None, length=length, tag=TAG, modified=NOW)
    except RangeUnsatisfiable:
        return
    if span is not None:
        assert 0 <= span.first <= span.last < length


@given(st.binary(min_size=1, max_size=300), st.data())
def test_what_a_range_names_is_what_a_slice_gives(content: bytes, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(content) - 1))
    last = data.draw(st.integers(first, len(content) + 5))
    span = ranges.span_of(f"bytes={first}-{last}", TAG, length=len(content), tag=TAG, modified=NOW)
    assert span is not None
    assert content[span.first : span.last + 1] == content[first : last + 1]
    count = data.draw(st.integers(1, len(content) + 5))
    tail = ranges.span_of(f"bytes=-{count}", None, length=len(content), tag=TAG, modified=NOW)
    assert tail is not None
    assert content[tail.first : tail.last + 1] == content[-count:]


def test_a_date_in_if_range_has_to_be_the_very_one() -> None:
    def asked(date: str) -> ranges.Span | None:
        return ranges.span_of("bytes=0-1", date, length=9, tag=TAG, modified=NOW)

    assert asked("Sat, 28 Nov 2026 08:00:00 GMT") is not None
    assert asked("Sat, 28 Nov 2026 08:00:01 GMT") is None
    assert asked("yesterday") is None
    assert asked(f"W/{TAG}") is None, "a weak validator never stands for the same bytes"


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), st.text(), max_size=4))
def test_metadata_comes_back_as_it_was_written(values: dict[str, str]) -> None:
    clean = {key: value.encode("utf-8", "replace").decode() for key, value in values.items()}
    assert tus.metadata(tus.metadata_text(clean)) == clean


@pytest.mark.parametrize(
    "value", ["a b c", "a,a", ",", "a !!!", "a " + base64.b64encode(b"\xff").decode(), "é YQ=="]
)
def test_metadata_that_is_malformed_is_refused(value: str) -> None:
    with pytest.raises(UploadHeaderWrong):
        tus.metadata(value)


@given(st.text(max_size=40))
def test_any_other_header_is_read_or_refused(value: str) -> None:
    for read in (tus.checksum, tus.concat, lambda text: tus.number("Upload-Offset", text)):
        try:
            read(value)
        except UploadHeaderWrong:
            continue


@given(st.binary(max_size=60), st.sampled_from(sorted({*media.BY_SUFFIX.values(), media.UNKNOWN})))
def test_a_program_never_passes_as_a_document(head: bytes, declared: str) -> None:
    assert media.contradicts(declared, b"MZ" + head) == "application/x-executable"
    assert media.contradicts(declared, b"\x7fELF" + head) is not None


@pytest.mark.parametrize(
    ("declared", "head", "shown"),
    [
        ("text/csv", "姓名,金额".encode("gbk"), None),
        ("text/csv", b"a\x00b", media.UNKNOWN),
        ("text/csv", "a".encode("utf-16"), None),
        ("text/csv", b"PK\x03\x04", "application/zip"),
        (media.BY_SUFFIX[".xlsx"], b"PK\x03\x04", None),
        (media.BY_SUFFIX[".xlsx"], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        ("application/ofd", b"PK\x03\x04", None),
        ("application/pdf", b"%PDF-1.4", None),
        ("application/pdf", b"hello", media.UNKNOWN),
        ("application/x-own", b"anything", None),
        (media.UNKNOWN, b"PK\x03\x04", None),
    ],
)
def test_a_kind_is_compared_with_the_first_bytes(declared: str, head: bytes, shown: str | None) -> None:
    assert media.contradicts(declared, head) == shown


@given(st.integers(0, 5 * CHUNK))
def test_chunks_add_up_to_the_file(length: int) -> None:
    sizes = list(chunk_sizes(length))
    assert sum(sizes) == length
    assert all(size == CHUNK for size in sizes[:-1])
    manifest = Manifest(
        chunks=("0" * 64,) * len(sizes),
        digest=None,
        file="F1",
        hash="sm3",
        length=length,
        media="a/b",
        name="n",
        sha256=None,
    )
    assert read_manifest(manifest.encoded()) == manifest


def test_a_manifest_that_contradicts_itself_is_refused() -> None:
    broken = Manifest(
        chunks=(), digest=None, file="F1", hash="sm3", length=1, media="a/b", name="n", sha256=None
    )
    for body in (broken.encoded(), b"{}", b"\xff", b"[]"):
        with pytest.raises(ManifestBroken):
            read_manifest(body)


def test_a_file_waits_for_those_who_have_not_fetched_it_and_ends_after_the_last_who_has() -> None:
    day = timedelta(days=1)
    terms = {"after_delivery": 30, "unfetched": 180}
    assert kept_until(NOW, [], 0, **terms) == NOW + 180 * day
    assert kept_until(NOW, [NOW + day], 1, **terms) == NOW + 180 * day
    assert kept_until(NOW, [NOW + day, NOW + 9 * day], 0, **terms) == NOW + 39 * day
