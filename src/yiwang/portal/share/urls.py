"""Addresses of the share. A resource code is `306001003/12`, so its slash is part of the path."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, register_converter

from yiwang.portal.files import beyond as beyond_files
from yiwang.portal.files import fetching, sending
from yiwang.portal.files import pages as file_pages
from yiwang.portal.share import (
    asking,
    basket,
    beyond,
    beyond_news,
    calling,
    catalogue,
    exports,
    grants,
    home,
    needs,
    notices,
    reference,
    repeating,
    requests,
    sandbox,
    stating,
)

app_name = "share"


class ResourceCode:
    """Classification and serial number, joined by a slash."""

    regex = "[0-9A-Za-z]+/[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class CalledCode(ResourceCode):
    """The same as calls name it: with the node of its owner, where that is another one."""

    regex = f"{ResourceCode.regex}(?:@[0-9A-Za-z-]+)?"


register_converter(ResourceCode, "resource")
register_converter(CalledCode, "called")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("resources/", catalogue.resources, name="resources"),
    path("resources/all/", catalogue.listing, name="listing"),
    path("resources/suggestions/", catalogue.suggestions, name="suggestions"),
    path("resources/<resource:code>/", catalogue.entry, name="resource"),
    path("resources/<resource:code>/request/", asking.new, name="request-new"),
    path("resources/<resource:code>/request/keep/", asking.keep_new, name="request-new-keep"),
    path("resources/<resource:code>/sandbox/", sandbox.page, name="sandbox"),
    path("resources/<resource:code>/sandbox/open/", sandbox.opened, name="sandbox-open"),
    path("resources/<resource:code>/sandbox/call/", sandbox.call, name="sandbox-call"),
    path("resources/<resource:code>/sandbox/openapi.json", sandbox.download, name="sandbox-openapi"),
    path("nodes/", beyond.listing, name="beyond"),
    path("nodes/needs/", beyond_news.needs, name="needs-below"),
    path("nodes/needs/<str:number>/", beyond_news.need, name="need-below"),
    path("nodes/returns/", beyond_news.returns, name="returns"),
    path("nodes/returns/new/", beyond_news.give_back, name="return-new"),
    path("nodes/returns/end/", beyond_news.end_return, name="return-end"),
    path("nodes/receipts/", beyond_news.receipts, name="receipts"),
    path("nodes/requests/", beyond.askings, name="askings"),
    path("nodes/requests/<str:number>/", beyond.asking, name="asking"),
    path("nodes/requests/<str:number>/call/", beyond.call, name="asking-call"),
    path("nodes/requests/<str:number>/files/", beyond_files.page, name="asking-files"),
    path("nodes/requests/<str:number>/files/<str:file>/", beyond_files.fetch, name="asking-file"),
    path("nodes/requests/<str:number>/withdraw/", beyond.withdraw, name="asking-withdraw"),
    path("nodes/requests/<str:number>/<str:step>/", beyond.change, name="asking-change"),
    path("nodes/<str:owner>/<resource:code>/", beyond.entry, name="beyond-entry"),
    path("nodes/<str:owner>/<resource:code>/dispute/", beyond.raise_dispute, name="dispute-new"),
    path("disputes/", beyond.disputes, name="disputes"),
    path("disputes/<str:number>/", beyond.dispute, name="dispute"),
    path("resources/<resource:code>/files/", file_pages.page, name="files"),
    path("resources/<resource:code>/files/settle/", file_pages.settle, name="files-settle"),
    path("resources/<resource:code>/files/close/", file_pages.close, name="files-close"),
    path("resources/<resource:code>/files/upload/", sending.whole, name="files-upload"),
    path("resources/<resource:code>/files/announce/", sending.announce, name="files-announce"),
    path("resources/<resource:code>/files/<str:file>/withdraw/", file_pages.withdraw, name="file-withdraw"),
    path("files/pieces/<str:file>/", sending.piece, name="file-piece"),
    path("grants/<str:grant_id>/files/<str:file>/", fetching.fetch, name="file"),
    path("basket/", basket.basket, name="basket"),
    path("basket/keep/", basket.keep, name="basket-keep"),
    path("basket/add/", basket.add, name="basket-add"),
    path("basket/remove/", basket.remove, name="basket-remove"),
    path("bundles/<str:bundle_id>/", basket.bundle, name="bundle"),
    path("requests/", requests.mine, name="requests"),
    path("requests/export.csv", exports.requests, name="requests-export"),
    path("requests/drafts/withdraw/", repeating.withdraw_drafts, name="drafts-withdraw"),
    path("requests/<str:request_id>/", requests.page, name="request"),
    path("requests/<str:request_id>/edit/", asking.edit, name="request-edit"),
    path("requests/<str:request_id>/edit/keep/", asking.keep_edit, name="request-edit-keep"),
    path("requests/<str:request_id>/submit/", requests.submit, name="request-submit"),
    path("requests/<str:request_id>/copy/", repeating.copy, name="request-copy"),
    path("requests/<str:request_id>/withdraw/", requests.withdraw, name="request-withdraw"),
    path("grants/", grants.mine, name="grants"),
    path("grants/export.csv", exports.grants, name="grants-export"),
    path("grants/renewals/", repeating.renewals, name="grants-renew"),
    path("grants/<str:grant_id>/", grants.page, name="grant"),
    path("grants/<str:grant_id>/reference/", reference.page, name="grant-reference"),
    path("grants/<str:grant_id>/openapi.json", reference.download, name="grant-openapi"),
    path("grants/<str:grant_id>/call/", calling.call, name="grant-call"),
    path("grants/<str:grant_id>/renew/", grants.renew, name="grant-renew"),
    path("grants/<str:grant_id>/<str:step>/", grants.change, name="grant-change"),
    path("needs/", needs.listing, name="needs"),
    path("needs/new/", stating.new, name="need-new"),
    path("needs/near/", stating.near, name="need-near"),
    path("needs/<str:need_id>/", needs.page, name="need"),
    path("needs/<str:need_id>/edit/", stating.edit, name="need-edit"),
    path("needs/<str:need_id>/answer/", needs.answer, name="need-answer"),
    path("needs/<str:need_id>/entry/", needs.start_entry, name="need-entry"),
    path("needs/<str:need_id>/rule/", needs.rule, name="need-rule"),
    path("needs/<str:need_id>/up/", beyond_news.pass_up, name="need-up"),
    path("needs/<str:need_id>/<str:step>/", needs.take, name="need-step"),
    path("notices/", notices.listing, name="notices"),
    path("notices/<int:notice_id>/", notices.follow, name="notice"),
]
