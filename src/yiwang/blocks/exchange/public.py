"""The only door of exchange: asking for data, deciding, granting, mounting.

Every action takes the actor first, is one transaction, and raises a `YwError` that says what is wrong and where.
Every query takes the actor and shows only what they may see: an unknown number and a hidden one look the same.
"""

from __future__ import annotations

from yiwang.blocks.exchange.actions.announcing import announce, announce_change
from yiwang.blocks.exchange.actions.batches import LARGEST as LARGEST_BATCH
from yiwang.blocks.exchange.actions.batches import Outcome, Ruling, Verdict, decide_many
from yiwang.blocks.exchange.actions.bundles import BundleItem, hand_in_bundle, put_in_basket, take_from_basket
from yiwang.blocks.exchange.actions.edges import LetIn, change_edge, end_edge, open_edge
from yiwang.blocks.exchange.actions.forms import Approval, LookupForm, MountForm, RequestInput, SourceForm
from yiwang.blocks.exchange.actions.grants import resume_grant, revoke_grant, suspend_grant
from yiwang.blocks.exchange.actions.keeping import FormWindow, forget_form, keep_form
from yiwang.blocks.exchange.actions.mounts import change_mount, check_mount, mount_resource, unmount_resource
from yiwang.blocks.exchange.actions.notices import read_all_notices, read_notice
from yiwang.blocks.exchange.actions.phrases import drop_phrase, keep_phrase
from yiwang.blocks.exchange.actions.repeating import (
    MOST_AT_ONCE,
    Repeated,
    copy_request,
    renew_grant,
    renew_many,
    withdraw_drafts,
)
from yiwang.blocks.exchange.actions.requests import (
    accept_request,
    approve_request,
    create_request,
    edit_request,
    extend_request,
    refuse_request,
    reject_request,
    return_request,
    submit_request,
    withdraw_request,
)
from yiwang.blocks.exchange.actions.resealing import reseal_passwords, sealed_passwords
from yiwang.blocks.exchange.actions.resources import publish_resource, withdraw_resource
from yiwang.blocks.exchange.actions.sandboxes import open_sandbox
from yiwang.blocks.exchange.actions.scanning import run_scan, waiting_scans
from yiwang.blocks.exchange.actions.scans import (
    LARGEST_FILE,
    RATES,
    SUFFIXES,
    ScanOrder,
    cancel_scan,
    choose,
    draft_entries,
    forget_scan,
    scan_file,
    scan_source,
    skip_tables,
)
from yiwang.blocks.exchange.actions.serving_files import end_files, offer_files
from yiwang.blocks.exchange.actions.sources import (
    add_source,
    check_source,
    edit_source,
    remove_source,
    resume_source,
    suspend_source,
)
from yiwang.blocks.exchange.actions.surveying import accept_drift, follow_drift
from yiwang.blocks.exchange.domain.bundle_errors import BundleInvalid, PhraseTaken
from yiwang.blocks.exchange.domain.compiled import GrantedField, GrantedPredicate, RowCondition
from yiwang.blocks.exchange.domain.deadline import remaining
from yiwang.blocks.exchange.domain.edge import DIALECTS, EdgeForm, EdgeService, EdgeServiceForm
from yiwang.blocks.exchange.domain.errors import ExchangeError, FormInvalid, GrantUnknown, RequestChanged
from yiwang.blocks.exchange.domain.grant import STATES as GRANT_STATES
from yiwang.blocks.exchange.domain.integration_errors import SandboxUnknown
from yiwang.blocks.exchange.domain.keeping_errors import KeptElsewhere
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift
from yiwang.blocks.exchange.domain.phrasing import PLACEHOLDERS, filled
from yiwang.blocks.exchange.domain.phrasing import STEPS as PHRASE_STEPS
from yiwang.blocks.exchange.domain.request import STATES as REQUEST_STATES
from yiwang.blocks.exchange.domain.sealing import PURPOSE as SEALING
from yiwang.blocks.exchange.domain.terms import LONGEST_DAYS, Delivery, Mode, Purpose, Terms
from yiwang.blocks.exchange.queries import handing
from yiwang.blocks.exchange.queries.batches import ComparedRequest, compared_requests
from yiwang.blocks.exchange.queries.bundles import (
    BasketRow,
    BundleView,
    PhraseView,
    basket,
    basket_codes,
    bundle,
    bundles,
    phrases,
)
from yiwang.blocks.exchange.queries.catalogue import request_form, resource_entry, search_resources
from yiwang.blocks.exchange.queries.changing import GrantedNow, MountedNow, granted_now, mounted_now
from yiwang.blocks.exchange.queries.delivering import (
    DeliverySource,
    GrantStanding,
    delivery_source,
    grant_standing,
    place_of_source,
)
from yiwang.blocks.exchange.queries.edges import EdgeView, edge, edges, edges_of_grant
from yiwang.blocks.exchange.queries.grants import grant, granted_terms, grants
from yiwang.blocks.exchange.queries.home import home
from yiwang.blocks.exchange.queries.keeping import KeptView, begun_requests, kept_form
from yiwang.blocks.exchange.queries.looking import MountedTable, looked_at, looked_into, mounted_tables
from yiwang.blocks.exchange.queries.notices import notices, unread_count
from yiwang.blocks.exchange.queries.requests import (
    decision_queue,
    my_requests,
    renewals_under_way,
    request,
    review_queue,
)
from yiwang.blocks.exchange.queries.sandboxes import SandboxView, sandbox
from yiwang.blocks.exchange.queries.scans import (
    ProposedTable,
    ScanRow,
    ScanView,
    SurveyView,
    held_by_several,
    scan_draft,
    scan_page,
    scan_row,
    scan_table,
    scan_view,
    scans,
    survey,
    surveys,
)
from yiwang.blocks.exchange.queries.serving import holders
from yiwang.blocks.exchange.queries.sources import (
    last_changes,
    mount,
    mounts,
    propose_resource,
    source,
    source_relation,
    source_relations,
    sources,
)
from yiwang.blocks.exchange.queries.standing_on import entries_on
from yiwang.blocks.exchange.queries.views import (
    DueView,
    FieldOption,
    GrantRow,
    GrantView,
    HomeView,
    MountRow,
    MountView,
    NoticePage,
    NoticeView,
    RequestForm,
    RequestPage,
    RequestRow,
    RequestView,
    ResourceEntry,
    ResourceList,
    ServiceView,
    SourceRow,
    SourceView,
    StepView,
    TodoView,
)
from yiwang.blocks.exchange.queries.watching import Watched, last_notice, notices_after, watched
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.news import OFFICERS, REVIEWERS, tell
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.exchange.store.scan_queue import use_scan_queue
from yiwang.blocks.exchange.store.stepping import use_step_listener
from yiwang.blocks.exchange.tasks import TickReport, check_mounts, check_sources, tick
from yiwang.dataplane.connectors.facts import ColumnFacts, RelationFacts, RelationName

__all__ = [
    "DIALECTS",
    "GRANT_STATES",
    "LARGEST_BATCH",
    "LARGEST_FILE",
    "LONGEST_DAYS",
    "MOST_AT_ONCE",
    "OFFICERS",
    "PHRASE_STEPS",
    "PLACEHOLDERS",
    "RATES",
    "REQUEST_STATES",
    "REVIEWERS",
    "SEALING",
    "SUFFIXES",
    "SYSTEM",
    "Approval",
    "BasketRow",
    "BundleInvalid",
    "BundleItem",
    "BundleView",
    "ColumnFacts",
    "ColumnMap",
    "ComparedRequest",
    "Delivery",
    "DeliverySource",
    "Drift",
    "DueView",
    "EdgeForm",
    "EdgeService",
    "EdgeServiceForm",
    "EdgeView",
    "ExchangeError",
    "FieldOption",
    "FormInvalid",
    "FormWindow",
    "GrantRow",
    "GrantStanding",
    "GrantUnknown",
    "GrantView",
    "GrantedField",
    "GrantedNow",
    "GrantedPredicate",
    "HomeView",
    "KeptElsewhere",
    "KeptView",
    "LetIn",
    "LookupForm",
    "Mode",
    "MountForm",
    "MountRow",
    "MountView",
    "MountedNow",
    "MountedTable",
    "NoticePage",
    "NoticeView",
    "Outcome",
    "PhraseTaken",
    "PhraseView",
    "ProposedTable",
    "Purpose",
    "RelationFacts",
    "RelationName",
    "Repeated",
    "RequestChanged",
    "RequestForm",
    "RequestInput",
    "RequestPage",
    "RequestRow",
    "RequestView",
    "ResourceEntry",
    "ResourceList",
    "RowCondition",
    "Ruling",
    "SandboxUnknown",
    "SandboxView",
    "ScanOrder",
    "ScanRow",
    "ScanView",
    "ServiceView",
    "SourceForm",
    "SourceRow",
    "SourceView",
    "StepView",
    "SurveyView",
    "Terms",
    "TickReport",
    "TodoView",
    "Verdict",
    "Watched",
    "accept_drift",
    "accept_request",
    "add_source",
    "announce",
    "announce_change",
    "approve_request",
    "as_actor",
    "basket",
    "basket_codes",
    "begun_requests",
    "bundle",
    "bundles",
    "cancel_scan",
    "change_edge",
    "change_mount",
    "check_mount",
    "check_mounts",
    "check_source",
    "check_sources",
    "choose",
    "compared_requests",
    "copy_request",
    "create_request",
    "decide_many",
    "decision_queue",
    "delivery_source",
    "draft_entries",
    "drop_phrase",
    "edge",
    "edges",
    "edges_of_grant",
    "edit_request",
    "edit_source",
    "end_edge",
    "end_files",
    "entries_on",
    "extend_request",
    "filled",
    "follow_drift",
    "forget_form",
    "forget_scan",
    "grant",
    "grant_standing",
    "granted_now",
    "granted_terms",
    "grants",
    "hand_in_bundle",
    "handing",
    "held_by_several",
    "holders",
    "home",
    "keep_form",
    "keep_phrase",
    "kept_form",
    "last_changes",
    "last_notice",
    "looked_at",
    "looked_into",
    "mount",
    "mount_resource",
    "mounted_now",
    "mounted_tables",
    "mounts",
    "my_requests",
    "next_number",
    "notices",
    "notices_after",
    "offer_files",
    "open_edge",
    "open_sandbox",
    "phrases",
    "place_of_source",
    "propose_resource",
    "publish_resource",
    "put_in_basket",
    "read_all_notices",
    "read_notice",
    "refuse_request",
    "reject_request",
    "remaining",
    "remove_source",
    "renew_grant",
    "renew_many",
    "renewals_under_way",
    "request",
    "request_form",
    "reseal_passwords",
    "resource_entry",
    "resume_grant",
    "resume_source",
    "return_request",
    "review_queue",
    "revoke_grant",
    "run_scan",
    "sandbox",
    "scan_draft",
    "scan_file",
    "scan_page",
    "scan_row",
    "scan_source",
    "scan_table",
    "scan_view",
    "scans",
    "sealed_passwords",
    "search_resources",
    "skip_tables",
    "source",
    "source_relation",
    "source_relations",
    "sources",
    "submit_request",
    "survey",
    "surveys",
    "suspend_grant",
    "suspend_source",
    "take_from_basket",
    "tell",
    "tick",
    "unmount_resource",
    "unread_count",
    "use_scan_queue",
    "use_step_listener",
    "waiting_scans",
    "watched",
    "withdraw_drafts",
    "withdraw_request",
    "withdraw_resource",
    "zone",
]
