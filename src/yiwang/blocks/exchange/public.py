"""The only door of exchange: asking for data, deciding, granting, mounting.

Every action takes the actor first, is one transaction, and raises a `YwError` that says what is wrong and where.
Every query takes the actor and shows only what they may see: an unknown number and a hidden one look the same.
"""

from __future__ import annotations

from yiwang.blocks.exchange.actions.announcing import announce_change
from yiwang.blocks.exchange.actions.edges import LetIn, change_edge, end_edge, open_edge
from yiwang.blocks.exchange.actions.forms import Approval, LookupForm, MountForm, RequestInput, SourceForm
from yiwang.blocks.exchange.actions.grants import renew_grant, resume_grant, revoke_grant, suspend_grant
from yiwang.blocks.exchange.actions.mounts import change_mount, check_mount, mount_resource, unmount_resource
from yiwang.blocks.exchange.actions.notices import read_all_notices, read_notice, tell_people
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
from yiwang.blocks.exchange.actions.resources import publish_resource, withdraw_resource
from yiwang.blocks.exchange.actions.sandboxes import open_sandbox
from yiwang.blocks.exchange.actions.sources import (
    add_source,
    check_source,
    edit_source,
    remove_source,
    resume_source,
    suspend_source,
)
from yiwang.blocks.exchange.domain.compiled import GrantedField, GrantedPredicate, RowCondition
from yiwang.blocks.exchange.domain.edge import DIALECTS, EdgeForm, EdgeService, EdgeServiceForm
from yiwang.blocks.exchange.domain.errors import ExchangeError, FormInvalid, GrantUnknown, Problem
from yiwang.blocks.exchange.domain.grant import STATES as GRANT_STATES
from yiwang.blocks.exchange.domain.integration_errors import SandboxUnknown
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift
from yiwang.blocks.exchange.domain.request import STATES as REQUEST_STATES
from yiwang.blocks.exchange.domain.terms import LONGEST_DAYS, Mode, Purpose, Terms
from yiwang.blocks.exchange.queries.catalogue import request_form, resource_entry, search_resources
from yiwang.blocks.exchange.queries.edges import EdgeView, edge, edges, edges_of_grant
from yiwang.blocks.exchange.queries.grants import grant, grants
from yiwang.blocks.exchange.queries.home import home
from yiwang.blocks.exchange.queries.notices import notices, unread_count
from yiwang.blocks.exchange.queries.requests import decision_queue, my_requests, request, review_queue
from yiwang.blocks.exchange.queries.sandboxes import SandboxView, sandbox
from yiwang.blocks.exchange.queries.sources import (
    mount,
    mounts,
    propose_resource,
    source,
    source_relation,
    source_relations,
    sources,
)
from yiwang.blocks.exchange.queries.views import (
    DueView,
    FieldOption,
    GrantRow,
    GrantView,
    HomeView,
    ListedResource,
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
    UseView,
)
from yiwang.blocks.exchange.store.keys import use_key_provider
from yiwang.blocks.exchange.tasks import TickReport, check_mounts, tick
from yiwang.dataplane.connectors.facts import ColumnFacts, RelationFacts, RelationName

__all__ = [
    "DIALECTS",
    "GRANT_STATES",
    "LONGEST_DAYS",
    "REQUEST_STATES",
    "Approval",
    "ColumnFacts",
    "ColumnMap",
    "Drift",
    "DueView",
    "EdgeForm",
    "EdgeService",
    "EdgeServiceForm",
    "EdgeView",
    "ExchangeError",
    "FieldOption",
    "FormInvalid",
    "GrantRow",
    "GrantUnknown",
    "GrantView",
    "GrantedField",
    "GrantedPredicate",
    "HomeView",
    "LetIn",
    "ListedResource",
    "LookupForm",
    "Mode",
    "MountForm",
    "MountRow",
    "MountView",
    "NoticePage",
    "NoticeView",
    "Problem",
    "Purpose",
    "RelationFacts",
    "RelationName",
    "RequestForm",
    "RequestInput",
    "RequestPage",
    "RequestRow",
    "RequestView",
    "ResourceEntry",
    "ResourceList",
    "RowCondition",
    "SandboxUnknown",
    "SandboxView",
    "ServiceView",
    "SourceForm",
    "SourceRow",
    "SourceView",
    "StepView",
    "Terms",
    "TickReport",
    "TodoView",
    "UseView",
    "accept_request",
    "add_source",
    "announce_change",
    "approve_request",
    "change_edge",
    "change_mount",
    "check_mount",
    "check_mounts",
    "check_source",
    "create_request",
    "decision_queue",
    "edge",
    "edges",
    "edges_of_grant",
    "edit_request",
    "edit_source",
    "end_edge",
    "extend_request",
    "grant",
    "grants",
    "home",
    "mount",
    "mount_resource",
    "mounts",
    "my_requests",
    "notices",
    "open_edge",
    "open_sandbox",
    "propose_resource",
    "publish_resource",
    "read_all_notices",
    "read_notice",
    "refuse_request",
    "reject_request",
    "remove_source",
    "renew_grant",
    "request",
    "request_form",
    "resource_entry",
    "resume_grant",
    "resume_source",
    "return_request",
    "review_queue",
    "revoke_grant",
    "sandbox",
    "search_resources",
    "source",
    "source_relation",
    "source_relations",
    "sources",
    "submit_request",
    "suspend_grant",
    "suspend_source",
    "tell_people",
    "tick",
    "unmount_resource",
    "unread_count",
    "use_key_provider",
    "withdraw_request",
    "withdraw_resource",
]
