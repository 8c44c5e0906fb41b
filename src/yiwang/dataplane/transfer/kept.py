"""A source that is known by its contract alone: rows that were received already are replayed without asking for more."""

from __future__ import annotations

from typing import NoReturn

from yiwang.dataplane.transfer.beyond import NodeSource
from yiwang.dataplane.transfer.beyond_wire import Act
from yiwang.dataplane.transfer.checkpoint import Checkpoints
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.errors import TransferJobUnknown
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.shape import Shape


class KeptSource(NodeSource):
    """The table of another node as the last run found it. It gives no row."""

    def __init__(self, table: str, shape: Shape) -> None:
        super().__init__(f"node:{table}", _nothing, "0" * 32, "full")
        self._shape = shape

    @classmethod
    def of(cls, target: Database, order: Order) -> KeptSource:
        """By the checkpoint that stands in the target. Raises: TransferJobUnknown, ConnectorError."""
        state = Checkpoints(target, order.target_table, order.job).load()
        if state is None:
            raise TransferJobUnknown(job=order.job)
        return cls(order.table, Shape(state.shape.columns, (state.key,), state.shape.rows))


def _nothing(act: Act) -> NoReturn:
    raise RuntimeError(f"nothing is asked of the owner for a replay: {type(act).__name__}")
