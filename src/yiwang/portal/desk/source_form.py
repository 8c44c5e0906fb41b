"""The form of an external database. What the database answers stands beside the field it is about."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.exchange import public as exchange
from yiwang.portal import formats
from yiwang.vocabulary.errors import YwError

PLACES = {
    "connector-host-not-allowed": "host",
    "connector-host-unknown": "host",
    "connector-unreachable": "host",
    "connector-slow": "host",
    "connector-not-postgresql": "port",
    "connector-login-refused": "password",
    "connector-database-missing": "database",
    "source-name-taken": "name",
    "source-role-writable": "accept_writable",
}
USUAL = {"port": 5432, "connect_timeout_ms": 3000, "timeout_ms": 3000, "pool_size": 4}


class SourceFields(forms.Form):
    """How a database is reached."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As your colleagues call it, such as “Register of enterprises”.")
    )  # fmt: skip
    host = forms.CharField(label=_("Host"), max_length=253, help_text=_("Host name or IP address."))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    database = forms.CharField(label=_("Database"), max_length=63)
    user = forms.CharField(label=_("User"), max_length=63, help_text=_("A user that can only read."))
    password = forms.CharField(
        label=_("Password of the user"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    accept_writable = forms.BooleanField(
        label=_("I know that this user can change data, and accept it"), required=False
    )
    connect_timeout_ms = forms.IntegerField(label=_("Wait for a connection"), min_value=100, max_value=60_000)
    timeout_ms = forms.IntegerField(label=_("Wait for an answer"), min_value=100, max_value=60_000)
    pool_size = forms.IntegerField(label=_("Connections at most"), min_value=1, max_value=64)

    def __init__(self, view: exchange.SourceView | None, data: object = None, *, kept: str = "") -> None:
        """`view`: the source that is changed; `kept`: the password typed a moment ago."""
        super().__init__(data=data, initial=_initial(view))  # type: ignore[arg-type]
        self.view = view
        self.kept = kept
        self.refused_password = False
        self.warned = bool(view and view.writable_accepted)
        """Whether the question about a role that can write is shown."""

    @property
    def typed(self) -> str:
        """What was typed now or a moment ago."""
        return str(self.data.get("password", "")) or self.kept

    @property
    def keeps_password(self) -> bool:
        """Whether the typed password goes along with the form when it is shown again."""
        return self.is_bound and bool(self.typed) and not self.refused_password

    def clean_password(self) -> str:
        """A new source needs one."""
        if not self.typed and self.view is None:
            raise forms.ValidationError(_("The password is needed."))
        return self.typed

    def wish(self) -> exchange.SourceForm:
        """The source as the exchange takes it; only of a valid form."""
        got = self.cleaned_data
        return exchange.SourceForm(
            name=str(got["name"]), host=str(got["host"]), database=str(got["database"]), user=str(got["user"]),
            password=str(got["password"]), port=int(got["port"]), connect_timeout_ms=int(got["connect_timeout_ms"]),
            timeout_ms=int(got["timeout_ms"]), pool_size=int(got["pool_size"]),
            accept_writable=bool(got["accept_writable"]),
        )  # fmt: skip

    def blame(self, error: YwError) -> None:
        """Put what went wrong beside its field; what belongs to none stands above the form."""
        language = formats.language()
        if isinstance(error, exchange.FormInvalid):
            for problem in error.problems:
                where = problem.where if problem.where in self.fields else None
                self.add_error(where, formats.pick(problem.zh, problem.en))
            return
        place = PLACES.get(error.code)
        self.refused_password = place == "password"
        self.warned = self.warned or place == "accept_writable"
        self.add_error(place, f"{error.text(language)} {error.mend(language)}")


def _initial(view: exchange.SourceView | None) -> dict[str, object]:
    if view is None:
        return dict(USUAL)
    return {
        "name": view.name, "host": view.host, "port": view.port, "database": view.database, "user": view.user,
        "accept_writable": view.writable_accepted, "connect_timeout_ms": view.connect_timeout_ms,
        "timeout_ms": view.timeout_ms, "pool_size": view.pool_size,
    }  # fmt: skip
