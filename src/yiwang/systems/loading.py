"""Reading a package from a folder or a snapshot: files, YAML, schemas, classes; every fault on the way is collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from yiwang.systems.errors import FileUnknown, PackageFault, PackageRefused, TooLarge
from yiwang.systems.model.access import Access, Indicator, Light, View
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.exchange import Exchange, Fusion, Schedule, Story
from yiwang.systems.model.forms import Form, Item
from yiwang.systems.model.lists import Parameter
from yiwang.systems.model.package import Package, System
from yiwang.systems.model.processes import Process, Rule
from yiwang.systems.reading.code_tables import read_code_lists
from yiwang.systems.reading.decoding import decode
from yiwang.systems.reading.nodes import Node, Plain, from_plain
from yiwang.systems.reading.places import Place
from yiwang.systems.reading.validating import validate
from yiwang.systems.reading.yaml_text import read_yaml

MAX_FILES: Final = 400
_LISTS: Final[dict[str, type[Any]]] = {
    "entities": Entity, "parameters": Parameter, "views": View, "indicators": Indicator, "supervise": Light,
    "items": Item, "schedules": Schedule,
}  # fmt: skip
_SINGLE: Final[dict[str, type[Any]]] = {
    "system": System, "access": Access, "exchange": Exchange, "fusion": Fusion,
}  # fmt: skip
_FOLDERS: Final[dict[str, type[Any]]] = {"rules": Rule, "forms": Form, "processes": Process, "stories": Story}
_FILES: Final = (*_SINGLE, *_LISTS, "codes")
_OTHER: Final = (".csv", ".md", ".typ", ".json")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A package as read.

    Attributes:
        name: of the folder or the snapshot.
        package: None where the faults leave nothing to build.
        trees: the validated files by name, such as `entities.yaml` or `forms/intake.yaml`.
        data: CSV files of the package by name.
    """

    name: str
    package: Package | None
    faults: tuple[PackageFault, ...] = ()
    trees: Mapping[str, Node] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)

    def require(self) -> Package:
        """The package.

        Raises:
            PackageRefused: where it has faults.
        """
        wrong = [one for one in self.faults if not one.warning]
        if wrong or self.package is None:
            raise PackageRefused(self.name, wrong)
        return self.package


def load_package(folder: Path) -> Loaded:
    """Read a folder; links are not followed out of it."""
    contents: dict[str, bytes] = {}
    data: dict[str, bytes] = {}
    faults: list[PackageFault] = []
    if not folder.is_dir():
        return Loaded(folder.name, None, (_no_file("system.yaml"),))
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if len(paths) > MAX_FILES:
        faults.append(
            TooLarge(
                Place(folder.name),
                expected=f"至多 {MAX_FILES} 个文件",
                expected_en=f"at most {MAX_FILES} files",
                found=str(len(paths)),
            )
        )
        return Loaded(folder.name, None, tuple(faults))
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if name.startswith(".") or "/." in name:
            continue
        if _kind(name) is not None:
            contents[name] = path.read_bytes()
        elif path.suffix == ".csv":
            data[name] = path.read_bytes()
        elif path.suffix not in _OTHER:
            faults.append(_unknown_file(name))
    return load_texts(folder.name, contents, data, faults)


def load_texts(
    name: str,
    contents: Mapping[str, bytes],
    data: Mapping[str, bytes],
    faults: list[PackageFault] | None = None,
) -> Loaded:
    """Read a package from the texts of its files by name."""
    found = list(faults or ())
    trees: dict[str, Node] = {}
    for file, content in contents.items():
        tree, wrong = read_yaml(file, content)
        found.extend(wrong)
        if tree is None and not wrong:
            tree = Node([] if file.partition(".")[0] in (*_LISTS, "codes") else {}, Place(file, 1, 1))
        if tree is not None:
            trees[file] = tree
    return _build(name, trees, data, found)


def package_from_snapshot(snapshot: Mapping[str, Plain]) -> Loaded:
    """Read the form that `snapshot_of` gave."""
    files = snapshot.get("files")
    data = snapshot.get("data")
    trees = (
        {name: from_plain(value, name) for name, value in files.items()} if isinstance(files, dict) else {}
    )
    tables = {name: str(text).encode() for name, text in data.items()} if isinstance(data, dict) else {}
    return _build(str(snapshot.get("system", "")), trees, tables, [])


def _build(
    name: str, trees: Mapping[str, Node], data: Mapping[str, bytes], faults: list[PackageFault]
) -> Loaded:
    sound: dict[str, Node] = {}
    for file, tree in trees.items():
        wrong = validate(_kind(file) or "system", tree)
        faults.extend(wrong)
        if not wrong:
            sound[file] = tree
    if "system.yaml" not in trees:
        faults.append(_no_file("system.yaml"))
    if any(not one.warning for one in faults):
        return Loaded(name, None, tuple(sorted(faults, key=_order)), trees, data)
    parts: dict[str, Any] = {}
    folders: dict[str, list[Any]] = {kind: [] for kind in _FOLDERS}
    for file, tree in sound.items():
        kind = _kind(file) or ""
        if kind in _SINGLE:
            parts[kind] = decode(_SINGLE[kind], tree)
        elif kind in _LISTS and isinstance(tree.value, list):
            parts[kind] = tuple(decode(_LISTS[kind], one) for one in tree.value)
        elif kind == "codes":
            parts["codes"], wrong = read_code_lists(tree, data)
            faults.extend(wrong)
        elif kind in _FOLDERS:
            folders[kind].append(decode(_FOLDERS[kind], tree))
    parts.update({kind: tuple(made) for kind, made in folders.items()})
    return Loaded(name, Package(**parts), tuple(sorted(faults, key=_order)), trees, data)


def _kind(name: str) -> str | None:
    stem, _, suffix = name.rpartition(".")
    if suffix not in ("yaml", "yml"):
        return None
    folder, slash, rest = stem.partition("/")
    if slash:
        return folder if folder in _FOLDERS and "/" not in rest else None
    return stem if stem in _FILES else None


def _order(fault: PackageFault) -> tuple[str, int, int]:
    return fault.place.file, fault.place.line, fault.place.column


def _known_files() -> list[str]:
    return [*(f"{one}.yaml" for one in _FILES), *(f"{one}/*.yaml" for one in _FOLDERS), "*.csv"]


def _unknown_file(name: str) -> FileUnknown:
    known = _known_files()
    return FileUnknown(
        Place(name), found=f"系统包中没有 {name} 这种文件", found_en=f"a package has no file like {name}",
        expected="、".join(known), expected_en=", ".join(known),
    )  # fmt: skip


def _no_file(name: str) -> FileUnknown:
    known = _known_files()
    return FileUnknown(
        Place(name), found=f"缺少文件 {name}", found_en=f"the file {name} is missing",
        expected="、".join(known), expected_en=", ".join(known),
    )  # fmt: skip
