"""Words of file exchange in templates: `{% load files %}`."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.files.public import FileView

register = template.Library()
_FINDINGS: dict[str, str | Promise] = {
    "media": _("The content is not what the name says (%(what)s). Mend it and upload it again."),
    "digest": _("The digest is not the one announced. Upload it again."),
    "malware": _("The scanner found %(what)s. Clean the original and upload it again."),
    "damaged": _("It was damaged on the disk. Upload it again."),
}
_ENDS: dict[str, str | Promise] = {
    "expired": _("The upload stood still for three days and was given up."),
    "withdrawn": _("The provider took it back."),
    "kept-long-enough": _("Its days were over; the content is destroyed, the receipts stay."),
    "refused": _("It had not passed its check; the content is destroyed."),
    "joined": _("It became part of another file."),
}


@register.filter
def finding_words(file: FileView) -> str:
    """Why a file did not pass, and what to do."""
    words = _FINDINGS.get(file.finding)
    return str(words) % {"what": file.finding_text} if words is not None else gettext("Not passed")


@register.filter
def end_words(file: FileView) -> str:
    """Why a file is no longer kept."""
    return str(_ENDS.get(file.ended, ""))
