"""What can keep a table from being judged. No text holds a value of the data."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class QualityError(YwError):
    """A table cannot be judged."""

    code = "quality"
    message_zh = "无法检查数据质量。"
    message_en = "The quality of the data cannot be judged."
    mend_zh = "核对文件和规则后再试。"
    mend_en = "Check the file and the rules and try again."


class QualityFileUnreadable(QualityError):
    """The file is not there, of no known kind, or damaged."""

    code = "quality-file-unreadable"
    message_zh = "{file} 读不了：{reason}。"
    message_en = "{file} cannot be read: {reason}."
    mend_zh = "给出 .csv、.csv.gz、.xlsx、.parquet 文件；CSV 用 UTF-8 或 GBK 编码，首行是列名。"
    mend_en = (
        "Give a .csv, .csv.gz, .xlsx or .parquet file; a CSV in UTF-8 or GBK with its names in the first row."
    )


class QualityRuleWrong(QualityError):
    """An entry among the rules is not a rule."""

    code = "quality-rule-wrong"
    message_zh = "第 {number} 条规则不对：{problem}。"
    message_en = "Rule {number} is wrong: {problem}."
    mend_zh = "各种规则的写法见 docs/specs/quality.md。"
    mend_en = "How each rule is written stands in docs/specs/quality.md."


class QualityFieldUnknown(QualityError):
    """A rule names a column that the table has not."""

    code = "quality-field-unknown"
    message_zh = "规则 {rule} 用到的列“{field}”不在表中；表里有：{fields}。"
    message_en = "Rule {rule} uses column “{field}”, which is not in the table; it has: {fields}."
    mend_zh = "改规则里的列名，或检查文件的首行。"
    mend_en = "Correct the column's name in the rule, or look at the file's first row."


class QualityFieldType(QualityError):
    """A rule needs numbers or dates and the column holds something else."""

    code = "quality-field-type"
    message_zh = "规则 {rule} 要求列“{field}”是{wanted}，实际是 {found}。"
    message_en = "Rule {rule} needs column “{field}” to be {wanted}; it is {found}."
    mend_zh = "先用 pattern 规则找出写得不对的值，改正后这一列才会被读成该类型。"
    mend_en = "Find the values that are written wrongly with a pattern rule; once mended, the column is read as that type."


class QualityEngineRefused(QualityError):
    """An engine could not evaluate the rules on this table."""

    code = "quality-engine-refused"
    message_zh = "计算规则时出错：{reason}。"
    message_en = "The rules could not be evaluated: {reason}."
    mend_zh = "看是哪一列的类型和规则不符。"
    mend_en = "See which column's type does not fit its rule."


class QualityRulesUnreadable(QualityError):
    """The rule file is not there, or not one."""

    code = "quality-rules-unreadable"
    message_zh = "规则文件 {file} 第 {line} 行：{problem}"
    message_en = "Rule file {file}, line {line}: {problem}"
    mend_zh = "规则文件是含 rules 列表的 YAML，写法见 docs/howto/judge-a-file.md。"
    mend_en = "A rule file is YAML with a list of rules; see docs/howto/judge-a-file.md."


class QualityExpressionWrong(QualityError):
    """The condition of a rule does not parse, or does not fit the columns."""

    code = "quality-expression-wrong"
    message_zh = "表达式“{expression}”第 {at} 个字符处：应为 {expected}，实为 {found}。"
    message_en = "Expression “{expression}”, character {at}: expected {expected}, found {found}."
    mend_zh = "用 row.列名 引用列；在 columns 里声明要比较的列的类型。"
    mend_en = "Name columns as row.column; declare under columns the type of those you compare."
