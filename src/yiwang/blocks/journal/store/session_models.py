"""Tables of callers' sessions beyond their evidence: how each stands now, and which of them somebody stopped."""

from __future__ import annotations

from django.db import models


class SessionState(models.Model):
    """How a session stands, as its gateway process writes it about once a second while something changes.

    `open` calls wait for a countersignature, the oldest since `oldest`; `suspended` says by which limit nothing is
    served for that (`calls`, `time`; empty: it is not). `ended` and `reason` are filled in when it is over.
    """

    session = models.TextField(primary_key=True)
    calls = models.BigIntegerField()
    last_call = models.DateTimeField(null=True)
    open = models.IntegerField()
    oldest = models.DateTimeField(null=True)
    suspended = models.TextField()
    expires = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    reason = models.TextField()

    class Meta:
        db_table = "journal_session_state"

    def __str__(self) -> str:
        return f"state of session {self.session}"


class SessionStop(models.Model):
    """The word of a person that a session shall end; its gateway process takes it up within about a second."""

    session = models.TextField(primary_key=True)
    by = models.TextField()
    reason = models.TextField()
    time = models.DateTimeField()

    class Meta:
        db_table = "journal_session_stop"

    def __str__(self) -> str:
        return f"stop of session {self.session}"
