"""What exchange shows to pages: plain frozen values, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.catalogue.public import Facet, ItemDraft, ResourceSummary, ResourceView, VersionView
from yiwang.blocks.exchange.domain.compiled import Operator
from yiwang.blocks.exchange.domain.grant import GrantState
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift, MountState, SourceState
from yiwang.blocks.exchange.domain.request import RequestState
from yiwang.blocks.exchange.domain.terms import Mode, Purpose, Terms
from yiwang.vocabulary.working_days import Day


@dataclass(frozen=True)
class DueView:
    """A deadline. `remaining` counts working days, 0 on the day itself, negative when overdue.

    `certain` is False when a year of the calendar it crosses has no published holidays yet.
    """

    start: datetime
    at: datetime
    total: int
    remaining: int
    rule: str
    rule_source_zh: str
    rule_source_en: str
    certain: bool
    escalated: bool
    extended: bool

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.remaining < 0


@dataclass(frozen=True)
class ListedResource:
    """A resource in a search, with what the asker has to do with it."""

    resource: ResourceSummary
    modes: tuple[Mode, ...]
    """Ways it is served; empty when it is not mounted."""
    grant: str | None
    """The asker's agency's grant in force, if any."""
    request: str | None
    """The asker's agency's open request, if any."""


@dataclass(frozen=True)
class ResourceList:
    """One page of a search of the catalogue."""

    rows: tuple[ListedResource, ...]
    total: int
    page: int
    pages: int
    facets: Mapping[str, tuple[Facet, ...]]
    """By name: provider, theme, share_type, mode, update_cycle, grade; no value leads to nothing."""
    at_least: bool
    """There are more than `total`."""
    marks: tuple[str, ...]
    """Words to mark in titles."""
    widened: bool
    """The words as typed found nothing; this comes near."""
    did_you_mean: tuple[str, ...]
    sampled: frozenset[str] = frozenset()
    """Facets whose counts are lower bounds."""


@dataclass(frozen=True)
class ServiceView:
    """One service of a mounted resource, such as query or verify."""

    mode: Mode
    path: str
    """Of the gateway; empty for what is delivered by jobs."""
    state: MountState
    checked_at: datetime | None


@dataclass(frozen=True)
class UseView:
    """Who uses a resource, and for what."""

    grant: str
    consumer: str
    consumer_name: str
    purposes: tuple[Purpose, ...]
    modes: tuple[Mode, ...]
    state: GrantState
    not_after: datetime

    @property
    def called(self) -> bool:
        """Whether calls are made under it, and not only jobs or fetched files."""
        return "query" in self.modes or "verify" in self.modes


@dataclass(frozen=True)
class ResourceEntry:
    """Everything the page of a resource shows."""

    resource: ResourceView
    services: tuple[ServiceView, ...]
    versions: tuple[VersionView, ...]
    uses: tuple[UseView, ...]
    """Provider, bureau and auditors see all, others their own agency's alone; the latest 50."""
    use_count: int
    my_grants: tuple[UseView, ...]
    """Of one's own agency; those under which calls can be made come first."""
    my_requests: tuple[str, ...]
    can_request: bool
    why_not: str
    """A code when it cannot be requested: `not-mounted`, `not-shared`, `own-resource`, `role`; else empty."""
    can_edit: bool
    mount: str | None
    """Id of the mount in force, for the provider alone."""
    reply_by: datetime
    """If asked now, the latest answer."""
    reply_days: int


@dataclass(frozen=True)
class FieldOption:
    """An item as the request form offers it."""

    item: ItemDraft
    served: bool
    """Whether its value may be received: the mount has a column for it, which is not for checks alone."""
    mask: str | None
    """The mask it comes with unless the provider lifts it."""
    operators: tuple[Operator, ...]
    """How it may be used to look up; empty when it may not."""
    required_by_default: bool
    """Part of the key or names the subject: a look-up has to give at least one of these."""
    claim: bool
    """Whether `verify` may compare it."""


@dataclass(frozen=True)
class RequestForm:
    """What a request form needs. `terms` fill the form first: defaults, the draft, or the grant renewed."""

    resource: ResourceSummary
    options: tuple[FieldOption, ...]
    modes: tuple[Mode, ...]
    terms: Terms
    reason: str
    request: str | None
    renews: str | None
    longest_days: int
    reply_by: datetime
    reply_days: int
    note: str
    """What the reviewer or the provider wrote when returning it."""


@dataclass(frozen=True)
class RequestRow:
    """A request in a list."""

    id: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    consumer: str
    consumer_name: str
    applicant_name: str
    state: RequestState
    purposes: tuple[Purpose, ...]
    field_count: int
    modes: tuple[Mode, ...]
    submitted_at: datetime | None
    updated_at: datetime
    due: DueView | None
    grant: str | None
    renews: str | None
    bundle: str
    revision: int


@dataclass(frozen=True)
class StepView:
    """A step in the ledger of a request or a grant."""

    step: str
    state: str
    at: datetime
    person: str
    agency: str
    agency_name: str
    text: str
    basis: str


@dataclass(frozen=True)
class RequestView(RequestRow):
    """A request with everything in it. `allowed` are the commands the asker may give now."""

    terms: Terms
    options: tuple[FieldOption, ...]
    share_type: str
    reason: str
    answer: str
    answer_basis: str
    steps: tuple[StepView, ...]
    allowed: frozenset[str]
    """Of `edit`, `submit`, `withdraw`, `accept`, `return`, `reject`, `approve`, `refuse`, `extend`."""
    created_at: datetime
    decided_at: datetime | None
    days: tuple[Day, ...]
    """Every day of the running deadline, with why it counts or does not."""


@dataclass(frozen=True)
class RequestPage:
    """One page of a list of requests. Pages count from 1."""

    rows: tuple[RequestRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class GrantRow:
    """A grant in a list."""

    id: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    consumer: str
    consumer_name: str
    state: GrantState
    purposes: tuple[Purpose, ...]
    modes: tuple[Mode, ...]
    calls_per_day: int
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class GrantView(GrantRow):
    """A grant with everything in it. The five facts: fields, rows, purposes, time, quota."""

    version: int
    terms: Terms
    fields_total: int
    options: tuple[FieldOption, ...]
    """The resource's items as they stand, to name the fields."""
    request: str
    reason: str
    steps: tuple[StepView, ...]
    allowed: frozenset[str]
    """Of `revoke`, `suspend`, `resume`, `renew`."""
    service_state: MountState | None
    """How the mount is; None when there is none any more."""
    over: bool
    """Its time is over; gateways refuse from that moment, even before its state says so."""


@dataclass(frozen=True)
class SourceRow:
    """A source in a list. Never holds the password."""

    id: str
    name: str
    agency: str
    agency_name: str
    kind: str
    host: str
    port: int
    database: str
    user: str
    state: SourceState
    checked_at: datetime | None
    ok: bool | None
    """Result of the last check; None when never checked."""
    problem: str
    """Code of the last check's error, or empty."""
    warnings: tuple[str, ...]
    """Codes such as `writable-role`, `encoding-unusual`."""
    mount_count: int


@dataclass(frozen=True)
class SourceView(SourceRow):
    """A source with its settings."""

    connect_timeout_ms: int
    timeout_ms: int
    pool_size: int
    writable_accepted: bool
    encoding: str
    server_version: str
    problem_zh: str
    problem_en: str
    mend_zh: str
    mend_en: str
    mounts: tuple[MountRow, ...]


@dataclass(frozen=True)
class MountRow:
    """A mount in a list."""

    id: str
    resource: str
    resource_title: str
    agency: str
    source: str
    source_name: str
    schema: str
    relation: str
    modes: tuple[Mode, ...]
    state: MountState
    paging: bool
    """Whether rows can be paged: needs a declared unique key."""
    checked_at: datetime | None
    drift: tuple[Drift, ...]


@dataclass(frozen=True)
class MountView(MountRow):
    """A mount with everything in it."""

    columns: tuple[ColumnMap, ...]
    key: tuple[str, ...]
    key_declared: bool
    """The key is the officer's word, checked when mounted; the database declares none (a view)."""
    disclosure: str
    disclosure_basis: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class NoticeView:
    """News. `kind` chooses the text, `params` fill it; `link` is `request:…`, `grant:…`, `mount:…`, `resource:…` or empty."""

    id: int
    kind: str
    params: dict[str, str]
    link: str
    created_at: datetime
    read: bool


@dataclass(frozen=True)
class NoticePage:
    """One page of notices. Pages count from 1."""

    rows: tuple[NoticeView, ...]
    unread: int
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class TodoView:
    """Something that waits for the asker: `review`, `decide`, `correct` (returned), `draft`, `expiring`, `drift`."""

    kind: str
    id: str
    title: str
    other_name: str
    due: DueView | None
    at: datetime


@dataclass(frozen=True)
class HomeView:
    """Numbers and to-do of the sharing home page."""

    resources: int
    mounted: int
    mount_permille: int
    providers: tuple[Facet, ...]
    share_types: tuple[Facet, ...]
    to_review: int
    to_decide: int
    my_open_requests: int
    my_grants: int
    overdue: int
    unread: int
    todo: tuple[TodoView, ...]
