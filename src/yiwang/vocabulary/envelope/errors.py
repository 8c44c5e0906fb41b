"""What can be wrong with a signed request, each with its own name.

Nothing here is evidence of who called: these are found before, or instead of, a valid signature.
"""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError

_SPEC_ZH = "请对照 docs/specs/envelope.md 修正签名程序,或直接使用 yiwang.client。"
_SPEC_EN = "Correct the signing program by docs/specs/envelope.md, or use yiwang.client."


class EnvelopeError(YwError):
    """A request's envelope is not of the profile."""

    code = "envelope-invalid"
    message_zh = "请求的签名信封不符合规范:{reason}"
    message_en = "The request's envelope is not of the profile: {reason}"
    mend_zh = _SPEC_ZH
    mend_en = _SPEC_EN


class HeaderMissing(EnvelopeError):
    """A header that the profile requires is absent."""

    code = "envelope-header-missing"
    message_zh = "缺少请求头 {header}。"
    message_en = "The header {header} is missing."


class HeaderRepeated(EnvelopeError):
    """A header stands more than once, so it is not clear which one was meant."""

    code = "envelope-header-repeated"
    message_zh = "请求头 {header} 出现了多次。"
    message_en = "The header {header} stands more than once."


class HeaderMalformed(EnvelopeError):
    """A header's value has a wrong form or is too long."""

    code = "envelope-header-malformed"
    message_zh = "请求头 {header} 的内容格式不正确:{reason}"
    message_en = "The value of the header {header} is malformed: {reason}"


class TargetMalformed(EnvelopeError):
    """Method, path or query has characters that cannot stand in a signature base, or is too long."""

    code = "envelope-target-malformed"
    message_zh = "请求的 {part} 含有不允许的字符,或者过长。"
    message_en = "The request's {part} has characters that are not allowed, or is too long."
    mend_zh = "请对路径和查询串做百分号编码(UTF-8)。"
    mend_en = "Percent-encode the path and the query (UTF-8)."


class SignatureMissing(EnvelopeError):
    """The request is not signed."""

    code = "signature-missing"
    message_zh = "请求没有签名(缺少请求头 {header})。"
    message_en = "The request is not signed (the header {header} is missing)."


class SignatureInputMalformed(EnvelopeError):
    """`Signature-Input` is not of the profile's form."""

    code = "signature-input-malformed"
    message_zh = "请求头 Signature-Input 第 {at} 个字符处格式不正确:{reason}"
    message_en = "Signature-Input is malformed at character {at}: {reason}"


class SignatureLabelUnknown(EnvelopeError):
    """There is a signature under another label than `yw`."""

    code = "signature-label-unknown"
    message_zh = "签名标签「{label}」不被接受:必须有且只有标签为 yw 的一个签名。"
    message_en = (
        "The signature label '{label}' is not accepted: exactly one signature, labelled yw, is required."
    )


class SignatureComponentMissing(EnvelopeError):
    """The signature does not cover a component that it must cover."""

    code = "signature-component-missing"
    message_zh = "签名没有覆盖必须覆盖的 {component}。"
    message_en = "The signature does not cover {component}, which it must."


class SignatureComponentUnknown(EnvelopeError):
    """The signature covers a component that the profile does not know."""

    code = "signature-component-unknown"
    message_zh = "签名覆盖了规范之外的 {component}。"
    message_en = "The signature covers {component}, which is not of the profile."


class SignatureComponentOrder(EnvelopeError):
    """The covered components are not in the prescribed order, or one is named twice."""

    code = "signature-component-order"
    message_zh = "签名覆盖的各项顺序不对或重复,应为:{expected}。"
    message_en = "The covered components are repeated or not in the prescribed order, which is: {expected}."


class SignatureParameterMissing(EnvelopeError):
    """A signature parameter is absent."""

    code = "signature-parameter-missing"
    message_zh = "签名缺少参数 {parameter}。"
    message_en = "The signature parameter {parameter} is missing."


class SignatureParameterUnknown(EnvelopeError):
    """A signature parameter is not of the profile."""

    code = "signature-parameter-unknown"
    message_zh = "签名参数 {parameter} 不在规范之内。"
    message_en = "The signature parameter {parameter} is not of the profile."


class SignatureParameterMalformed(EnvelopeError):
    """A signature parameter has a wrong form or stands in a wrong place."""

    code = "signature-parameter-malformed"
    message_zh = "签名参数 {parameter} 不正确:{reason}"
    message_en = "The signature parameter {parameter} is wrong: {reason}"


class NonceMalformed(SignatureParameterMalformed):
    """The nonce is too short, too long, or not base64url."""

    code = "signature-nonce-malformed"
    message_zh = "签名的随机数 nonce 不正确:应为 22 至 64 个 base64url 字符,实际 {length} 个。"
    message_en = "The nonce is wrong: 22 to 64 base64url characters are required, there are {length}."
    mend_zh = "请为每个请求生成至少 16 字节的新随机数,以无填充的 base64url 书写。"
    mend_en = (
        "Make at least 16 new random bytes for each request and write them in base64url without padding."
    )


class SignatureAlgorithmUnknown(EnvelopeError):
    """`alg` names no suite of ours."""

    code = "signature-algorithm-unknown"
    message_zh = "不认识的签名算法「{alg}」,只支持 sm2-sm3、ed25519，会话中为 hmac-sm3、hmac-sha256。"
    message_en = "The signature algorithm '{alg}' is not known; known are sm2-sm3 and ed25519, in sessions hmac-sm3 and hmac-sha256."


class SignatureAlgorithmMismatch(EnvelopeError):
    """`alg` is not the suite of the key that `keyid` names."""

    code = "signature-algorithm-mismatch"
    message_zh = "请求声明的算法是 {alg},但该密钥属于 {suite}。"
    message_en = "The request says {alg}, but the key belongs to {suite}."


class SignatureNotBase64(EnvelopeError):
    """The `Signature` header does not hold canonical base64 of a possible length."""

    code = "signature-not-base64"
    message_zh = "请求头 Signature 不是规范的 base64:{reason}"
    message_en = "The header Signature is not canonical base64: {reason}"


class SignatureWrong(EnvelopeError):
    """The signature does not fit the request under the named key."""

    code = "signature-wrong"
    message_zh = "签名与请求不符:请求在签名之后被改动,或用了别的私钥。"
    message_en = (
        "The signature does not fit the request: it was changed after signing, or signed by another key."
    )
    mend_zh = "请核对签名原文(方法、路径、查询串、各请求头)与私钥是否正确。"
    mend_en = (
        "Check the signature base (method, path, query, headers) and that the private key is the right one."
    )


class SignatureStale(EnvelopeError):
    """The request was signed outside the window around the server's time."""

    code = "signature-stale"
    permanent = False
    message_zh = "签名时间 {created} 与服务器时间 {server_time} 相差超过 {window} 秒。"
    message_en = (
        "The signature's time {created} differs from the server's time {server_time} by over {window} s."
    )
    mend_zh = "请校准本机时钟(如配置 NTP),重新签名后再试。"
    mend_en = "Set this machine's clock (for example by NTP), sign again and retry."


class ContentDigestMalformed(EnvelopeError):
    """`Content-Digest` is not one digest by the request's suite."""

    code = "content-digest-malformed"
    message_zh = "请求头 Content-Digest 不正确,应为 {expected}=:base64:。"
    message_en = "The header Content-Digest is wrong; it must be {expected}=:base64:."


class ContentDigestMismatch(EnvelopeError):
    """The body is not the one whose digest was signed."""

    code = "content-digest-mismatch"
    message_zh = "请求正文与签名时的摘要不符,正文在签名之后被改动。"
    message_en = "The body does not fit the signed digest: it was changed after signing."
    mend_zh = "请检查中间设备是否改写了正文,并确认先定稿正文再计算摘要。"
    mend_en = (
        "Check that no intermediary rewrites the body, and that the digest is computed over the final bytes."
    )


class NodeMismatch(EnvelopeError):
    """The request was signed for another node."""

    code = "node-mismatch"
    message_zh = "请求是签给节点「{addressed}」的,本节点是「{node}」。"
    message_en = "The request was signed for the node '{addressed}'; this is '{node}'."
    mend_zh = "请核对网关地址与 YW-Node 是否对应。"
    mend_en = "Check that the gateway's address and YW-Node belong together."


class PurposeMalformed(EnvelopeError):
    """A purpose is not of the prescribed form."""

    code = "purpose-malformed"
    message_zh = "用途「{purpose}」的格式不正确:{reason}"
    message_en = "The purpose '{purpose}' is malformed: {reason}"
    mend_zh = (
        "请写成 item:事项编码 或 law:法规编号#条款,需要时加 ;case=办件编号;请求头中用百分号编码(UTF-8)。"
    )
    mend_en = (
        "Write item:<service item code> or law:<law id>#<article>, followed by ;case=<case number> "
        "where there is one; in the header it is percent-encoded UTF-8."
    )
