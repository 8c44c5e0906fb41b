"""Forms of the account pages. The rules are the blocks'; a form only collects, and shows what a block refused."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yiwang.blocks.identity import public as identity
from yiwang.portal import formats
from yiwang.vocabulary.errors import YwError


def refuse(form: forms.Form, error: YwError, field: str | None = None) -> None:
    """Show a block's refusal beside a field (or above the form): what is wrong and what to do."""
    language = formats.language()
    space = "" if language == "zh" else " "
    form.add_error(field, f"{error.text(language)}{space}{error.mend(language)}")


class LoginForm(forms.Form):
    """Username and password."""

    username = forms.CharField(
        label=_("Username"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_(
            "The six digits your authenticator shows now. Without your phone: one of your recovery codes."
        ),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )


class EnrolForm(forms.Form):
    """The first code of a new authenticator."""

    code = forms.CharField(
        label=_("Code shown by the app"),
        max_length=10,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


class PasswordForm(forms.Form):
    """The present password and the new one, twice."""

    present = forms.CharField(
        label=_("Present password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        help_text=_("12 characters or more. A sentence is easy to remember. Do not use one from elsewhere."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Both must agree."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("The two entries differ."))
        return again


class PersonForm(forms.Form):
    """A new account for a person of an agency."""

    agency = forms.ChoiceField(label=_("Agency"))
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    username = forms.CharField(
        label=_("Username"),
        help_text=_("3–40 lower-case letters, digits, dots or hyphens, for example wang.min"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    staff_number = forms.CharField(
        label=_("Staff number"),
        help_text=_("Tells people of the same name apart."),
        max_length=40,
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, agencies: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = agencies


class RoleForm(forms.Form):
    """A role for a person."""

    role = forms.ChoiceField(label=_("Role"))
    until = forms.DateField(
        label=_("Until and including"),
        help_text=_("Leave empty for a role without an end."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        language = formats.language()
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role.key, role.name(language)) for role in identity.ROLES.values()]


class DeputyForm(forms.Form):
    """Who stands in, with which roles, on which days."""

    deputy = forms.TypedChoiceField(label=_("Deputy"), coerce=int)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        help_text=_(
            "A data officer's deputy acts at once; the others after a security administrator approves."
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Last day"),
        help_text=_("90 days at most."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        colleagues: tuple[identity.ColleagueFacts, ...],
        roles: tuple[str, ...],
        initial: dict[str, object],
    ) -> None:
        super().__init__(data, initial=initial)
        language = formats.language()
        deputy, role = self.fields["deputy"], self.fields["roles"]
        assert isinstance(deputy, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        deputy.choices = [
            ("", _("Choose a colleague")),
            *((c.id, f"{c.name} · {c.username}") for c in colleagues),
        ]
        role.choices = [(key, identity.ROLES[key].name(language)) for key in roles]


class ClientForm(forms.Form):
    """A new client application."""

    name = forms.CharField(
        label=_("Name of the business system"),
        help_text=_("As its users call it, for example “social security desk”."),
        max_length=100,
    )


class KeyForm(forms.Form):
    """A new key: generated here, or made by the agency and uploaded."""

    way = forms.ChoiceField(
        label=_("Where does the key pair come from?"),
        choices=[
            ("generate", _("Generate it here; the private key is fetched once by a link")),
            ("upload", _("We made it ourselves; here is the public key")),
        ],
        initial="generate",
        widget=forms.RadioSelect,
    )
    suite = forms.ChoiceField(
        label=_("Cipher suite"),
        choices=[("sm2-sm3", _("SM2 with SM3 (national)")), ("ed25519", _("Ed25519 with SHA-256"))],
        initial="sm2-sm3",
    )
    public_key = forms.CharField(
        label=_("Public key (PEM)"),
        help_text=_("Begins with -----BEGIN PUBLIC KEY-----. Only when you upload."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    validity = forms.TypedChoiceField(
        label=_("Valid for"),
        choices=[("90", _("90 days")), ("365", _("1 year")), ("730", _("2 years"))],
        initial="365",
        coerce=int,
    )
    overlap = forms.ChoiceField(
        label=_("The keys in force now"),
        choices=[
            ("keep", _("stay as they are")),
            ("0", _("end at once")),
            ("1", _("end in 1 day")),
            ("7", _("end in 7 days")),
            ("30", _("end in 30 days")),
        ],
        initial="7",
    )

    def __init__(self, data: QueryDict | None = None, *, rotating: bool) -> None:
        super().__init__(data)
        if not rotating:
            del self.fields["overlap"]

    def clean(self) -> dict[str, object]:
        """An upload needs its key."""
        given = super().clean() or {}
        if given.get("way") == "upload" and not given.get("public_key"):
            self.add_error("public_key", _("Paste the public key."))
        return given

    @property
    def valid_for(self) -> timedelta:
        """How long the key counts."""
        return timedelta(days=int(self.cleaned_data["validity"]))

    @property
    def replace_within(self) -> timedelta | None:
        """How long the present keys go on; None: as they are."""
        chosen = self.cleaned_data.get("overlap") or "keep"
        return None if chosen == "keep" else timedelta(days=int(chosen))


class ReasonForm(forms.Form):
    """Why something is stopped, resumed or taken away."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One sentence; it is logged and shown to the people concerned."),
        max_length=300,
    )
