"""What can be wrong with a package. Every fault names its place, what was expected, what was found and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from yiwang.systems.reading.places import Place
from yiwang.vocabulary.errors import Fact, YwError


class SystemsError(YwError):
    """Something is wrong with a declared system."""

    code: ClassVar[str] = "system-error"
    message_zh: ClassVar[str] = "系统包有误。"
    message_en: ClassVar[str] = "Something is wrong with a system package."
    mend_zh: ClassVar[str] = "请按提示修改后再运行 yw system check。"
    mend_en: ClassVar[str] = "Mend what is named and run yw system check again."


class PackageFault(SystemsError):
    """One fault at one place of a package.

    Attributes:
        warning: the package works all the same.
        place: where.
    """

    code: ClassVar[str] = "package-fault"
    message_zh: ClassVar[str] = "{at}：应为{expected}，实为 {found}。"
    message_en: ClassVar[str] = "{at}: expected {expected_en}, found {found}."
    mend_zh: ClassVar[str] = "请改为{expected}。"
    mend_en: ClassVar[str] = "Write {expected_en}."
    warning: ClassVar[bool] = False

    def __init__(self, place: Place, **facts: Fact) -> None:
        self.place = place
        super().__init__(file=place.file, line=place.line, column=place.column, at=str(place), **facts)

    def as_json(self) -> dict[str, object]:
        """The fault as plain values, in both languages."""
        return {
            "code": self.code,
            "warning": self.warning,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "expected": self.facts.get("expected_en", ""),
            "found": self.facts.get("found", ""),
            "message": {"zh": self.text("zh"), "en": self.text("en")},
            "mend": {"zh": self.mend("zh"), "en": self.mend("en")},
        }


class PackageRefused(SystemsError):
    """The package has faults.

    Attributes:
        faults: all of them, in the order of their places.
    """

    code: ClassVar[str] = "package-refused"
    message_zh: ClassVar[str] = "系统包 {package} 有 {count} 处错误，第一处：{first}"
    message_en: ClassVar[str] = "The package {package} has {count} faults; the first: {first_en}"
    mend_zh: ClassVar[str] = "先改第一处：{first_mend}"
    mend_en: ClassVar[str] = "Mend the first: {first_mend_en}"

    def __init__(self, package: str, faults: Sequence[PackageFault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(
            package=package,
            count=len(self.faults),
            first=first.text("zh"),
            first_en=first.text("en"),
            first_mend=first.mend("zh"),
            first_mend_en=first.mend("en"),
        )


class YamlBroken(PackageFault):
    """The text is not YAML."""

    code: ClassVar[str] = "package-yaml-broken"
    message_zh: ClassVar[str] = "{at}：不是合法的 YAML：{found}。"
    message_en: ClassVar[str] = "{at}: this is not YAML: {found}."
    mend_zh: ClassVar[str] = "检查该处的缩进、引号与括号；花括号内含逗号、冒号或井号的文字须加引号。"
    mend_en: ClassVar[str] = (
        "Check indentation, quotes and brackets there; inside {{…}} quote text that holds a comma, colon or hash."
    )


class YamlRefused(PackageFault):
    """YAML that a package may not hold: anchors, aliases, tags, several documents, merge keys."""

    code: ClassVar[str] = "package-yaml-refused"
    message_zh: ClassVar[str] = "{at}：系统包中不允许{expected}：{found}。"
    message_en: ClassVar[str] = "{at}: a package may not hold {expected_en}: {found}."
    mend_zh: ClassVar[str] = "把内容直接写出来。"
    mend_en: ClassVar[str] = "Write the content itself."


class TooLarge(PackageFault):
    """A file or a nest of it is larger than a package may be."""

    code: ClassVar[str] = "package-too-large"
    message_zh: ClassVar[str] = "{at}：{expected}，实为 {found}。"
    message_en: ClassVar[str] = "{at}: {expected_en}; found {found}."
    mend_zh: ClassVar[str] = "拆成多个文件；大的代码表或数据用 file: 引用 CSV。"
    mend_en: ClassVar[str] = "Split the file; keep large lists and data in a CSV named by file:."


class KeyTwice(PackageFault):
    """A key is written twice in one map."""

    code: ClassVar[str] = "package-key-twice"
    message_zh: ClassVar[str] = "{at}：键 {found} 重复，第一次在第 {first} 行。"
    message_en: ClassVar[str] = "{at}: the key {found} is written twice, first on line {first}."
    mend_zh: ClassVar[str] = "删去其中一个。"
    mend_en: ClassVar[str] = "Delete one of them."


class NumberAmbiguous(PackageFault):
    """A number with leading zeros, which is meant as a code."""

    code: ClassVar[str] = "package-number-ambiguous"
    message_zh: ClassVar[str] = "{at}：{found} 以零开头，会被当作数字而丢失零。"
    message_en: ClassVar[str] = "{at}: {found} begins with a zero and would lose it as a number."
    mend_zh: ClassVar[str] = '加引号："{found}"。'
    mend_en: ClassVar[str] = 'Quote it: "{found}".'


class FileUnknown(PackageFault):
    """A file that no package has, or a needed one that is missing."""

    code: ClassVar[str] = "package-file"
    message_zh: ClassVar[str] = "{at}：文件有误：{found}。"
    message_en: ClassVar[str] = "{at}: a file is wrong: {found_en}."
    mend_zh: ClassVar[str] = "可用的文件：{expected}。"
    mend_en: ClassVar[str] = "Files there can be: {expected_en}."


class KeyUnknown(PackageFault):
    """A key that the format does not have."""

    code: ClassVar[str] = "package-key-unknown"
    message_zh: ClassVar[str] = "{at}：此处没有键 {found}，可用：{expected}。"
    message_en: ClassVar[str] = "{at}: there is no key {found} here; there are {expected_en}."
    mend_zh: ClassVar[str] = "建议：{near}"
    mend_en: ClassVar[str] = "Suggestion: {near_en}"


class KeyMissing(PackageFault):
    """A needed key is missing."""

    code: ClassVar[str] = "package-key-missing"
    message_zh: ClassVar[str] = "{at}：缺少键 {expected}，现有：{found}。"
    message_en: ClassVar[str] = "{at}: the key {expected} is missing; there are {found}."
    mend_zh: ClassVar[str] = "补上 {expected}:。"
    mend_en: ClassVar[str] = "Add {expected}:."


class ValueRefused(PackageFault):
    """A value of the wrong type or form."""

    code: ClassVar[str] = "package-value"


class NameReserved(PackageFault):
    """An id that YAML, SQL or the engine reads as something else."""

    code: ClassVar[str] = "package-name-reserved"
    message_zh: ClassVar[str] = "{at}：{found} 不能作标识，应为{expected}。"
    message_en: ClassVar[str] = "{at}: {found} cannot be an id; expected {expected_en}."
    mend_zh: ClassVar[str] = "换一个名称，如 {found}_code。"
    mend_en: ClassVar[str] = "Choose another name, such as {found}_code."


class ReferenceUnknown(PackageFault):
    """A name that refers to nothing."""

    code: ClassVar[str] = "package-reference"
    message_zh: ClassVar[str] = "{at}：没有{what} {found}，可用：{expected}。"
    message_en: ClassVar[str] = "{at}: there is no {what_en} {found}; there are {expected_en}."
    mend_zh: ClassVar[str] = "建议：{near}"
    mend_en: ClassVar[str] = "Suggestion: {near_en}"


class NameTwice(PackageFault):
    """Two things of a kind have one id."""

    code: ClassVar[str] = "package-name-twice"
    message_zh: ClassVar[str] = "{at}：{what} {found} 已在 {first} 声明。"
    message_en: ClassVar[str] = "{at}: the {what_en} {found} is declared at {first} already."
    mend_zh: ClassVar[str] = "改名或合并。"
    mend_en: ClassVar[str] = "Rename one or merge them."


class Silo(PackageFault):
    """A table that could not be shared, found, checked or secured."""

    code: ClassVar[str] = "package-silo"
    message_zh: ClassVar[str] = "{at}：数据表 {found} 缺少{expected}，会成为数据孤岛。"
    message_en: ClassVar[str] = "{at}: the table {found} has no {expected_en} and would be a silo."
    mend_zh: ClassVar[str] = "补上{expected}。"
    mend_en: ClassVar[str] = "Declare {expected_en}."


class NoStory(PackageFault):
    """A package without a story, which can be checked but not applied."""

    code: ClassVar[str] = "package-no-story"
    message_zh: ClassVar[str] = "{at}：系统 {found} 没有故事，不能启用。"
    message_en: ClassVar[str] = "{at}: the system {found} has no story and cannot be applied."
    mend_zh: ClassVar[str] = "在 stories/ 中写明谁做什么、之后应当怎样。"
    mend_en: ClassVar[str] = "Say in stories/ who does what and what must then be true."
    warning: ClassVar[bool] = True


class Cycle(PackageFault):
    """Things that need each other."""

    code: ClassVar[str] = "package-cycle"
    message_zh: ClassVar[str] = "{at}：循环依赖：{found}。"
    message_en: ClassVar[str] = "{at}: these depend on each other in a circle: {found}."
    mend_zh: ClassVar[str] = "去掉其中一环；应为{expected}。"
    mend_en: ClassVar[str] = "Take one link out; expected {expected_en}."


class GradeLowered(PackageFault):
    """A grade below what the standard, the system or the last release says."""

    code: ClassVar[str] = "package-grade-lowered"
    message_zh: ClassVar[str] = "{at}：{what} 的级别为 {found}，不得低于 {expected}。"
    message_en: ClassVar[str] = "{at}: {what} has grade {found}; it may not be lower than {expected_en}."
    mend_zh: ClassVar[str] = "写 grade: {expected_en}；确需降级，另行办理定级变更。"
    mend_en: ClassVar[str] = "Write grade: {expected_en}; a lower one needs its own decision on grading."


class ForeignClaim(PackageFault):
    """A package that takes what is another's."""

    code: ClassVar[str] = "package-foreign"
    message_zh: ClassVar[str] = "{at}：{found} 属于另一系统，应为{expected}。"
    message_en: ClassVar[str] = "{at}: {found} belongs to another system; expected {expected_en}."
    mend_zh: ClassVar[str] = "改用引用 ref(系统.数据表) 或 exchange.yaml 的需求。"
    mend_en: ClassVar[str] = "Refer to it by ref(system.table) or by a need of exchange.yaml."


class VersionUnmet(PackageFault):
    """A dependency that is absent or of the wrong version."""

    code: ClassVar[str] = "package-version"
    message_zh: ClassVar[str] = "{at}：依赖应为{expected}，实为 {found}。"
    message_en: ClassVar[str] = "{at}: the dependency should be {expected_en}, found {found}."
    mend_zh: ClassVar[str] = "先安装或升级所依赖的系统，或改版本范围。"
    mend_en: ClassVar[str] = "Install or upgrade the system it depends on, or change the range."


class ExpressionBroken(PackageFault):
    """A CEL text that cannot be parsed."""

    code: ClassVar[str] = "package-expression-syntax"
    message_zh: ClassVar[str] = "{at}：表达式有语法错误：应为{expected}，实为 {found}。"
    message_en: ClassVar[str] = "{at}: the expression does not parse: expected {expected_en}, found {found}."


class ExpressionType(PackageFault):
    """A CEL expression whose types do not fit."""

    code: ClassVar[str] = "package-expression-type"
    message_zh: ClassVar[str] = "{at}：表达式类型不符：应为{expected}，实为 {found}。"
    message_en: ClassVar[str] = "{at}: the types do not fit: expected {expected_en}, found {found}."


class ExpressionCode(PackageFault):
    """A code that its list does not have."""

    code: ClassVar[str] = "package-expression-code"
    message_zh: ClassVar[str] = "{at}：代码表 {list} 没有 {found}，可用：{expected}。"
    message_en: ClassVar[str] = "{at}: the list {list} has no code {found}; there are {expected_en}."
    mend_zh: ClassVar[str] = "改用表中的代码。"
    mend_en: ClassVar[str] = "Use a code of the list."


class ExpressionSql(PackageFault):
    """An expression that cannot filter rows in SQL, or entries of the journal one by one."""

    code: ClassVar[str] = "package-expression-sql"
    message_zh: ClassVar[str] = "{at}：此表达式在数据库中或对日志逐条执行，不能用 {found}；可用{expected}。"
    message_en: ClassVar[str] = (
        "{at}: this expression runs in the database or over the journal, where {found} cannot be used; use {expected_en}."
    )


class NullableArithmetic(PackageFault):
    """Arithmetic on what may be empty."""

    code: ClassVar[str] = "package-nullable"
    message_zh: ClassVar[str] = "{at}：{found} 可能为空，运算会失败；应为{expected}。"
    message_en: ClassVar[str] = (
        "{at}: {found} may be empty and the arithmetic would fail; expected {expected_en}."
    )
    mend_zh: ClassVar[str] = "给字段 default，或先判断 != null。"
    mend_en: ClassVar[str] = "Give the field a default or test it for null first."
    warning: ClassVar[bool] = True


class EnglishMissing(PackageFault):
    """Names or sentences that stand in Chinese on English pages."""

    code: ClassVar[str] = "package-english"
    message_zh: ClassVar[str] = "{at}：本文件有 {count} 处没有英文：{found}。"
    message_en: ClassVar[str] = "{at}: {count} names of this file have no English: {found_en}."
    mend_zh: ClassVar[str] = (
        "写成 {{zh: 中文, en: English}}；代码写 [代码, 中文, English]，树形代码写“代码 中文 | English”。"
    )
    mend_en: ClassVar[str] = (
        "Write {{zh: …, en: English}}; a code as [code, …, English], a code of a tree as “code … | English”."
    )
    warning: ClassVar[bool] = True
