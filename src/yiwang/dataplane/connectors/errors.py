"""What can be wrong with an external database, told to the officer who connects it. No text holds a password."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class ConnectorError(YwError):
    """An external database could not be used."""

    code = "connector"
    permanent = False
    message_zh = "外部数据库 {address} 没有正常应答。"
    message_en = "The external database {address} did not answer as it should."
    mend_zh = "稍后再试；仍不行，请联系该数据库的管理员。"
    mend_en = "Try again later; if it persists, ask the database's administrator."


class HostNotAllowed(ConnectorError):
    """The address is not on the operator's list."""

    code = "connector-host-not-allowed"
    permanent = True
    message_zh = "不允许连接 {address}：地址不在运维人员设定的名单里。"
    message_en = "Connecting to {address} is not allowed: it is not on the operator's list."
    mend_zh = "请运维人员把该地址加入 YW_SOURCE_HOSTS。"
    mend_en = "Ask the operator to add the address to YW_SOURCE_HOSTS."


class HostNotPublic(ConnectorError):
    """What is sent by itself goes to public addresses, unless the operator listed the host."""

    code = "connector-host-not-public"
    permanent = True
    message_zh = "不会向 {address} 发送：它不是公网地址，也不在运维人员设定的名单里。"
    message_en = "Nothing is sent to {address}: it is not a public address, nor on the operator's list."
    mend_zh = "改用公网可达的地址；接收端在内网的，请运维人员把它加入 YW_WEBHOOK_HOSTS。"
    mend_en = "Use a public address; for a receiver on an inner network have the operator add it to YW_WEBHOOK_HOSTS."


class HostUnknown(ConnectorError):
    """The host name does not resolve."""

    code = "connector-host-unknown"
    message_zh = "找不到主机 {address}。"
    message_en = "The host {address} cannot be found."
    mend_zh = "核对主机名；也可以直接填写 IP 地址。"
    mend_en = "Check the host name, or give its IP address."


class DatabaseUnreachable(ConnectorError):
    """Nothing answers at the address."""

    code = "connector-unreachable"
    message_zh = "连不上 {address}：没有数据库在那里应答。"
    message_en = "Cannot connect to {address}: no database answers there."
    mend_zh = "核对地址和端口，看数据库是否在运行、防火墙是否放行本平台。"
    mend_en = (
        "Check address and port, whether the database runs, and whether a firewall lets the platform in."
    )


class DatabaseSlow(ConnectorError):
    """The database did not answer in time."""

    code = "connector-slow"
    message_zh = "{address} 在 {timeout_ms} 毫秒内没有应答。"
    message_en = "{address} did not answer within {timeout_ms} ms."
    mend_zh = "看数据库是否繁忙、表上是否有锁；必要时调大超时，或给查询条件建索引。"
    mend_en = "See whether it is busy or the table locked; raise the time-out, or index what is looked up."


class LoginRefused(ConnectorError):
    """The database does not accept user and password."""

    code = "connector-login-refused"
    permanent = True
    message_zh = "{address} 不接受用户“{user}”：用户名、口令不对，或 pg_hba.conf 不许该用户从本平台登录。"
    message_en = "{address} refuses user “{user}”: wrong name or password, or pg_hba.conf does not let them in from here."
    mend_zh = "核对用户名和口令；请数据库管理员允许该用户登录。"
    mend_en = "Check user and password; ask the administrator to allow the user in."


class DatabaseMissing(ConnectorError):
    """The server has no database of this name."""

    code = "connector-database-missing"
    permanent = True
    message_zh = "{address} 上没有名为“{database}”的数据库。"
    message_en = "There is no database “{database}” at {address}."
    mend_zh = "核对数据库名，注意大小写。"
    mend_en = "Check the name of the database; upper and lower case differ."


class DatabaseCrowded(ConnectorError):
    """The server has no connection left."""

    code = "connector-crowded"
    message_zh = "{address} 的连接数已满。"
    message_en = "{address} has no connection left."
    mend_zh = "稍后再试，或请管理员为该用户预留连接。"
    mend_en = "Try again later, or have connections reserved for the user."


class RightMissing(ConnectorError):
    """The user may not read the table."""

    code = "connector-right-missing"
    permanent = True
    message_zh = "用户“{user}”无权读取 {relation}。"
    message_en = "User “{user}” may not read {relation}."
    mend_zh = "请管理员执行 GRANT USAGE ON SCHEMA 和 GRANT SELECT ON 该表。"
    mend_en = "Have the administrator GRANT USAGE on the schema and SELECT on the table."


class RelationMissing(ConnectorError):
    """The database has no such table or view that the user may see."""

    code = "connector-relation-missing"
    permanent = True
    message_zh = "没有用户“{user}”可见的表或视图 {relation}。"
    message_en = "There is no table or view {relation} that user “{user}” may see."
    mend_zh = "从列表中选择；若刚建立，请管理员授予读取权限。"
    mend_en = "Choose one from the list; if it is new, have read rights granted."


class TextGarbled(ConnectorError):
    """Text cannot be read as the encoding that the database declares."""

    code = "connector-text-garbled"
    permanent = True
    message_zh = "{relation} 的列 {columns} 含有不能按 UTF-8 读取的文字（数据库编码为 {encoding}）。"
    message_en = "Columns {columns} of {relation} hold text that is not UTF-8 (database encoding {encoding})."
    mend_zh = "建一个视图，用 convert_from(列::bytea, 'GBK') 之类转换编码，挂接该视图。"
    mend_en = "Make a view that converts it, such as convert_from(column::bytea, 'GBK'), and mount the view."


class NoPostgreSQL(ConnectorError):
    """Something answers, but it does not speak PostgreSQL, or drops the connection."""

    code = "connector-not-postgresql"
    message_zh = "{address} 有应答，但不是可用的 PostgreSQL 服务（{reason}）。"
    message_en = "Something answers at {address}, but not as a PostgreSQL server would ({reason})."
    mend_zh = "核对端口；PostgreSQL 默认为 5432。"
    mend_en = "Check the port; PostgreSQL's is 5432 by default."


class DatabaseFault(ConnectorError):
    """The database reports a fault of its own."""

    code = "connector-fault"
    message_zh = "{address} 报告了错误（SQLSTATE {state}）。"
    message_en = "{address} reports a fault (SQLSTATE {state})."
    mend_zh = "请该数据库的管理员查看日志。"
    mend_en = "Ask the database's administrator to look at its log."


class AddressUnknown(ConnectorError):
    """The address is of no known kind."""

    code = "connector-address-unknown"
    permanent = True
    message_zh = "不认识的地址 {address}。"
    message_en = "{address} is no address of a known kind."
    mend_zh = (
        "写成 postgresql://用户:口令@主机:端口/库、mysql://…、oracle://…/服务名、dm://…/模式名、sqlite:文件，"
        "sftp://用户@主机/路径/文件.csv、https://主机/路径，或 .csv、.xlsx、.parquet、.geojson、.dbf 文件及放有它们的文件夹。"
    )
    mend_en = (
        "Give postgresql://USER:PASSWORD@HOST:PORT/DATABASE, mysql://…, oracle://…/SERVICE, dm://…/SCHEMA, sqlite:FILE, sftp://USER@HOST/PATH/FILE.csv,"
        " https://HOST/PATH, or a .csv, .xlsx, .parquet, .geojson or .dbf file, or a folder of them."
    )


class ParameterNotAllowed(ConnectorError):
    """An address carries parameters for the driver."""

    code = "connector-parameter-not-allowed"
    permanent = True
    message_zh = "地址里不能带连接参数：{parameters}。"
    message_en = "An address may not carry parameters of the connection: {parameters}."
    mend_zh = "去掉问号及其后的部分。"
    mend_en = "Take away the question mark and what follows it."


class FileNotAllowed(ConnectorError):
    """A file lies outside of the folders that the operator allows."""

    code = "connector-file-not-allowed"
    permanent = True
    message_zh = "不允许打开文件 {file}：它不在运维人员设定的文件夹里。"
    message_en = "Opening the file {file} is not allowed: it lies outside of the operator's folders."
    mend_zh = "把文件放进允许的文件夹，或在自己的电脑上用命令行复制。"
    mend_en = "Put it into an allowed folder, or copy it by the command line on your own machine."


class FileMissing(ConnectorError):
    """There is no such file."""

    code = "connector-file-missing"
    permanent = True
    message_zh = "找不到文件 {file}。"
    message_en = "There is no file {file}."
    mend_zh = "核对路径和文件名。"
    mend_en = "Check path and name."


class HostKeyUnknown(ConnectorError):
    """The key of an SFTP server is not the one that was agreed on."""

    code = "connector-host-key-unknown"
    permanent = True
    message_zh = "SFTP 服务器 {address} 的主机密钥不是约定的密钥（它出示的是 {seen}）。"
    message_en = "The key of the SFTP server {address} is not the agreed one (it shows {seen})."
    mend_zh = "用电话等另外的途径向对方核对密钥指纹，再设 YW_SOURCE_HOST_KEY 或 YW_TARGET_HOST_KEY；对不上的不要连接。"
    mend_en = (
        "Compare the fingerprint with its administrator by another way, such as the telephone, then set"
        " YW_SOURCE_HOST_KEY or YW_TARGET_HOST_KEY; where they differ do not connect."
    )


class RemoteFault(ConnectorError):
    """An SFTP or HTTP server did not do what it should."""

    code = "connector-remote-fault"
    message_zh = "{address} 没有给出所需的内容：{reason}。"
    message_en = "{address} did not give what was asked for: {reason}."
    mend_zh = "核对地址、权限和对方服务；对方故障的，稍后再试。"
    mend_en = "Check the address, the rights and the other side's service, or try again later."


class NameNotPlain(ConnectorError):
    """A service, schema or user by which a driver would be led elsewhere."""

    code = "connector-name-not-plain"
    permanent = True
    message_zh = "{kind} 的{what_zh}只能由字母、数字和 _ $ # 组成（服务名还可有 . 和 -）。"
    message_en = (
        "The {what_en} of {kind} is made of letters, digits, _ $ # alone (a service also of . and -)."
    )
    mend_zh = "写服务名、模式名和数据库用户本身；不接受连接描述符、tnsnames 别名、钱包、代理用户和连接参数。"
    mend_en = (
        "Give the plain name of service, schema and database user; connect descriptors, aliases of tnsnames, wallets,"
        " proxy users and parameters are not taken."
    )


class DriverMissing(ConnectorError):
    """The driver of this kind of database is not installed."""

    code = "connector-driver-missing"
    permanent = True
    message_zh = "连接{kind}需要驱动程序 {package}，本机没有安装。"
    message_en = "Connecting to {kind} needs the driver {package}, which is not installed."
    mend_zh = "安装可选组件 yiwang[{extra}]：.venv/bin/pip install '{wanted}'。"
    mend_en = "Install the extra yiwang[{extra}]: .venv/bin/pip install '{wanted}'."


class DriverBroken(ConnectorError):
    """The driver of this kind of database is installed and does not load."""

    code = "connector-driver-broken"
    permanent = True
    message_zh = "{kind}的驱动程序 {package} 已安装，但装载失败。"
    message_en = "The driver {package} of {kind} is installed, but does not load."
    mend_zh = "多半缺少动态库：执行 .venv/bin/python -c 'import {package}' 看缺哪个，再把它所在目录加入 LD_LIBRARY_PATH。"
    mend_en = (
        "Most likely a library is missing: .venv/bin/python -c 'import {package}' says which; add its folder to"
        " LD_LIBRARY_PATH."
    )


class TypeNotCarried(ConnectorError):
    """A column of a type whose values cannot be exchanged."""

    code = "connector-type-not-carried"
    permanent = True
    message_zh = "表 {table} 的列 {column} 是 {type} 类型，这种值不能交换。"
    message_en = "The column {column} of {table} is of the type {type}, whose values cannot be exchanged."
    mend_zh = "请提供方建一个不含该列、或把它转成文本的视图，从视图复制。"
    mend_en = "Ask the provider for a view without the column, or with it as text, and copy from the view."


class SourceOnly(ConnectorError):
    """A kind of database that is read and not written."""

    code = "connector-source-only"
    permanent = True
    message_zh = "{kind}只能作来源：写入没有在真实服务器上验证过。"
    message_en = "{kind} is a source only: writing has not been tried with a real server."
    mend_zh = "换一个 PostgreSQL、MySQL、SQLite 或文件作目标。"
    mend_en = "Choose PostgreSQL, MySQL, SQLite or a file as the target."


class EncodingUnfit(ConnectorError):
    """The server keeps text in an encoding by which keys cannot be compared."""

    code = "connector-encoding-unfit"
    permanent = True
    message_zh = "{address} 的文字不以 UTF-8 保存，不能按键逐段核对。"
    message_en = "{address} does not keep its text as UTF-8, so chunks cannot be compared by key."
    mend_zh = "请提供方导出成 UTF-8 的 CSV 或 Parquet 文件，从文件复制。"
    mend_en = "Have the provider export it as a CSV (UTF-8) or Parquet file, and copy from the file."
