"""Brings what the pages take from npm into `static/vendor`, and compiles the translations.

`./yw` calls `build(root)` after `npm ci`; nothing of the result is committed. The same inputs give the same files,
and a build whose inputs did not change is skipped.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path

from yiwang.portal import translations
from yiwang.portal.icons import ICONS

VENDOR = Path(__file__).parent / "static" / "vendor"

SCRIPTS = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.simple.min.js": "echarts.min.js",
}
"""Scripts copied as they are, with the name the pages know. Of ECharts the part that draws lines and bars."""

FONTS = (
    ("@fontsource-variable/inter", "wght.css"),
    ("@fontsource-variable/noto-sans-sc", "wght.css"),
    ("@fontsource/noto-serif-sc", "700.css"),
    ("@fontsource/jetbrains-mono", "latin-400.css"),
    ("@fontsource/jetbrains-mono", "latin-600.css"),
    ("@fontsource/source-serif-4", "latin-700.css"),
)
"""Style sheets of @fontsource, and with them the font files that they name."""

_FILE = re.compile(r"url\(\./files/([^)]+?\.woff2)\)")
_OLD_FORMAT = re.compile(r",\s*url\([^)]+\.woff\) format\('woff'\)")


class AssetsMissing(Exception):
    """A package that the pages need is not in node_modules. Run `npm ci`, then build again."""


def build(root: Path, *, force: bool = False) -> bool:
    """Make `static/vendor` and the compiled translations; `root` is the folder that holds node_modules.

    Returns whether anything had to be done.

    Raises:
        AssetsMissing: a package is not installed.
    """
    translations.compile_all()
    wanted = _fingerprint(root)
    stamp = VENDOR / "stamp"
    if not force and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return False
    modules = root / "node_modules"
    if not modules.is_dir():
        raise AssetsMissing(f"{modules} does not exist: run `npm ci` first")
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "files").mkdir(parents=True)
    for source, name in SCRIPTS.items():
        shutil.copyfile(_need(modules / source), fresh / name)
    sheets = [_font_sheet(modules / package, sheet, fresh / "files") for package, sheet in FONTS]
    (fresh / "fonts.css").write_text("\n".join([*sheets, han_punctuation(sheets)]), encoding="utf-8")
    (fresh / "tabler-base.css").write_text(
        base_rules(_need(modules / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    (fresh / "icons.svg").write_text(_sprite(modules / "@tabler/icons/icons/outline"), encoding="utf-8")
    _licences(modules, fresh / "LICENCES.txt")
    (fresh / "stamp").write_text(wanted, encoding="ascii")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return True


def base_rules(sheet: str) -> str:
    """The part of Tabler that stands under our own look: variables and element rules, no rule about a class.

    Tabler is 600 kB, nearly all of it components that Yiwang draws differently; what is left is about a twentieth.
    The result is put into a cascade layer, so that every rule of ours wins whatever its specificity.
    """
    kept = []
    for prelude, body in _rules(sheet):
        if prelude.startswith("@"):
            continue
        selectors = [s for s in prelude.split(",") if "." not in s and "[" not in s and "data-bs" not in s]
        if selectors:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "@layer tabler{\n" + "\n".join(kept) + "\n}\n"


def _rules(sheet: str) -> list[tuple[str, str]]:
    """Top-level rules as (prelude, body); comments removed. Enough for a minified sheet without strings of braces."""
    text = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    rules: list[tuple[str, str]] = []
    start = depth = open_at = 0
    for i, character in enumerate(text):
        if character == "{":
            if depth == 0:
                open_at = i
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                rules.append((text[start:open_at].strip(), text[open_at + 1 : i].strip()))
                start = i + 1
        elif character == ";" and depth == 0:
            start = i + 1
    return rules


def _font_sheet(package: Path, sheet: str, files: Path) -> str:
    text = _OLD_FORMAT.sub("", _need(package / sheet).read_text(encoding="utf-8"))
    for name in _FILE.findall(text):
        shutil.copyfile(_need(package / "files" / name), files / name)
    return text.replace("woff2-variations", "woff2")


def han_punctuation(sheets: list[str]) -> str:
    """A family of only the quotes, dash and ellipsis of the Chinese font.

    Under Chinese it stands before Inter, which has the same characters in their Latin width and place.
    """
    wanted = {"U+201c-201d,": "U+201C-201D", "U+2026,": "U+2026", "U+2000-206F,": "U+2014,U+2018-2019"}
    faces = [
        f"@font-face{{font-family:'Han Punctuation';font-display:swap;font-weight:100 900;"
        f"src:url({file}) format('woff2');unicode-range:{characters}}}"
        for sheet in sheets
        for block in re.findall(r"@font-face \{(.*?)\}", sheet, flags=re.S)
        if "Noto Sans SC" in block
        for mark, characters in wanted.items()
        if mark in block
        for file in re.findall(r"url\(([^)]+)\)", block)
    ]
    return "\n".join(faces) + "\n"


def _sprite(folder: Path) -> str:
    symbols = []
    for name in ICONS:
        text = _need(folder / f"{name}.svg").read_text(encoding="utf-8")
        inner = text[text.index(">") + 1 : text.rindex("</svg>")]
        inner = re.sub(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "", inner).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _licences(modules: Path, target: Path) -> None:
    parts = []
    for name in sorted({p for p, _ in FONTS} | {"@tabler/core", "@tabler/icons", "htmx.org", "echarts"}):
        found = next((f for f in (modules / name).glob("LICENSE*")), None)
        text = (
            found.read_text(encoding="utf-8", errors="replace")
            if found
            else "see package.json of the package"
        )
        parts.append(f"==== {name}\n{text.strip()}\n")
    target.write_text("\n".join(parts), encoding="utf-8")


def _need(file: Path) -> Path:
    if not file.exists():
        raise AssetsMissing(f"{file} does not exist: run `npm ci` again")
    return file


def _fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    for file in (root / "package-lock.json", Path(__file__), Path(__file__).with_name("icons.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":  # pragma: no cover
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "."), force="--force" in sys.argv)
