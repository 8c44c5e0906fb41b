"""What can go wrong with a file on this machine, beside what goes wrong with any call."""

from __future__ import annotations

from yiwang.client.errors import ClientError


class LocalFileUnusable(ClientError):
    """The file here cannot be read or written."""

    code = "local-file"
    message_zh = "本地文件 {path} 读写不了：{reason}。"
    message_en = "The local file {path} cannot be read or written: {reason}."
    mend_zh = "核对路径、权限和磁盘空间。"
    mend_en = "Check path, rights and room on the disk."


class LocalFileExists(ClientError):
    """A file of that name is here already."""

    code = "local-file-exists"
    message_zh = "{path} 已存在，没有覆盖。"
    message_en = "{path} exists and was not overwritten."
    mend_zh = "换一个文件夹或文件名，或先移走它。"
    mend_en = "Give another folder or name, or move it away first."


class LocalFileChanged(ClientError):
    """The file was changed while it was sent."""

    code = "local-file-changed"
    message_zh = "{path} 在上传途中被改动，已停止。"
    message_en = "{path} was changed while it was uploaded; the upload was stopped."
    mend_zh = "等文件不再变动后重新上传。"
    mend_en = "Upload it again when it no longer changes."


class ChunkBroken(ClientError):
    """A chunk that arrived is not the one of the manifest; it was thrown away."""

    code = "file-chunk-broken"
    permanent = False
    message_zh = "文件 {file} 的第 {chunk} 块与清单不符，已丢弃。"
    message_en = "Chunk {chunk} of the file {file} is not that of its manifest and was thrown away."
    mend_zh = "再下载一次，会从完好的部分继续；仍不对，请告诉平台运维。"
    mend_en = "Download it again: it goes on from what is intact. If it persists, tell the operator."


class DownloadStuck(ClientError):
    """A download broke off again and again without getting further."""

    code = "download-stuck"
    permanent = False
    message_zh = "文件 {file} 的下载反复中断：{reason}。已收到 {done} 字节，都保留着。"
    message_en = "The download of the file {file} broke off again and again: {reason}. {done} bytes are kept."
    mend_zh = "检查网络后再运行一次，会接着下载。"
    mend_en = "Check the network and run it again: it goes on."
