"""Start Django in a process of the node: `python -m yiwang.bootstrap.starting COMMAND …` is its command line."""

from __future__ import annotations

import gc
import os
import sys


def set_up_django() -> None:
    """`django.setup()`, during which no garbage is looked for.

    Nearly all that is made meanwhile stays as long as the process. To look at it again and again was a fifth of the start, and
    would go on for the life of the process; so it is set apart. ADR 334.
    """
    import django
    from django.apps import apps

    first = not apps.ready
    collects = gc.isenabled()
    gc.disable()
    try:
        django.setup()
        if first:
            gc.freeze()
    finally:
        if collects:
            gc.enable()


def main() -> None:
    """A management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.bootstrap.settings")
    set_up_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["django", *sys.argv[1:]])


if __name__ == "__main__":
    main()
