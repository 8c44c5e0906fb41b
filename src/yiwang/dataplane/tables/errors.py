"""Files that are not read as a table at all. What is wrong in a cell is told by whoever knows its field."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class TableFileError(YwError):
    """The file cannot be read as a table."""

    code = "table-file"
    message_zh = "文件不能当作表读取：{reason}。"
    message_en = "The file cannot be read as a table: {reason}."
    mend_zh = "用 UTF-8 或 GBK 的 CSV、.xlsx 或 Parquet，第一行是字段名。"
    mend_en = "Use CSV in UTF-8 or GBK, .xlsx or Parquet, with the fields' names in the first row."


class TableFileTooLarge(TableFileError):
    """The file, or what it unpacks to, is larger than is read."""

    code = "table-file-too-large"
    message_zh = "文件过大：{what}超过 {limit}。"
    message_en = "The file is too large: {what} over {limit}."
    mend_zh = "分成几个文件，或用 CSV、Parquet。"
    mend_en = "Split it, or use CSV or Parquet."


class FormulaInFile(TableFileError):
    """A cell holds a formula or an error instead of a value."""

    code = "table-file-formula"
    message_zh = "单元格 {cell} 是公式或错误值，不予读取。"
    message_en = "Cell {cell} holds a formula or an error and is not read."
    mend_zh = "复制后“选择性粘贴为数值”，再保存。"
    mend_en = "Copy the sheet and paste it as values, then save it."


class TableFileEncoding(TableFileError):
    """The text of a file is neither UTF-8 nor GBK."""

    code = "table-file-encoding"
    message_zh = "文件第 {line} 行附近既不是 UTF-8 也不是 GBK 编码的文字。"
    message_en = "Near line {line} the file is text in neither UTF-8 nor GBK."
    mend_zh = "在 Excel 里另存为“CSV UTF-8（逗号分隔）”，或直接交 .xlsx。"
    mend_en = "Save it in Excel as “CSV UTF-8 (comma delimited)”, or hand in the .xlsx itself."
