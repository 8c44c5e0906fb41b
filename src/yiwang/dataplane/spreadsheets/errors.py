"""Errors of spreadsheets: the file as a whole cannot be read. What is wrong in a cell is a finding of the reader."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class SpreadsheetError(YwError):
    """The file cannot be read as a spreadsheet."""

    code = "spreadsheet"
    message_zh = "无法读取这个电子表格。"
    message_en = "This spreadsheet cannot be read."
    mend_zh = "请用最新模板另存为 .xlsx 后重新上传。"
    mend_en = "Save it as .xlsx with the latest template and upload it again."


class NotASpreadsheet(SpreadsheetError):
    """The file is not an .xlsx workbook, or is damaged."""

    code = "spreadsheet-not-xlsx"
    message_zh = "文件不是 .xlsx 电子表格，或已损坏（{reason}）。"
    message_en = "The file is no .xlsx workbook, or it is damaged ({reason})."
    mend_zh = "用表格软件打开，另存为“Excel 工作簿 .xlsx”；加密的先去掉密码。"
    mend_en = "Open it, save it as an Excel workbook (.xlsx), without a password."


class SpreadsheetTooLarge(SpreadsheetError):
    """The file, or what it unpacks to, is larger than is read."""

    code = "spreadsheet-too-large"
    message_zh = "文件过大：{what} 超过 {limit}。"
    message_en = "The file is too large: {what} is over {limit}."
    mend_zh = "删去多余的行、图片和工作表，或分成几个文件导入。"
    mend_en = "Delete superfluous rows, pictures and sheets, or import it in parts."


class SpreadsheetHasMacros(SpreadsheetError):
    """The workbook carries macros or other programs."""

    code = "spreadsheet-has-macros"
    message_zh = "文件带有宏或嵌入程序（{part}），不予读取。"
    message_en = "The file carries macros or embedded programs ({part}) and is not read."
    mend_zh = "另存为不含宏的 .xlsx。"
    mend_en = "Save it as .xlsx without macros."


class SpreadsheetForbidden(SpreadsheetError):
    """The XML inside declares entities or document types, which no spreadsheet program writes."""

    code = "spreadsheet-forbidden-content"
    message_zh = "文件内部含有不允许的声明（{part}），不予读取。"
    message_en = "The file contains declarations that are not allowed ({part}) and is not read."
    mend_zh = "用表格软件重新生成文件。"
    mend_en = "Make the file anew with a spreadsheet program."
