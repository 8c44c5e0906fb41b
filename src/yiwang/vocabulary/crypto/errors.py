"""What can go wrong with keys, signatures and sealed values. A *wrong* signature is not an error: it is `False`."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class CryptoError(YwError):
    """A key, a signature or a sealed value cannot be used."""

    code = "crypto-failed"
    message_zh = "密码运算失败:{reason}"
    message_en = "A cryptographic operation failed: {reason}"
    mend_zh = "请把这条信息告诉平台运维。"
    mend_en = "Give this message to the platform's operator."


class LibcryptoMissing(CryptoError):
    """The system's OpenSSL 3 library, which computes SM2, is not there."""

    code = "libcrypto-missing"
    message_zh = "找不到系统的 OpenSSL 3 密码库(libcrypto.so.3),无法使用国密 SM2:{reason}"
    message_en = (
        "The system's OpenSSL 3 library (libcrypto.so.3) is needed for SM2 and was not found: {reason}"
    )
    mend_zh = "请安装 Debian 软件包 libssl3(apt-get install libssl3),然后重新启动。"
    mend_en = "Install the Debian package libssl3 (apt-get install libssl3) and start again."


class UnknownSuite(CryptoError):
    """The named cipher suite is none of ours."""

    code = "crypto-suite-unknown"
    message_zh = "不认识的密码套件「{suite}」,只支持 {known}。"
    message_en = "The cipher suite '{suite}' is not known; known are {known}."
    mend_zh = "请使用 sm2-sm3(国密)或 ed25519。"
    mend_en = "Use sm2-sm3 (national) or ed25519."


class BadKey(CryptoError):
    """A key cannot be read or is not a valid key of a known suite."""

    code = "crypto-key-invalid"
    message_zh = "密钥无法使用:{reason}"
    message_en = "The key cannot be used: {reason}"
    mend_zh = "请检查密钥文件是否完整,是否为 SM2 或 Ed25519 的 PEM(PKCS#8 私钥或 SPKI 公钥)。"
    mend_en = "Check that the file is complete and holds an SM2 or Ed25519 key in PEM (PKCS#8 private or SPKI public)."


class WrongPassword(BadKey):
    """A private key is encrypted and the password is missing or wrong."""

    code = "crypto-key-password"
    message_zh = "私钥已加密,口令缺失或不正确。"
    message_en = "The private key is encrypted and its password is missing or wrong."
    mend_zh = "请提供正确的私钥口令。"
    mend_en = "Give the right password of the private key."


class BadSignatureEncoding(CryptoError):
    """A signature is not even of the form that its suite prescribes, so there is nothing to verify."""

    code = "signature-encoding-invalid"
    message_zh = "签名值的编码不正确:{reason}"
    message_en = "The signature value is not properly encoded: {reason}"
    mend_zh = "SM2 签名必须是 DER 编码的 SEQUENCE{{r, s}},Ed25519 签名必须是 64 字节。"
    mend_en = "An SM2 signature must be a DER SEQUENCE{{r, s}}, an Ed25519 signature 64 bytes."


class SealBroken(CryptoError):
    """A sealed value was changed, belongs to another key or was sealed for another place."""

    code = "crypto-seal-broken"
    message_zh = "加密保存的内容无法解开:密钥不符,或内容已被改动。"
    message_en = (
        "The sealed value cannot be opened: it was changed, or sealed under another key or for another place."
    )
    mend_zh = "请确认密钥目录与数据库来自同一次备份,必要时重新录入该内容。"
    mend_en = "Make sure that the key directory and the database are of the same backup; else enter the value again."


class KeysNotWired(CryptoError):
    """The process was started without the node's keys."""

    code = "keys-not-wired"
    permanent = False
    message_zh = "本进程没有接入节点密钥，不能加密保存或解开内容。"
    message_en = "This process has no access to the node's keys, so nothing can be sealed or opened."
    mend_zh = "请平台运维检查节点的密钥目录（YW_DATA/keys）或密码设备，以及节点的启动方式。"
    mend_en = "Ask the operator to check the node's key folder (YW_DATA/keys) or device, and how the node was started."


class KeyStoreError(CryptoError):
    """The place where keys are kept cannot be used."""

    code = "key-store-failed"
    message_zh = "密钥目录无法使用:{reason}({path})"
    message_en = "The key directory cannot be used: {reason} ({path})"
    mend_zh = "请检查密钥目录的内容与权限。"
    mend_en = "Check the content and the permissions of the key directory."


class KeyFileExposed(KeyStoreError):
    """A key file or directory can be read by others than its owner."""

    code = "key-file-exposed"
    message_zh = "密钥文件 {path} 的权限是 {mode},其他用户可以读取。"
    message_en = "The key file {path} has mode {mode}: other users can reach it."
    mend_zh = "请执行 chmod 600(目录为 700),确认属主正确;如可能已泄露,请更换密钥。"
    mend_en = (
        "Run chmod 600 (700 for the directory) and check the owner; replace the key if it may have been read."
    )


class KeyMissing(KeyStoreError):
    """There is no key for the purpose at that time."""

    code = "key-missing"
    message_zh = "没有用途为「{purpose}」且当前有效的密钥({path})。"
    message_en = "There is no key for the purpose '{purpose}' that is valid now ({path})."
    mend_zh = "请生成或轮换该用途的密钥。"
    mend_en = "Create or rotate the key of that purpose."


class KeyRetired(KeyStoreError):
    """A sealing key was destroyed after its values had been sealed anew."""

    code = "key-retired"
    message_zh = "密钥 {purpose} 已停用并销毁,用它加密的内容无法再解开。"
    message_en = "The key {purpose} was retired and destroyed; what it sealed cannot be opened any more."
    mend_zh = "若数据库来自停用之前的备份,请同时恢复当时的密钥目录。"
    mend_en = (
        "If the database comes from a backup made before, restore the key folder of that backup with it."
    )
