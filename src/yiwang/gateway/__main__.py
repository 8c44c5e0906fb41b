"""`python -m yiwang.gateway`: one gateway process, told what to do by its environment."""

from __future__ import annotations

import sys

import asyncpg
import uvloop

from yiwang.gateway.assembly import Gateway
from yiwang.gateway.config import Config
from yiwang.gateway.serving import serve
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.logs import log_to_stderr


async def _run() -> None:
    await serve(Gateway(Config.from_environment()))


def main() -> int:
    """Serve until told to stop. Exit code 1 with one line on stderr when the gateway cannot start."""
    log_to_stderr()
    try:
        uvloop.run(_run())
    except YwError as problem:
        sys.stderr.write(f"{problem.code}: {problem.text('zh')} {problem.text('en')}\n{problem.mend('zh')}\n")
        return 1
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        sys.stderr.write(f"database: {type(problem).__name__}: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
