"""What can keep a record from being read or written. No text holds a value of a record."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.vocabulary.errors import YwError


class RegistryError(YwError):
    """Something is wrong with a declared system or its records."""

    code = "registry"
    message_zh = "登记库操作没有完成。"
    message_en = "The registry could not do this."
    mend_zh = "看提示的位置，改正后再试。"
    mend_en = "Look at the place that is named, correct it and try again."


class SystemUnknown(RegistryError):
    """No such system is applied here, or it is hidden from who asks."""

    code = "registry-system-unknown"
    message_zh = "没有系统 {system}。"
    message_en = "There is no system {system}."
    mend_zh = "在系统列表里找，或请系统管理员先启用这个系统包。"
    mend_en = "Find it in the list of systems, or have the administrator apply its package."


class EntityUnknown(RegistryError):
    """The system has no such table."""

    code = "registry-entity-unknown"
    message_zh = "系统 {system} 没有“{entity}”。"
    message_en = "System {system} has no {entity}."
    mend_zh = "看该系统的目录页，里面列出了它的全部数据表。"
    mend_en = "See the system's page, which lists all its tables."


class FieldUnknown(RegistryError):
    """The table has no such field."""

    code = "registry-field-unknown"
    message_zh = "“{entity}”没有字段 {field}。"
    message_en = "{entity} has no field {field}."
    mend_zh = "字段清单见该表的说明页或接口文档。"
    mend_en = "The fields stand on the table's page and in its interface description."


class RecordUnknown(RegistryError):
    """No such record, or none that the actor may see under this purpose."""

    code = "registry-record-unknown"
    message_zh = "没有这条记录，或当前岗位和用途看不到它。"
    message_en = "There is no such record, or your role and purpose do not show it."
    mend_zh = "核对编号；需要查看时，换用有权的岗位并写明办件。"
    mend_en = "Check the number; if you need it, act in a role that may see it and name the case."


class RecordRefused(RegistryError):
    """The actor's roles and purpose do not allow this change."""

    code = "registry-not-allowed"
    message_zh = "当前岗位和用途不能这样修改“{entity}”。"
    message_en = "Your role and purpose do not allow this change of {entity}."
    mend_zh = "由声明中有写权限的岗位办理，或换用途。"
    mend_en = "A role that the declaration lets write can do it, or another purpose."


class RecordChanged(RegistryError):
    """Somebody else changed the record while this change was being written."""

    code = "registry-record-changed"
    message_zh = "这条“{entity}”刚被别人改过。"
    message_en = "Somebody else has just changed this {entity}."
    mend_zh = "看一下对方改了什么，再决定是否保存您的修改。"
    mend_en = "See what they changed, then decide whether to save yours."


class KeyTaken(RegistryError):
    """Another record has the key in that time."""

    code = "registry-key-taken"
    message_zh = "“{entity}”已有同一主键的记录。"
    message_en = "{entity} already has a record with this key."
    mend_zh = "查出那条记录，更正它，不要另建。"
    mend_en = "Find that record and correct it instead of making another."


class RecordInvalid(RegistryError):
    """Values do not fit their fields. `problems` names each field with what is wrong."""

    code = "registry-record-invalid"
    message_zh = "有 {count} 处填写不对。"
    message_en = "{count} values are wrong."
    mend_zh = "按每个字段下的提示改。"
    mend_en = "Mend them as told beside each field."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems), fields=[problem.field for problem in problems])


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one value."""

    field: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell of a file; `field` is empty where it is the row."""

    line: int
    field: str
    message_zh: str
    message_en: str


class LoadIncomplete(RegistryError):
    """The database took in fewer or more records than the file has rows; all of it is taken back."""

    code = "registry-load-incomplete"
    message_zh = "文件有 {read} 行，数据库只收到 {loaded} 条，已全部退回。"
    message_en = "The file has {read} rows and the database took in {loaded}; all were taken back."
    mend_zh = "请再导入一次；仍不行，请平台运维重新启用这个系统包（yw system apply）。"
    mend_en = "Import it again; if it persists, ask the platform's operator to apply the system anew (yw system apply)."


class LoadNameWrong(RegistryError):
    """The name of a load is empty, too long or holds what is no letter, digit, dot, dash or underscore."""

    code = "registry-load-name"
    message_zh = "导入名称不对：1 到 80 个字母、数字、汉字或 . - _。"
    message_en = "The name of the load is wrong: 1 to 80 letters, digits or . - _."
    mend_zh = "换一个名称，例如 census-2026。"
    mend_en = "Choose another name, such as census-2026."


class LoadUnknown(RegistryError):
    """The actor has no load of this name that is under way."""

    code = "registry-load-unknown"
    message_zh = "“{entity}”没有正在进行的导入 {name}。"
    message_en = "{entity} has no load {name} under way."
    mend_zh = "用 yw system loads 看您正在进行的导入；已导入完成的不能退回，逐条撤销。"
    mend_en = "See yours with yw system loads; one that was finished is not taken back, withdraw its records."


class LoadOfAnother(RegistryError):
    """Somebody else has begun a load of this name, or the actor has under another agency."""

    code = "registry-load-of-another"
    message_zh = "“{entity}”的导入 {name} 由别人开始，只能由本人继续或退回。"
    message_en = "Somebody else began the load {name} of {entity}; only they go on with it or take it back."
    mend_zh = "您的文件换一个名称导入。"
    mend_en = "Give the load of your file another name."


class LoadFileDiffers(RegistryError):
    """The file is not the one that the load was begun with, or was finished with."""

    code = "registry-load-file-differs"
    message_zh = "导入 {name} 不是用这个文件开始的：文件内容不同。"
    message_en = "The load {name} was not begun with this file: its content differs."
    mend_zh = "用原来的文件继续；文件改过的，先退回这次导入（yw system take-back），或换一个名称。"
    mend_en = "Go on with the same file; where it was changed take the load back first (yw system take-back), or choose another name."


class LoadDaysDiffer(RegistryError):
    """The days of the records are not those that the load was begun with."""

    code = "registry-load-days-differ"
    message_zh = "导入 {name} 开始时的有效日期不同。"
    message_en = "The load {name} was begun with other days."
    mend_zh = "用开始时的日期或不写日期继续；要改日期的，先退回这次导入（yw system take-back）。"
    mend_en = "Go on with the same days or without saying any; to change them take the load back first (yw system take-back)."


class LoadOutdated(RegistryError):
    """The system was applied anew, or its keys renewed, since the load began; what lay there is taken back."""

    code = "registry-load-outdated"
    message_zh = "导入 {name} 开始后，系统重新启用过或加密密钥已更换；这次导入已退回。"
    message_en = "Since the load {name} began the system was applied anew or its keys renewed; the load was taken back."
    mend_zh = "用同一文件再导入一次，从头开始。"
    mend_en = "Import the same file again; it begins anew."


class LoadUnderWay(RegistryError):
    """Another process is taking the same load on."""

    code = "registry-load-under-way"
    message_zh = "另一个进程正在进行导入 {name}。"
    message_en = "Another process is going on with the load {name}."
    mend_zh = "等它完成；它已停止的，再运行一次即可继续。"
    mend_en = "Wait for it; where it has stopped, run this again and it goes on."


class LoadUnprepared(RegistryError):
    """The system was applied by an earlier version of this software, which could not keep loads."""

    code = "registry-load-unprepared"
    message_zh = "系统 {system} 还不能分步导入。"
    message_en = "System {system} cannot take in a load step by step yet."
    mend_zh = "请平台运维重新启用这个系统包（yw system apply）；在此之前不带名称导入。"
    mend_en = "Have the operator apply the system anew (yw system apply); until then import without a name."


class FileRefused(RegistryError):
    """Rows of a file do not fit; nothing was taken in. `problems` names cells, the first of them."""

    code = "registry-file-refused"
    message_zh = "文件有 {count} 处不对，一行也没有导入。"
    message_en = "{count} places in the file are wrong; no row was taken in."
    mend_zh = "按列出的行和字段改正，整个文件再导入一次。"
    mend_en = "Mend the rows and fields listed and import the whole file again."

    def __init__(self, problems: tuple[CellProblem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))


class HeadsUnknown(RegistryError):
    """Columns of a file are no fields that can be written, or a required field has no column."""

    code = "registry-file-heads"
    message_zh = "表头不对。不认识：{unknown}；缺少必填：{missing}。"
    message_en = "The heads do not fit. Unknown: {unknown}; required and missing: {missing}."
    mend_zh = "第一行写字段编号或名称，与导出的文件一致。"
    mend_en = "Name fields by id or title in the first row, as an exported file does."


class ExportRefused(RegistryError):
    """No rule lets the actor take records out as a file."""

    code = "registry-export-not-allowed"
    message_zh = "当前岗位和用途不能导出“{entity}”。"
    message_en = "Your role and purpose do not allow exporting {entity}."
    mend_zh = "由声明中有导出权限的岗位办理，或换用途。"
    mend_en = "A role that the declaration lets export can do it, or another purpose."


class FusedElsewhere(RegistryError):
    """Only a fusion writes this table."""

    code = "registry-fused"
    message_zh = "“{entity}”只由融合写入，不能直接改。"
    message_en = "{entity} is written by its fusion alone."
    mend_zh = "请来源部门更正源数据，下次融合后会更新。"
    mend_en = "Have the source department mend its data; the next fusion brings it here."


class ListBroken(RegistryError):
    """A filter, a sort or a page mark of a list is wrong."""

    code = "registry-list-broken"
    message_zh = "列表条件不对：{problem}。"
    message_en = "The list's conditions are wrong: {problem}."
    mend_zh = "去掉这个条件，或从列表页重新选。"
    mend_en = "Drop the condition, or choose it anew on the list's page."


class FigureUnknown(RegistryError):
    """No such figure, or none that the actor may see."""

    code = "registry-figure-unknown"
    message_zh = "没有指标 {figure}，或当前岗位看不到它。"
    message_en = "There is no figure {figure}, or your role does not show it."
    mend_zh = "在驾驶舱里找；需要时请系统的管理单位给您岗位。"
    mend_en = "Find it in the cockpit, or have the system's owner give you a role."


class RowsUnlisted(RegistryError):
    """The rows behind this number cannot be listed."""

    code = "registry-rows-unlisted"
    message_zh = "“{figure}”的这个数不能列出记录。"
    message_en = "The rows behind this number of {figure} cannot be listed."
    mend_zh = "由其他指标算出的看那些指标；过去时点的看记录的历史。"
    mend_en = "For a number worked out of others see those; for a past moment see the history of the records."


class RepetitionDiffers(RegistryError):
    """A repeated call asks for something else than the first one under its key."""

    code = "registry-repetition-differs"
    message_zh = "这个幂等键已用于另一次不同的请求。"
    message_en = "This idempotency key was used for another request."
    mend_zh = "重发时内容须与第一次完全相同；新的请求换一个新的幂等键。"
    mend_en = "Repeat a call exactly as it was; give a new call a new key."


class RoleUnknown(RegistryError):
    """The system declares no such role."""

    code = "registry-role-unknown"
    message_zh = "系统 {system} 没有角色 {role}。"
    message_en = "System {system} has no role {role}."
    mend_zh = "它的角色有：{known}。"
    mend_en = "Its roles are: {known}."


class RoleApart(RegistryError):
    """The declaration keeps two roles with different people."""

    code = "registry-role-apart"
    message_zh = "角色 {role} 不能与 {other} 由同一人担任。"
    message_en = "One person cannot hold {role} together with {other}."
    mend_zh = "换一个人，或先收回另一个角色。"
    mend_en = "Choose another person, or take the other role back first."
