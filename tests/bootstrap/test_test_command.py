"""`yw test`: everything by default, of the tests only the chosen ones where somebody chooses."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from yiwang.bootstrap.cli import test as testing

DEBIANS = "/usr/lib/postgresql/15/bin"


class Called:
    """Takes every command instead of the machine; those with a word of `failing` in them fail."""

    def __init__(self, failing: str = "no such command") -> None:
        self.failing = failing
        self.words: list[list[str]] = []
        self.environments: list[dict[str, str]] = []

    def __call__(self, words: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        self.words.append(words)
        self.environments.append(how["env"])
        failed = self.failing in " ".join(words)
        return subprocess.CompletedProcess(words, int(failed), "what is wrong\n" if failed else "", "")

    @property
    def sessions(self) -> list[tuple[str, list[str]]]:
        """The runs of pytest: the server's programs, and what follows `-q`."""
        return [
            (told.get("YW_TEST_POSTGRES", ""), words[4:])
            for words, told in zip(self.words, self.environments, strict=True)
            if "pytest" in words
        ]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    made = Called()
    monkeypatch.setattr(subprocess, "run", made)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.delenv("YW_TEST_POSTGRES", raising=False)
    return made


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(testing.command, words)
    return done.exit_code, done.output


def test_all_checks_then_the_store_tests_on_postgresql_15_then_everything(called: Called) -> None:
    assert run()[0] == 0
    assert len(called.words) == 5 + 2
    assert called.words[0][0].endswith("mypy"), "the longest check comes first"
    (on_debians, store), (on_embedded, everything) = called.sessions
    assert (on_debians, store[-1]) == (DEBIANS, "tests/store")
    assert (on_embedded, everything[-1]) == ("", "tests")
    for words in (store, everything):
        assert "not long" in words
        assert "-n" in words


def left_out(words: list[str]) -> set[str]:
    return {word.partition("=")[2] for word in words if word.startswith("--ignore=")}


def test_what_cannot_depend_on_the_server_is_run_on_postgresql_15_alone(called: Called) -> None:
    run()
    (_, store), (_, everything) = called.sessions
    folders = {
        f"tests/store/{one.name}" for one in (testing.ROOT / "tests" / "store").iterdir() if one.is_dir()
    }
    both = {f"tests/store/{name}" for name in testing._EITHER}
    assert both < folders
    assert left_out(store) == set()
    plain = {
        f"tests/store/{folder}/test_{one}.py" for folder, names in testing._PLAIN.items() for one in names
    }
    assert set(testing._PLAIN) <= set(testing._EITHER)
    assert {one for one in plain if not (testing.ROOT / one).is_file()} == set(), "renamed or gone"
    assert left_out(everything) == {one for one in folders if "__" not in one} - both | plain


@pytest.mark.parametrize("words", [("--long",), ("--only-tests",), ("--only-tests", "tests/store")])
def test_where_it_was_not_run_before_or_is_asked_for_nothing_is_left_out(
    called: Called, words: tuple[str, ...]
) -> None:
    run(*words)
    assert left_out(called.sessions[-1][1]) == set()


@pytest.mark.parametrize(
    "chosen", [("tests/unit",), ("-x", "tests/unit/journal/test_rules.py::test_a"), ("-k", "journal")]
)
def test_a_choice_runs_the_chosen_tests_alone(
    called: Called, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: "tests" in path.parts)
    assert run("--only-tests", *chosen)[0] == 0
    ((server, words),) = called.sessions
    assert (server, words[-len(chosen) :]) == ("", list(chosen))
    assert "-n" not in words
    called.words.clear()
    called.environments.clear()
    run(*chosen)
    assert len(called.sessions) == 1, "checks come before it; no other test does"
    assert len(called.words) == 5 + 1


def test_an_option_of_pytest_is_no_choice(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: path.name == "postgres")
    assert run("--", "-x")[0] == 0
    assert [server for server, _ in called.sessions] == [DEBIANS, ""]


def test_what_fails_is_told_and_no_test_is_run(called: Called) -> None:
    called.failing = "ruff check"
    code, output = run()
    assert code == 1
    assert "style: FAILED" in output
    assert "types: ok" in output
    assert "what is wrong" in output
    assert called.sessions == []


def test_bytecode_that_is_unwanted_in_the_tree_is_kept_elsewhere_for_the_run(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    run()
    for told in called.environments:
        assert "PYTHONDONTWRITEBYTECODE" not in told
        assert not Path(told["PYTHONPYCACHEPREFIX"]).is_relative_to(testing.ROOT)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    called.environments.clear()
    run()
    assert all("PYTHONPYCACHEPREFIX" not in told for told in called.environments)
