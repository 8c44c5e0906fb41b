"""Quality's rules as table jobs of the server use them: read from a file, or those by which a resource is watched."""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.quality.public import entries_of
from yiwang.bootstrap.quality_rules import rules_in
from yiwang.bootstrap.rules_on_the_way import compiled_for
from yiwang.dataplane.transfer.planning import RulesOf


class QualityRules:
    """What delivery asks of quality."""

    def read(self, text: str) -> list[object]:
        """Rules of a file or of an Open Data Contract. Raises: QualityRulesUnreadable."""
        return list(rules_in("rules.yaml", text.encode()).entries)

    def compiled(self, entries: Sequence[object], *, strict: bool) -> RulesOf:
        """See `compiled_for`."""
        return compiled_for(entries, strict=strict)

    def of_resource(self, resource: str) -> list[object]:
        """The rules by which it is watched; none where nobody watches it."""
        return list(entries_of(resource))
