"""Code lists in their four forms: rows, a tree, a national list, a CSV file of the package."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from functools import cache

from yiwang.systems.errors import FileUnknown, PackageFault, ReferenceUnknown
from yiwang.systems.model.base import Label
from yiwang.systems.model.lists import Code, CodeList
from yiwang.systems.reading.decoding import decode
from yiwang.systems.reading.nodes import Node
from yiwang.systems.reading.places import Place
from yiwang.systems.reading.validating import choices
from yiwang.vocabulary.code_lists import code_list, code_list_ids


def read_code_lists(tree: Node, data: Mapping[str, bytes]) -> tuple[tuple[CodeList, ...], list[PackageFault]]:
    """The code lists of codes.yaml.

    Args:
        tree: the validated file.
        data: the CSV files of the package by name.
    """
    lists: list[CodeList] = []
    faults: list[PackageFault] = []
    for node in tree.value if isinstance(tree.value, list) else ():
        lists.append(_list(node, data, faults))
    return tuple(lists), faults


@cache
def national_lists() -> Mapping[str, str]:
    """Ids of the vocabulary's lists by the number of their standard, with and without its year."""
    found: dict[str, str] = {}
    for one in code_list_ids():
        standard = code_list(one).standard
        found[standard] = one
        found.setdefault(standard.rsplit("-", 1)[0], one)
    return found


def _list(node: Node, data: Mapping[str, bytes], faults: list[PackageFault]) -> CodeList:
    def text(key: str) -> str | None:
        child = node.get(key)
        return None if child is None else str(child.value)

    title = node.get("title")
    codes: list[Code] = []
    for key in ("rows", "retired"):
        rows = node.get(key)
        if rows is not None and isinstance(rows.value, list):
            codes.extend(_code(one) for one in rows.value)
    tree = node.get("tree")
    if tree is not None:
        codes[:0] = _branches(tree, None)
    use, use_node = text("use"), node.get("use")
    if use is not None and use_node is not None:
        codes.extend(_national(use, use_node, faults))
    file, file_node = text("file"), node.get("file")
    if file is not None and file_node is not None:
        codes.extend(_file(file, file_node.place, data, faults))
    levels = node.get("levels")
    return CodeList(
        id=text("id") or "",
        title=decode(Label, title) if title else Label(""),
        use=use,
        codes=tuple(codes),
        file=file,
        edition=text("edition") or "",
        levels=tuple(decode(Label, one) for one in levels.value)
        if levels and isinstance(levels.value, list)
        else (),
        place=node.place,
    )


def _code(node: Node) -> Code:
    if isinstance(node.value, list):
        texts = [str(one.value) for one in node.value]
        return Code(texts[0], texts[1], texts[2] if len(texts) > 2 else "", place=node.place)
    return decode(Code, node)


def _branches(node: Node, parent: str | None) -> Iterator[Code]:
    if isinstance(node.value, dict):
        for key, child in node.items():
            made = _branch(key, parent, node.keys.get(key, node.place))
            yield made
            yield from _branches(child, made.code)
    elif isinstance(node.value, list):
        for one in node.value:
            yield _branch(str(one.value), parent, one.place)


def _branch(text: str, parent: str | None, place: Place) -> Code:
    """`0101 安全生产 | Work safety`."""
    code, _, names = text.partition(" ")
    zh, _, en = names.partition(" | ")
    return Code(code, zh, en, parent=parent, place=place)


def _national(use: str, node: Node, faults: list[PackageFault]) -> Iterator[Code]:
    known = national_lists()
    found = known.get(use) or known.get(use.rsplit("-", 1)[0])
    if found is None:
        faults.append(
            ReferenceUnknown(
                node.place,
                what="国家标准代码表",
                what_en="national code list",
                found=use,
                **choices(use, sorted({code_list(one).standard for one in known.values()})),
            )
        )
        return
    for one in code_list(found):
        yield Code(one.code, one.name, one.name_en, parent=one.parent or None, place=node.place)


def _file(name: str, place: Place, data: Mapping[str, bytes], faults: list[PackageFault]) -> Iterator[Code]:
    if name not in data:
        faults.append(
            FileUnknown(
                place,
                found=f"包中没有文件 {name}",
                found_en=f"the package has no file {name}",
                expected="、".join(sorted(data)) or "（无）",
                expected_en=", ".join(sorted(data)) or "none",
            )
        )
        return
    rows = csv.DictReader(io.StringIO(data[name].decode("utf-8-sig", "replace")))
    for line, row in enumerate(rows, 2):
        yield Code(
            row.get("code") or "", row.get("zh") or "", row.get("en") or "", row.get("from") or None,
            row.get("until") or None, row.get("parent") or None,
            tuple((row.get("successor") or "").split()), Place(name, line, 1),
        )  # fmt: skip
