"""Forms of table jobs and of the databases that they write to."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.blocks.delivery import public as delivery
from yiwang.portal import formats
from yiwang.portal.delivery.under import TableGrant
from yiwang.portal.delivery.words import CHECKS, WAYS, WEEKDAYS
from yiwang.vocabulary.delivering import CAPTURE, JOB_WAYS, granting
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Problem

WHEN = {
    "manual": _("When I start it"),
    "workday": _("Every working day"),
    "daily": _("Every day"),
    "weekly": _("Every week"),
    "monthly": _("Every month"),
    "cron": _("By a cron expression"),
}
FOLLOWS = ("follow", _("Continuously"))
_DATABASE = {
    "connector-host-not-allowed": "host", "connector-host-unknown": "host", "connector-unreachable": "host",
    "connector-slow": "host", "connector-login-refused": "password", "connector-database-missing": "database",
    "delivery-target-name-taken": "name",
}  # fmt: skip


class ClockFields(forms.Form):
    """Name, clock, turn and pace of a job."""

    def add_clock(self, *, follows: bool) -> None:
        """Add the fields; `follows`: the job may go on without a clock."""
        add = self.fields
        whens = [*WHEN.items(), *([FOLLOWS] if follows else [])]
        add["name"] = forms.CharField(label=_("Name"), max_length=100)
        add["when"] = forms.ChoiceField(label=_("When it runs"), choices=whens)
        add["at"] = forms.RegexField(
            r"^([01]?\d|2[0-3]):[0-5]\d$", label=_("At"), required=False, initial="22:30",
            widget=forms.TextInput(attrs={"type": "time"}),
            error_messages={"invalid": _("Write hours and minutes, such as 22:30.")},
        )  # fmt: skip
        add["weekday"] = forms.ChoiceField(label=_("Day of the week"), choices=WEEKDAYS, required=False)
        days = [(str(day), gettext("day %(n)s") % {"n": day}) for day in range(1, 29)]
        add["monthday"] = forms.ChoiceField(label=_("Day of the month"), choices=days, required=False)
        add["cron"] = forms.CharField(
            label=_("Cron expression"), max_length=100, required=False,
            help_text=_("Minute, hour, day, month, day of the week, such as 0 6,18 * * *."),
        )  # fmt: skip
        add["workdays"] = forms.BooleanField(
            label=_("On working days only"), required=False,
            help_text=_("Holidays and make-up days of the yearly notices count."),
        )  # fmt: skip
        add["priority"] = forms.TypedChoiceField(
            label=_("Priority"), coerce=int, initial=5,
            choices=[(2, _("First")), (5, _("Normal")), (8, _("Last"))],
        )  # fmt: skip
        add["rate"] = forms.IntegerField(
            label=_("Rows a second at most"), min_value=0, max_value=10_000_000, required=False,
            help_text=_("Empty: as fast as both databases can."),
        )  # fmt: skip

    def clock(self) -> tuple[str, bool]:
        """Cron expression, and whether working days alone count; only of a valid form."""
        got = self.cleaned_data
        hour, _colon, minute = (str(got.get("at") or "") or "22:30").partition(":")
        at = f"{int(minute)} {int(hour)}"
        match str(got["when"]):
            case "manual" | "follow":
                return "", False
            case "workday":
                return f"{at} * * *", True
            case "daily":
                return f"{at} * * *", False
            case "weekly":
                return f"{at} * * {got.get('weekday') or '1'}", False
            case "monthly":
                return f"{at} {got.get('monthday') or '1'} * *", bool(got["workdays"])
            case _:
                return " ".join(str(got.get("cron") or "x").split()), bool(got["workdays"])

    def follows(self) -> bool:
        """Whether it goes on without a clock; only of a valid form."""
        return str(self.cleaned_data["when"]) == "follow"

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put what the block found wrong beside its field."""
        for problem in problems:
            where = problem.where
            if where == "cron" and self.cleaned_data.get("when") != "cron":
                where = "when"
            self.add_error(where if where in self.fields else None, formats.pick(problem.zh, problem.en))


class JobFields(ClockFields):
    """A new job under a grant."""

    def __init__(
        self, grant: TableGrant, targets: tuple[delivery.TargetRow, ...], data: object = None
    ) -> None:
        ways = [
            way
            for way in JOB_WAYS
            if granting(way) in grant.delivery.ways and not (grant.node and way == CAPTURE)
        ]
        initial = {
            "name": grant.title, "mode": ways[0] if ways else "", "check": "none",
            "when": "follow" if ways == [CAPTURE] else "workday",
        }  # fmt: skip
        super().__init__(data=data, initial=initial)  # type: ignore[arg-type]
        self.add_clock(follows=CAPTURE in ways)
        add = self.fields
        add["target"] = forms.ChoiceField(
            label=_("Target database"), choices=[(one.id, f"{one.name}（{one.host} · {one.database}）") for one in targets]
        )  # fmt: skip
        add["table"] = forms.CharField(
            label=_("Target table"), max_length=127, widget=forms.TextInput(attrs={"placeholder": "public.qy_jbxx"}),
            help_text=_("It is made on the first run if it is not there; its columns are named as the items."),
        )  # fmt: skip
        add["mode"] = forms.ChoiceField(
            label=_("How"), widget=forms.RadioSelect,
            choices=[(way, WAYS[way]) for way in ways],
        )  # fmt: skip
        if "incremental" in ways:
            add["cursor"] = forms.ChoiceField(
                label=_("Item that tells what is new"), required=False,
                choices=[("", "—"), *((name, grant.titles.get(name, name)) for name in grant.free)],
                help_text=_("It only grows: a time of change or a serial number. For incremental delivery."),
            )  # fmt: skip
        add["check"] = forms.ChoiceField(
            label=_("Check rows on the way"),
            widget=forms.RadioSelect,
            choices=[
                (name, said) for name, said in CHECKS.items() if not (grant.node and name == "resource")
            ],
        )
        add["rules"] = forms.CharField(
            label=_("Rules of your own"), required=False, widget=forms.Textarea, max_length=65536,
            help_text=_("YAML with a list of rules over the items. A row that breaks one waits in quarantine."),
        )  # fmt: skip
        add["replace"] = forms.BooleanField(
            label=_("The table may hold other rows; they are replaced"), required=False
        )
        if grant.case_required:
            add["case"] = _case()
        self.grant = grant

    def wish(self) -> delivery.JobForm:
        """The job as the block takes it; only of a valid form."""
        got = self.cleaned_data
        cron, workdays = self.clock()
        return delivery.JobForm(
            grant=self.grant.id, target=str(got["target"]), name=str(got["name"]), table=str(got["table"]).strip(),
            mode=next(way for way in JOB_WAYS if way == got["mode"]), cursor=str(got.get("cursor") or ""), cron=cron, workdays=workdays,
            priority=int(got["priority"]), rate=int(got["rate"] or 0), check=str(got["check"]),
            rules=str(got["rules"] or ""), replace=bool(got["replace"]), follow=self.follows(),
            case=str(got.get("case") or ""),
        )  # fmt: skip


class ChangeFields(ClockFields):
    """What may change of a job."""

    def __init__(self, row: delivery.JobRow, data: object = None, *, case_asked: bool = False) -> None:
        initial = {
            "name": row.name, "when": "follow" if row.follow else "cron" if row.cron else "manual",
            "cron": row.cron, "workdays": row.workdays,
            "priority": row.priority, "rate": row.rate or None, "case": row.case,
        }  # fmt: skip
        super().__init__(data=data, initial=initial)  # type: ignore[arg-type]
        self.add_clock(follows=row.mode == CAPTURE)
        if case_asked:
            self.fields["case"] = _case()

    def wish(self) -> delivery.ChangeForm:
        """The change as the block takes it; only of a valid form."""
        got = self.cleaned_data
        cron, workdays = self.clock()
        return delivery.ChangeForm(
            str(got["name"]), cron, workdays, int(got["priority"]), int(got["rate"] or 0), self.follows(), got.get("case")
        )  # fmt: skip


def _case() -> forms.CharField:
    return forms.CharField(
        label=_("Case number"), max_length=100,
        help_text=_("The grant asks for it. It goes with every run and stands in its evidence."),
    )  # fmt: skip


class TargetFields(forms.Form):
    """A database of the agency that jobs may write to."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As your colleagues call it."))
    server = forms.ChoiceField(
        label=_("Kind"), choices=[("postgresql", "PostgreSQL"), ("mysql", "MySQL / MariaDB")]
    )
    host = forms.CharField(label=_("Host"), max_length=253, help_text=_("Host name or IP address."))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=5432)
    database = forms.CharField(label=_("Database"), max_length=63)
    user = forms.CharField(
        label=_("User"), max_length=63, help_text=_("A user that may write to this database alone.")
    )
    password = forms.CharField(
        label=_("Password of the user"), max_length=500, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def wish(self) -> delivery.TargetForm:
        """The target as the block takes it; only of a valid form."""
        got = self.cleaned_data
        return delivery.TargetForm(
            str(got["name"]), str(got["host"]), str(got["database"]), str(got["user"]), str(got["password"]),
            str(got["server"]), int(got["port"]),
        )  # fmt: skip

    def blame(self, error: YwError) -> None:
        """Put what went wrong beside its field; what belongs to none stands above the form."""
        language = formats.language()
        if isinstance(error, delivery.DeliveryInvalid):
            for problem in error.problems:
                where = problem.where if problem.where in self.fields else None
                self.add_error(where, formats.pick(problem.zh, problem.en))
            return
        self.add_error(_DATABASE.get(error.code), f"{error.text(language)} {error.mend(language)}")
