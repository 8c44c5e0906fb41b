"""Code panels: lines of text with a few marked words. No parser: enough for samples and answers that we write."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString

_WORDS = {
    "python": r"\b(?:from|import|with|as|print|for|in|if|return|True|False|None)\b",
    "shell": r"(?<![\w-])(?:curl|openssl|printf|base64|sed|tr|od)(?![\w-])|^\S*yw\b",
    "json": r"\b(?:true|false|null)\b",
    "java": r"\b(?:import|public|class|static|final|void|new|try|catch|throws|return)\b",
    "csharp": r"\b(?:using|const|var|new|bool|byte|string|await|is)\b",
}
_COMMENT = {"python": r"#[^\n]*", "shell": r"(?:^|(?<=\s))#[^\n]*", "json": r"(?!x)x"} | dict.fromkeys(
    ("java", "csharp"), r"//[^\n]*"
)
_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"


def lines(text: str, language: str) -> list[SafeString]:
    """Each line as HTML: `k` key word, `s` string, `c` comment, `n` number; keys of JSON count as key words."""
    pattern = re.compile(
        rf"(?P<c>{_COMMENT[language]})|(?P<s>{_STRING})|(?P<k>{_WORDS[language]})|(?P<n>(?<![\w.])-?\d+(?:\.\d+)?\b)",
        re.MULTILINE,
    )
    marked: list[SafeString] = []
    for line in text.rstrip("\n").split("\n"):
        parts: list[str] = []
        at = 0
        for found in pattern.finditer(line):
            kind = found.lastgroup or "s"
            if language == "json" and kind == "s" and line[found.end() :].lstrip().startswith(":"):
                kind = "k"
            parts.append(escape(line[at : found.start()]))
            parts.append(f'<span class="{kind}">{escape(found.group())}</span>')
            at = found.end()
        parts.append(escape(line[at:]))
        marked.append(SafeString("".join(parts)))  # every part above is escaped
    return marked
