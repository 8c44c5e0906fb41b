"""Tables of the identity block: accounts, roles, sign-ins, second factors, client applications and their keys."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from yiwang.blocks.identity.domain.deputies import LONGEST


class UserManager(BaseUserManager["User"]):
    """Finds accounts by username; accounts are made by actions, never by the manager."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of a username, whatever its letter case."""
        return self.get(username=(username or "").lower())


class User(AbstractBaseUser):
    """An account of a person. It carries no permissions: what it may do are its role grants."""

    username = models.CharField(max_length=40, unique=True)
    person = models.OneToOneField("organisation.Person", on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "identity_user"

    def __str__(self) -> str:
        return f"account {self.pk}"


class RoleGrant(models.Model):
    """A role of an account in an agency, from one moment until another (not included)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30)
    agency = models.ForeignKey("organisation.Agency", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "identity_role_grant"
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agency", "role"], name="identity_role_grant_agency")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="identity_role_grant_period"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                name="identity_role_grant_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of account {self.user_id}"


class Deputy(models.Model):
    """Who stands in for whom while a person is on leave, with which roles, from one moment until another (not included)."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="principals")
    agency = models.ForeignKey("organisation.Agency", on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField(default=list)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=12, default="named")
    named_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, default="")
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity_deputy"
        ordering: ClassVar[list[str]] = ["-since", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["named", "approved", "refused", "ended"]), name="identity_deputy_words"
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) & Q(until__lte=F("since") + LONGEST),
                name="identity_deputy_period",
            ),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="identity_deputy_another"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | (~Q(answered_by=F("person")) & ~Q(answered_by=F("deputy"))),
                name="identity_deputy_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"deputy {self.deputy_id} of account {self.person_id}"


class SignIn(models.Model):
    """One signed-in browser. The cookie's server-side state points here; ending the row ends the browser's access."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    second_factor = models.BooleanField(default=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        db_table = "identity_sign_in"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user"], condition=Q(ended_at__isnull=True), name="identity_sign_in_open")
        ]

    def __str__(self) -> str:
        return f"sign-in {self.pk}"


class Authenticator(models.Model):
    """A TOTP second factor (RFC 6238). The secret is sealed; `last_step` makes every code count once."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    secret = models.BinaryField()
    confirmed = models.BooleanField(default=False)
    last_step = models.BigIntegerField(default=-1)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "identity_authenticator"

    def __str__(self) -> str:
        return f"authenticator of account {self.user_id}"


class RecoveryCode(models.Model):
    """A spare code for the day the phone is lost; only its digest is kept, and it counts once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity_recovery_code"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="identity_recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class AccountEvent(models.Model):
    """What was done to accounts, roles and clients, by whom: the audit administrator's log. Rows are only added."""

    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    by_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    of_user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(
        "organisation.Agency", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    client = models.CharField(max_length=60, blank=True, default="")
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "identity_account_event"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"


class ClientApplication(models.Model):
    """A program of an agency that calls the gateway; `console` is the node's own test console for that agency,
    `jobs` signs what its table jobs read at other nodes, `edge` is an old client for which the node's edge signs."""

    id = models.SlugField(max_length=60, primary_key=True)
    agency = models.ForeignKey("organisation.Agency", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, default="application")
    state = models.CharField(max_length=12, default="active")
    reason = models.CharField(max_length=300, blank=True, default="")
    suspended_by_role = models.CharField(max_length=30, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "identity_client_application"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(kind="console"), name="identity_client_one_console"
            ),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(kind="jobs"), name="identity_client_one_jobs"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["application", "console", "edge", "jobs"])
                & Q(state__in=["active", "suspended"]),
                name="identity_client_words",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class ClientKey(models.Model):
    """A public key of a client application; the primary key is the kid."""

    kid = models.CharField(max_length=32, primary_key=True)
    client = models.ForeignKey(ClientApplication, on_delete=models.PROTECT, related_name="keys")
    suite = models.CharField(max_length=20)
    spki = models.BinaryField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, default="active")
    origin = models.CharField(max_length=12, default="uploaded")
    sealed_private = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "identity_client_key"
        ordering: ClassVar[list[str]] = ["-not_before", "kid"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "revoked"]), name="identity_client_key_words"
            )
        ]

    def __str__(self) -> str:
        return self.kid


class KeyHandover(models.Model):
    """A one-time link to a generated private key. The sealed key is destroyed by the download or when time is up."""

    key = models.OneToOneField(ClientKey, on_delete=models.PROTECT, related_name="handover")
    token_digest = models.CharField(max_length=64, unique=True)
    sealed_private = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity_key_handover"

    def __str__(self) -> str:
        return f"hand-over of {self.key_id}"


class CompiledClient(models.Model):
    """What the gateways load of a client application; the epoch orders changes over the whole node."""

    id = models.TextField(primary_key=True)
    epoch = models.BigIntegerField(db_index=True)
    state = models.TextField()
    doc = models.TextField()

    class Meta:
        db_table = "identity_compiled_client"

    def __str__(self) -> str:
        return f"{self.id} at {self.epoch}"
