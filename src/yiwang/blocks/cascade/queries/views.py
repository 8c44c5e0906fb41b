"""What pages and commands show of the cascade: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yiwang.blocks.cascade.domain.asking import AGAIN, UNDER_WAY
from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.vocabulary.delivering import Frequency, GrantedWay
from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class PeerView:
    """A peer.

    Attributes:
        kid: the fingerprint that is pinned.
        error: what went wrong when it was asked last.
        problem: words as they came: why it left, or an error of a node of an earlier release.
        waiting: what it has not taken yet.
    """

    name: str
    title: str
    level: str
    relation: str
    state: str
    url: str
    gateway: str
    kid: str
    joined_at: datetime
    seen_at: datetime | None
    error: YwError | None
    problem: str
    problem_at: datetime | None
    got: int
    waiting: int
    heads: int
    held_until: datetime | None


@dataclass(frozen=True)
class HereView:
    """This node."""

    name: str
    title: str
    level: str
    zone: str
    kid: str


@dataclass(frozen=True)
class NodeView:
    """A node that is reached through a peer."""

    name: str
    title: str
    level: str
    via: str


@dataclass(frozen=True)
class EntryRow:
    """An entry of another node in a list. `grant` and `asking`: what the reader's agency already has."""

    node: str
    node_title: str
    code: str
    body: EntryBody
    provider_en: str
    grant: str
    asking: str
    updated_at: datetime

    @property
    def address(self) -> str:
        """How the node's own gateway is asked for it."""
        return f"{self.code}@{self.node}"


@dataclass(frozen=True)
class EntryPage:
    """Entries found; pages count from 1."""

    rows: tuple[EntryRow, ...]
    total: int
    page: int
    pages: int
    nodes: tuple[NodeView, ...]


@dataclass(frozen=True)
class AskingView:
    """A request to another node, or from one.

    Attributes:
        answer: what a person wrote.
        refusal: what the owner's node itself said against the last step.
    """

    id: str
    owner: str
    owner_title: str
    origin: str
    resource: str
    title: str
    title_en: str
    provider_name: str
    consumer: str
    consumer_name: str
    applicant_name: str
    reason: str
    wish: dict[str, object]
    modes: tuple[str, ...]
    fields: tuple[str, ...]
    purpose_codes: tuple[str, ...]
    purposes: tuple[str, ...]
    """Their titles, in the order of the codes."""
    state: str
    number: str
    answer: str
    refusal: YwError | None
    basis: str
    due: str
    grant: str
    grant_state: str
    held_until: datetime | None
    created_at: datetime
    updated_at: datetime
    mine: bool
    """Asked here by the reader's agency."""

    @property
    def steps(self) -> frozenset[str]:
        """What its data officer may do: `edit`, `withdraw`, `again`."""
        found = set()
        if self.mine and self.state == "returned":
            found.add("edit")
        if self.mine and self.state in UNDER_WAY:
            found.add("withdraw")
        if self.mine and self.state in AGAIN:
            found.add("again")
        return frozenset(found)

    @property
    def address(self) -> str:
        """How the node's own gateway is asked for it."""
        return f"{self.resource}@{self.owner}"


@dataclass(frozen=True)
class HoldingView:
    """A grant of another node as its holder uses it. `titles` names items that the owner's entry describes.

    Attributes:
        asking: number of the request that it came of.
        masks: by field, the mask that the owner lays on before a value leaves.
        ways: in which a whole table is delivered, `frequency` at most.
        hours: minutes of the day between which it may be used.
    """

    owner: str
    number: str
    version: int
    asking: str
    consumer: str
    provider: str
    provider_name: str
    resource: str
    title: str
    state: str
    modes: tuple[str, ...]
    fields: tuple[str, ...]
    lookups: tuple[str, ...]
    required: tuple[str, ...]
    purposes: tuple[str, ...]
    case_required: bool
    rows_per_call: int
    calls_per_day: int
    not_before: datetime
    not_after: datetime
    hours: tuple[int, int] | None
    workdays_only: bool
    masks: dict[str, str]
    ways: tuple[GrantedWay, ...]
    frequency: Frequency | None
    titles: dict[str, tuple[str, str]]

    @property
    def address(self) -> str:
        """How the node's own gateway is asked for it."""
        return f"{self.resource}@{self.owner}"


@dataclass(frozen=True)
class AlarmView:
    """Evidence that does not hold together."""

    node: str
    log: str
    kind: str
    start: int | None
    stop: int | None
    index: int | None
    zh: str
    en: str
    found_by: str
    raised_at: datetime


@dataclass(frozen=True)
class DisputeView:
    """A dispute as its parties see it. `mine`: the reader's agency raised it; `answerable`: it is theirs to answer.

    `answer` is what a person wrote, `refusal` what the owner's node said.
    """

    id: str
    origin: str
    owner: str
    resource: str
    title: str
    title_en: str
    provider: str
    consumer: str
    consumer_name: str
    key: tuple[tuple[str, str], ...]
    field: str
    given: str
    proposed: str
    reason: str
    state: str
    answer: str
    refusal: YwError | None
    value: str
    raised_by: str
    answered_by: str
    due_at: datetime | None
    due_days: int
    left: int | None
    escalated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    mine: bool
    answerable: bool


@dataclass(frozen=True)
class CorrectionView:
    """A row that was put right, as a recipient is told."""

    dispute: str
    owner: str
    resource: str
    title: str
    title_en: str
    key: tuple[tuple[str, str], ...]
    field: str
    value: str
    text: str
    at: datetime


@dataclass(frozen=True)
class FigureView:
    """A figure of another node."""

    node: str
    name: str
    day: str
    value: int


@dataclass(frozen=True)
class NodeFigures:
    """What a node exchanged in the last days. `entries`: published on the last day told, None where none was."""

    node: str
    title: str
    level: str
    entries: int | None
    calls: int
    refused: int
    rows: int
    by_day: tuple[tuple[date, int], ...]
    here: bool


@dataclass(frozen=True)
class ReceiptView:
    """What was received in a day; at the owner also what was delivered by its own journal."""

    owner: str
    owner_title: str
    node: str
    node_title: str
    grant: str
    resource: str
    provider: str
    consumer: str
    day: date
    mode: str
    times: int
    rows: int
    delivered_times: int | None
    delivered_rows: int | None
    ours: bool
    """This node is the owner."""

    @property
    def differs(self) -> bool:
        """Whether the two sides disagree."""
        told = (self.delivered_times, self.delivered_rows)
        return None not in told and told != (self.times, self.rows)


@dataclass(frozen=True)
class NeedAbove:
    """A need that was passed up. `answerable`: the reader may answer it."""

    id: str
    origin: str
    origin_title: str
    need: str
    title: str
    agency: str
    agency_name: str
    text: str
    items: tuple[str, ...]
    state: str
    answer: str
    resource: str
    answered_at_node: str
    answered_at_title: str
    answered_by: str
    created_at: datetime
    updated_at: datetime
    answerable: bool


@dataclass(frozen=True)
class ReturnView:
    """Data given back. `ours`: this node gives; `ends`: the reader may end it."""

    owner: str
    owner_title: str
    resource: str
    title: str
    title_en: str
    provider: str
    provider_name: str
    node: str
    node_title: str
    field: str
    division: str
    state: str
    offered_by: str
    at: datetime
    ours: bool
    ends: bool
