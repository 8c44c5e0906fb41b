"""What a mail says: titles and links, in the language of the person who gets it."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override

from yiwang.blocks.exchange.public import NoticeView
from yiwang.portal.share.wording import headline, link_of


def compose(notices: Sequence[NoticeView], language: str, token: str) -> tuple[str, str, str]:
    """Subject, body and the address to unsubscribe, of one notice or of many. Never what a person wrote."""
    stop = _address(reverse("alerts:unsubscribe", args=[token]))
    with override(language):
        if len(notices) == 1:
            subject = headline(notices[0])
        else:
            subject = ngettext("%(n)s notice", "%(n)s notices", len(notices)) % {"n": len(notices)}
        lines = [
            f"{headline(one)}\n{_address(link_of(one.link) or reverse('share:notices'))}" for one in notices
        ]
        foot = [
            gettext("You get this because you asked for it. How you are told: %(address)s")
            % {"address": _address(reverse("alerts:telling"))},
            gettext("No more mail: %(address)s") % {"address": stop},
        ]
        name = gettext("Yiwang")
    body = "\n\n".join([*lines, "\n".join(["-- ", *foot])]) + "\n"
    return f"[{name}] {' '.join(subject.split())}", body, stop


def _address(path: str) -> str:
    return f"{settings.YW_PUBLIC_URL.rstrip('/')}{path}"
