"""Errors of file exchange, met over the gateway's interface and on pages."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class FilesError(YwError):
    """A file could not be taken or given."""

    code = "files"


class FileUnknown(FilesError):
    """No such file, or it is not for the caller: strangers get the same answer."""

    code = "file-unknown"
    message_zh = "没有编号为 {file} 的文件，或贵机构无权取用。"
    message_en = "There is no file {file}, or your agency may not have it."
    mend_zh = "先列出资源的文件核对编号；需要时在平台上申请以文件方式使用。"
    mend_en = "List the resource's files and check the id; apply for the resource by file where needed."


class FileGone(FilesError):
    """The upload ran out, the file was taken back, or its days are over."""

    code = "file-gone"
    message_zh = "文件 {file} 已不再保存：{reason}。"
    message_en = "The file {file} is no longer kept: {reason}."
    mend_zh = "请提供方重新上传。"
    mend_en = "Ask the provider to upload it again."


class FileNotReady(FilesError):
    """The file has arrived and is being checked; nobody gets it before."""

    code = "file-not-ready"
    permanent = False
    message_zh = "文件 {file} 正在检查，还不能取用。"
    message_en = "The file {file} is being checked and cannot be fetched yet."
    mend_zh = "稍后再取。"
    mend_en = "Fetch it a little later."


class FileRefused(FilesError):
    """The check found something; nobody gets the file, its sender included."""

    code = "file-refused"
    message_zh = "文件 {file} 没有通过检查：{reason}。"
    message_en = "The file {file} did not pass its check: {reason}."
    mend_zh = "处理原件后重新上传。"
    mend_en = "Mend the original and upload it again."


class FilesNotOffered(FilesError):
    """The resource has no file service."""

    code = "files-not-offered"
    message_zh = "资源 {resource} 没有开通文件交换。"
    message_en = "The resource {resource} is not exchanged by file."
    mend_zh = "请提供方的数据专员在资源的“文件”页开通。"
    mend_en = "Ask a data officer of the provider to open it on the resource's page “Files”."


class NotTheProvider(FilesError):
    """Only the provider of a resource puts files there and takes them back."""

    code = "files-not-provider"
    message_zh = "只有资源 {resource} 的提供方可以上传或撤回文件。"
    message_en = "Only the provider of the resource {resource} uploads files and takes them back."
    mend_zh = "用提供方的应用密钥调用。"
    mend_en = "Call with a key of the provider's application."


class TusVersionWrong(FilesError):
    """The upload protocol is spoken in another version."""

    code = "tus-version"
    message_zh = "请求头 Tus-Resumable 须为 {version}。"
    message_en = "The header Tus-Resumable has to be {version}."
    mend_zh = "使用支持 tus {version} 的客户端。"
    mend_en = "Use a client of tus {version}."


class UploadHeaderWrong(FilesError):
    """A header of the upload is missing or cannot be read."""

    code = "upload-header"
    message_zh = "上传请求头 {header} 缺失或不合格：{reason}。"
    message_en = "The upload header {header} is missing or malformed: {reason}."
    mend_zh = "对照 docs/specs/files.md 改正。"
    mend_en = "Correct it by docs/specs/files.md."


class UploadUnsigned(FilesError):
    """A header that decides over the upload is not covered by the signature."""

    code = "upload-unsigned"
    message_zh = "请求头 {header} 须原样写进已签名的查询串，两处要一致。"
    message_en = "The header {header} has to stand in the signed query too, and say the same."
    mend_zh = "对照 docs/specs/files.md §2：把这些头以小写名字、百分号编码写进查询串。"
    mend_en = (
        "See docs/specs/files.md §2: repeat these headers in the query by lower-case name, percent-encoded."
    )


class UploadTooLarge(FilesError):
    """The file is larger than the resource takes."""

    code = "upload-too-large"
    message_zh = "文件有 {length} 字节，上限 {limit} 字节。"
    message_en = "The file has {length} bytes; the limit is {limit} bytes."
    mend_zh = "拆成几个文件，或请数据专员调高上限。"
    mend_en = "Split the file, or ask the data officer to raise the limit."


class UploadPieceTooLarge(FilesError):
    """One PATCH carries more than is taken at a time, or runs past the file's end."""

    code = "upload-piece-too-large"
    message_zh = "一次最多发送 {limit} 字节。"
    message_en = "At most {limit} bytes are taken at a time."
    mend_zh = "分成更小的块发送。"
    mend_en = "Send smaller pieces."


class UploadComplete(FilesError):
    """Nothing is added to a file that has arrived."""

    code = "upload-complete"
    message_zh = "文件 {file} 已收齐，不再接收内容。"
    message_en = "The file {file} has arrived whole; nothing is added to it."
    mend_zh = "要改内容，请另传一个文件。"
    mend_en = "Upload another file to change its content."


class OffsetWrong(FilesError):
    """The piece does not begin where the upload stands."""

    code = "upload-offset"
    message_zh = "已收到 {offset} 字节，不能从 {given} 处续传。"
    message_en = "{offset} bytes have arrived; the upload cannot go on at {given}."
    mend_zh = "用 HEAD 问得进度后从那里续传。"
    mend_en = "Ask for the offset with HEAD and go on from there."


class UploadTypeWrong(FilesError):
    """A piece comes with another content type than the protocol's."""

    code = "upload-type"
    message_zh = "Content-Type 须为 application/offset+octet-stream。"
    message_en = "Content-Type has to be application/offset+octet-stream."
    mend_zh = "改正请求头。"
    mend_en = "Correct the header."


class ChecksumWrong(FilesError):
    """The piece is not what its sender digested: it was changed on the way. Nothing of it is kept."""

    code = "upload-checksum"
    permanent = False
    message_zh = "这一块的摘要与 {header} 不符，未保存。"
    message_en = "The digest of this piece is not that of {header}; nothing of it was kept."
    mend_zh = "重发这一块。"
    mend_en = "Send the piece again."


class UploadBusy(FilesError):
    """Another request is adding to the same upload."""

    code = "upload-busy"
    permanent = False
    message_zh = "文件 {file} 正在接收另一个请求的内容。"
    message_en = "Another request is adding to the file {file}."
    mend_zh = "同一个文件一次只用一个连接上传；稍后用 HEAD 问得进度再续传。"
    mend_en = "Upload one file over one connection; ask for the offset with HEAD a little later."


class UploadsOpen(FilesError):
    """Too many uploads of the agency are unfinished."""

    code = "uploads-open"
    permanent = False
    message_zh = "贵机构有 {limit} 个上传没有完成，请先传完或取消。"
    message_en = "{limit} uploads of your agency are unfinished; finish or cancel some first."
    mend_zh = "续传或用 DELETE 取消旧的上传。"
    mend_en = "Go on with them, or cancel them with DELETE."


class ChunkDamaged(FilesError):
    """A stored chunk is missing or is not what its digest says."""

    code = "file-damaged"
    message_zh = "文件 {file} 的第 {chunk} 块已损坏。"
    message_en = "Chunk {chunk} of the file {file} is damaged."
    mend_zh = "请提供方重新上传，并告诉平台运维检查磁盘。"
    mend_en = "Ask the provider to upload it again, and the operator to check the disk."


class FileNameWrong(FilesError):
    """The file's name is not taken."""

    code = "file-name"
    message_zh = "文件名不合格：{reason}。"
    message_en = "The file name is not taken: {reason}."
    mend_zh = '改名后上传：不含路径、控制字符和 <>:"|?*，不超过 240 字节。'
    mend_en = 'Rename it: no path, no control characters, none of <>:"|?*, at most 240 bytes.'


class MediaNotTaken(FilesError):
    """The resource does not take this kind of file."""

    code = "file-media"
    message_zh = "资源不收 {media} 类型的文件，可收：{allowed}。"
    message_en = "The resource takes no {media}; it takes: {allowed}."
    mend_zh = "转换格式后上传，或请数据专员调整可收类型。"
    mend_en = "Convert the file, or ask the data officer to change what is taken."


class RangeUnsatisfiable(FilesError):
    """The range asked for lies outside the file."""

    code = "range-unsatisfiable"
    message_zh = "文件共 {length} 字节，没有所要的范围。"
    message_en = "The file has {length} bytes; the range asked for lies outside."
    mend_zh = "按文件长度改正 Range。"
    mend_en = "Correct Range by the file's length."


class ConcatWrong(FilesError):
    """Partial uploads cannot be joined as asked."""

    code = "upload-concat"
    message_zh = "不能这样拼接：{reason}。"
    message_en = "They cannot be joined so: {reason}."
    mend_zh = "各部分须是本应用已收齐的 partial 上传，除最后一个外长度为 4 MiB 的整数倍。"
    mend_en = "Parts are whole partial uploads of yours, each but the last a multiple of 4 MiB long."


class ReceiptWrong(FilesError):
    """A receipt names another digest than the file's."""

    code = "receipt-digest"
    message_zh = "回执的摘要与文件 {file} 不符。"
    message_en = "The receipt's digest is not that of the file {file}."
    mend_zh = "重新下载并核对后再回执。"
    mend_en = "Fetch and check the file again, then send the receipt."


class ShelfFormWrong(FilesError):
    """What was filled in for a resource's file exchange does not hold."""

    code = "files-form"
    message_zh = "{field} 不合格：{reason}。"
    message_en = "{field} is not acceptable: {reason}."
    mend_zh = "改正后保存。"
    mend_en = "Correct it and save again."
