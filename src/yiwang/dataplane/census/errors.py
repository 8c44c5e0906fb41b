"""What can stop a census, told to the officer who runs it. No text holds a password or a value of the data."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class CensusError(YwError):
    """A database or file cannot be looked into."""

    code = "census"
    message_zh = "无法普查 {address}。"
    message_en = "{address} cannot be looked into."
    mend_zh = "核对地址后再试。"
    mend_en = "Check the address and try again."


class AddressUnknown(CensusError):
    """The address is of no known kind."""

    code = "census-address-unknown"
    message_zh = "不认识的地址 {address}。"
    message_en = "{address} is no address of a known kind."
    mend_zh = (
        "写成 postgresql://、mysql://、sqlite:、oracle://、dm:// 开头的地址，"
        "或 .csv、.csv.gz、.xlsx、.parquet、.db 文件，或放有这些文件的文件夹。"
    )
    mend_en = (
        "Give a postgresql://, mysql://, sqlite:, oracle:// or dm:// address, a .csv, .csv.gz, .xlsx, .parquet"
        " or .db file, or a folder of them."
    )


class FileMissing(CensusError):
    """There is no such file."""

    code = "census-file-missing"
    message_zh = "找不到文件 {address}。"
    message_en = "There is no file {address}."
    mend_zh = "检查路径；路径中有空格的，用引号括起来。"
    mend_en = "Check the path; quote it when it contains blanks."


class FileForbidden(CensusError):
    """The file may not be read."""

    code = "census-file-forbidden"
    message_zh = "没有读取文件 {address} 的权限。"
    message_en = "The file {address} may not be read."
    mend_zh = "请文件的所有者授予读取权限。"
    mend_en = "Have its owner grant the right to read it."


class FileEmpty(CensusError):
    """The file has nothing in it."""

    code = "census-file-empty"
    message_zh = "文件 {address} 是空的。"
    message_en = "The file {address} is empty."
    mend_zh = "第一行应为列名，其后为数据。"
    mend_en = "The first row should name the columns, data should follow."


class FileBroken(CensusError):
    """The file is not what its name says, or is damaged."""

    code = "census-file-broken"
    message_zh = "文件 {address} 读不下去：{problem_zh}。"
    message_en = "The file {address} cannot be read: {problem_en}."
    mend_zh = "请提供方重新导出该文件。"
    mend_en = "Have the file exported again."


class FileHostile(CensusError):
    """The file would take more room than any honest file of its size."""

    code = "census-file-hostile"
    message_zh = "文件 {address} 不予读取：{problem_zh}。"
    message_en = "The file {address} is refused: {problem_en}."
    mend_zh = "核对文件来源；确需普查的，先导出为 CSV。"
    mend_en = "Check where the file comes from; if it is genuine, export it as CSV first."


class EncodingUnknown(CensusError):
    """Text in a file is neither UTF-8 nor GB18030."""

    code = "census-encoding"
    message_zh = "文件 {address} 第 {line} 行的文字既不是 UTF-8 也不是 GB18030（可能混用了编码）。"
    message_en = "Line {line} of {address} is neither UTF-8 nor GB18030 (encodings may be mixed)."
    mend_zh = "请另存为 UTF-8 后再试。"
    mend_en = "Save it as UTF-8 and try again."


class NothingThere(CensusError):
    """No table can be seen."""

    code = "census-nothing-there"
    message_zh = "{address} 中没有可以读取的表。"
    message_en = "{address} holds no table that may be read."
    mend_zh = "核对库名；请管理员授予读取权限（GRANT SELECT）。"
    mend_en = "Check the name of the database; have read rights granted (GRANT SELECT)."


class PreviousUnreadable(CensusError):
    """The result of an earlier census cannot be read."""

    code = "census-previous-unreadable"
    message_zh = "{address} 不是以前的普查结果：{problem}。"
    message_en = "{address} is not the result of an earlier census: {problem}."
    mend_zh = "给出 yw catalogue scan 以前写出的 .json 或 .xlsx 文件。"
    mend_en = "Give a .json or .xlsx file that yw catalogue scan wrote."


class NothingToCompare(CensusError):
    """None of the entries stands on a table that was scanned, so that nothing can be said of drift."""

    code = "census-nothing-to-compare"
    message_zh = "没有可比较的条目：{count} 条都对不上扫描到的表。"
    message_en = "Nothing to compare: none of {count} entries fits a table that was scanned."
    mend_zh = "核对部门和数据源，或用 --entry 代码=表 指明条目对应的表。"
    mend_en = "Check the agency and the source, or name the table of an entry with --entry CODE=TABLE."


class SourceUnreachable(CensusError):
    """The database does not answer."""

    code = "census-unreachable"
    permanent = False
    message_zh = "连不上 {address}（{reason}）。"
    message_en = "{address} cannot be reached ({reason})."
    mend_zh = "核对主机名和端口，看数据库是否在运行、防火墙是否放行。"
    mend_en = "Check host and port, whether the database runs, and whether a firewall lets you in."


class SourceRefused(CensusError):
    """The database does not let the user in."""

    code = "census-refused"
    message_zh = "{address} 不接受用户“{user}”：用户名、口令不对，或无权使用该库。"
    message_en = "{address} refuses user “{user}”: wrong name or password, or no right to use the database."
    mend_zh = "核对用户名和口令；请管理员授予只读权限。"
    mend_en = "Check user and password; have read rights granted."


class TableUnreadable(CensusError):
    """One table cannot be read; the others go on."""

    code = "census-table-unreadable"
    message_zh = "表 {table} 读不到数据：{reason_zh}。"
    message_en = "No data could be read from {table}: {reason_en}."
    mend_zh = "结构照常列出；请管理员授权或在空闲时重试。"
    mend_en = "Its structure is listed all the same; have rights granted, or try at a quiet hour."
