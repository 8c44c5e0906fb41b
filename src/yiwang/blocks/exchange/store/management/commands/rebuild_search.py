"""`yw manage --owner rebuild_search`: the search index anew, for example after the synonyms were changed."""

from __future__ import annotations

import time

from django.core.management.base import BaseCommand
from django.utils import timezone

from yiwang.blocks.catalogue.public import rebuild_search
from yiwang.blocks.exchange.store.models import Mount
from yiwang.blocks.exchange.store.rows import SYSTEM, modes_of
from yiwang.blocks.identity.public import acting


class Command(BaseCommand):
    """It lives here because how a resource is served is known to the exchange and not to the catalogue."""

    help = "Build the search index of the catalogue anew; searches go on meanwhile, publishing waits."

    def handle(self, *_args: object, **_options: object) -> None:
        """Run it."""
        with acting(SYSTEM):
            modes = {row.resource: modes_of(row) for row in Mount.objects.exclude(state="withdrawn")}
        started = time.monotonic()

        def tell(done: int, total: int) -> None:
            self.stdout.write(f"{done:,} / {total:,}  {time.monotonic() - started:.0f} s")

        done = rebuild_search(dict(modes), timezone.now(), tell)
        self.stdout.write(f"{done:,} entries indexed in {time.monotonic() - started:.1f} s")
