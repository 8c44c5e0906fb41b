"""`python -m yiwang.bootstrap.cli` is `yw`."""

from yiwang.bootstrap.cli.main import main

main()
