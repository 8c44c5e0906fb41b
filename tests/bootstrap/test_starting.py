"""Django's start: what it makes is set apart from what is looked through for garbage, and garbage is looked for afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_what_the_start_makes_is_set_apart_once_and_garbage_is_looked_for_again(tmp_path: Path) -> None:
    program = (
        "import gc, os\n"
        "os.environ |= {'DJANGO_SETTINGS_MODULE': 'yiwang.bootstrap.settings', 'YW_MODE': 'test', 'YW_DATA': '.'}\n"
        "from yiwang.bootstrap.starting import set_up_django\n"
        "set_up_django()\n"
        "first = gc.get_freeze_count()\n"
        "later = [[number] for number in range(5000)]\n"
        "set_up_django()\n"
        "print(first > 50_000, abs(gc.get_freeze_count() - first) < 1000, gc.isenabled())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "True", "True"], done.stderr


def test_it_is_a_command_line_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.starting", "no_such_command"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no_such_command" in done.stderr
