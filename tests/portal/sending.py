"""What a browser sends when a button of a form is pressed: every control of the page, as it stands there."""

from __future__ import annotations

from html.parser import HTMLParser


class Controls(HTMLParser):
    """Names and values of the controls of the one form that has a control of a name."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker, self.form, self.values = marker, dict[str, list[str]](), dict[str, list[str]]()
        self._select, self._area = "", ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        name = held.get("name", "")
        match tag:
            case "form":
                self.form = {}
            case "input" if name and held.get("type") not in ("submit", "button", "file"):
                ticked = held.get("type") in ("checkbox", "radio")
                if not ticked or "checked" in held:
                    self.form.setdefault(name, []).append(held.get("value", "on" if ticked else ""))
            case "select":
                self._select, self._options = name, []
            case "option":
                self._options.append((held.get("value", ""), "selected" in held))
            case "textarea":
                self._area = name
                self.form[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.form[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "textarea":
                self.form[self._area][0] = self.form[self._area][0].removeprefix("\n")
                self._area = ""
            case "select" if self._select and self._options:
                chosen = [value for value, picked in self._options if picked]
                self.form[self._select] = chosen[-1:] or [self._options[0][0]]
                self._select = ""
            case "form" if self.marker in self.form:
                self.values = self.form


def as_sent(page: bytes, marker: str, /, **typed: str | list[str]) -> dict[str, list[str]]:
    """The form that holds a control called `marker`, with what a person typed and ticked in it.

    A control that is not in the page cannot be typed into: KeyError, as a person would not find it.
    """
    found = Controls(marker)
    found.feed(page.decode())
    for name, value in typed.items():
        if f'name="{name}"' not in page.decode():
            raise KeyError(name)
        found.values[name] = [value] if isinstance(value, str) else value
    return found.values
