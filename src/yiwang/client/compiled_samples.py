"""Ready code in Java and C#. Tests read the signature base out of the text and compare it with recorded signatures."""

from __future__ import annotations

import json

from yiwang.client.samples import Sample
from yiwang.vocabulary.envelope import Purpose
from yiwang.vocabulary.envelope.profile import component_list

KEY_ID = "KEY-ID"
"""Stands where the caller's key id is not known yet."""

_COMMENTS = {
    "zh": {
        "about_java": "// 调用一次资源。Java 17 以上，运行：java -Dfile.encoding=UTF-8 Call.java 私钥.pem\n"
        "// Ed25519 私钥不需要别的库；SM2 私钥需要 Bouncy Castle：\n"
        "// java -Dfile.encoding=UTF-8 -cp bcprov-jdk18on.jar Call.java 私钥.pem",
        "about_csharp": "调用一次资源。.NET 8 以上；先 dotnet add package BouncyCastle.Cryptography，再 dotnet run 私钥.pem",
        "about_kid": "公钥编号，见“调用程序”页",
        "about_user": "用户标识为缺省的 1234567812345678",
    },
    "en": {
        "about_java": "// Calls a resource once. Java 17 or later; run: java -Dfile.encoding=UTF-8 Call.java key.pem\n"
        "// An Ed25519 key needs no library; an SM2 key needs Bouncy Castle:\n"
        "// java -Dfile.encoding=UTF-8 -cp bcprov-jdk18on.jar Call.java key.pem",
        "about_csharp": "Calls a resource once. .NET 8 or later; dotnet add package BouncyCastle.Cryptography, then dotnet run key.pem",
        "about_kid": "number of the public key, see the page of client applications",
        "about_user": "the user id is the default, 1234567812345678",
    },
}

_JAVA = r"""%(about_java)s
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

public class Call {
    static final String GATEWAY = %(gateway)s;
    static final String NODE = %(node)s;
    static final String PATH = %(path)s;
    static final String PURPOSE = %(purpose)s;
%(grant_java)s    static final String KEY_ID = %(kid)s; // %(about_kid)s
    static final String BODY = %(ascii_body)s;

    public static void main(String[] args) throws Exception {
        String pem = Files.readString(Path.of(args[0])).replaceAll("-----[A-Z ]+-----", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem));
        PrivateKey key;
        String suite;
        String label;
        MessageDigest hash;
        Signature signer;
        try {
            key = KeyFactory.getInstance("Ed25519").generatePrivate(spec);
            suite = "ed25519";
            label = "sha-256";
            hash = MessageDigest.getInstance("SHA-256");
            signer = Signature.getInstance("Ed25519");
        } catch (InvalidKeySpecException other) {
            Class<?> castle = Class.forName("org.bouncycastle.jce.provider.BouncyCastleProvider");
            Security.addProvider((Provider) castle.getDeclaredConstructor().newInstance());
            key = KeyFactory.getInstance("EC", "BC").generatePrivate(spec);
            suite = "sm2-sm3";
            label = "sm3";
            hash = MessageDigest.getInstance("SM3", "BC");
            signer = Signature.getInstance("SM3withSM2", "BC"); // %(about_user)s
        }
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        String digest = label + "=:" + Base64.getEncoder().encodeToString(hash.digest(body)) + ":";
        String created = Long.toString(System.currentTimeMillis() / 1000);
        String nonce = random();
        String once = random();
        String path = URI.create(GATEWAY).getRawPath() + PATH;
        String parameters = %(parameters)s;
        String base = %(base)s;
        signer.initSign(key);
        signer.update(base.getBytes(StandardCharsets.US_ASCII));
        String signature = Base64.getEncoder().encodeToString(signer.sign());

        HttpRequest request = HttpRequest.newBuilder(URI.create(GATEWAY + PATH))
            .header("Content-Type", "application/json")
            .header("Content-Digest", digest)
            .header("YW-Node", NODE)
            .header("YW-Purpose", PURPOSE)
%(grant_java_header)s            .header("Idempotency-Key", once)
            .header("Signature-Input", "yw=" + parameters)
            .header("Signature", "yw=:" + signature + ":")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
        HttpResponse<String> answer = HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        System.out.println(answer.statusCode());
        System.out.println(answer.body());
    }

    static String random() {
        byte[] bytes = new byte[18];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
"""
_CSHARP = r"""// %(about_csharp)s
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

const string GATEWAY = %(gateway)s;
const string NODE = %(node)s;
const string PATH = %(path)s;
const string PURPOSE = %(purpose)s;
%(grant_csharp)sconst string KEY_ID = %(kid)s; // %(about_kid)s
const string BODY = %(body)s;

var pem = Regex.Replace(File.ReadAllText(args[0]), "-----[A-Z ]+-----", "");
AsymmetricKeyParameter key = PrivateKeyFactory.CreateKey(Convert.FromBase64String(pem));
bool modern = key is Ed25519PrivateKeyParameters;
string suite = modern ? "ed25519" : "sm2-sm3";
string label = modern ? "sha-256" : "sm3";
IDigest hash = modern ? new Sha256Digest() : new SM3Digest();
ISigner signer = modern ? new Ed25519Signer() : new SM2Signer(new SM3Digest()); // %(about_user)s

byte[] body = Encoding.UTF8.GetBytes(BODY);
byte[] hashed = new byte[hash.GetDigestSize()];
hash.BlockUpdate(body, 0, body.Length);
hash.DoFinal(hashed, 0);
string digest = label + "=:" + Convert.ToBase64String(hashed) + ":";
string created = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString();
string nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
string once = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
string path = new Uri(GATEWAY).AbsolutePath.TrimEnd('/') + PATH;
string parameters = %(parameters)s;
string @base = %(base)s;
byte[] signed = Encoding.ASCII.GetBytes(@base);
signer.Init(true, key);
signer.BlockUpdate(signed, 0, signed.Length);
string signature = Convert.ToBase64String(signer.GenerateSignature());

var address = new Uri(GATEWAY + PATH, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
request.Headers.TryAddWithoutValidation("Content-Digest", digest);
request.Headers.TryAddWithoutValidation("YW-Node", NODE);
request.Headers.TryAddWithoutValidation("YW-Purpose", PURPOSE);
%(grant_csharp_header)srequest.Headers.TryAddWithoutValidation("Idempotency-Key", once);
request.Headers.TryAddWithoutValidation("Signature-Input", "yw=" + parameters);
request.Headers.TryAddWithoutValidation("Signature", "yw=:" + signature + ":");
using var client = new HttpClient();
using HttpResponseMessage answer = await client.SendAsync(request);
Console.WriteLine((int)answer.StatusCode);
Console.WriteLine(await answer.Content.ReadAsStringAsync());
"""


def java_sample(call: Sample, *, kid: str = KEY_ID) -> str:
    """A Java 17 program of one file; its one argument is the private key's file.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    return _JAVA % _parts(call, kid, " " * 12)


def csharp_sample(call: Sample, *, kid: str = KEY_ID) -> str:
    """A C# 12 program of top-level statements; its one argument is the private key's file.

    Raises:
        PurposeMalformed: the purpose is none.
    """
    return _CSHARP % _parts(call, kid, " " * 4)


def _parts(call: Sample, kid: str, indent: str) -> dict[str, str]:
    grant = _text(call.grant) if call.grant else ""
    return {
        "gateway": _text(call.gateway.rstrip("/")),
        "node": _text(call.node or "NODE"),
        "path": _text(call.path),
        "purpose": _text(Purpose.parse(call.purpose).header),
        "body": _text(call.body),
        # Java before 18 reads its source in the machine's own encoding: nothing that is sent may depend on it
        "ascii_body": json.dumps(call.body),
        **_COMMENTS[call.language],
        "kid": _text(kid),
        "grant_java": f"    static final String GRANT = {grant};\n" if grant else "",
        "grant_csharp": f"const string GRANT = {grant};\n" if grant else "",
        "grant_java_header": '            .header("YW-Grant", GRANT)\n' if grant else "",
        "grant_csharp_header": 'request.Headers.TryAddWithoutValidation("YW-Grant", GRANT);\n'
        if grant
        else "",
        "parameters": _parameters(call, indent),
        "base": _base(call, indent),
    }


def _parameters(call: Sample, indent: str) -> str:
    """The expression that makes the value of `Signature-Input` after `yw=`."""
    named = (
        "content-digest",
        "yw-node",
        "yw-purpose",
        *(("yw-grant",) if call.grant else ()),
        "idempotency-key",
    )
    components = component_list(dict.fromkeys(named, ""))
    parts = [
        _text(components),
        _text(";created=") + " + created",
        _text(';nonce="') + " + nonce",
        _text('";keyid="') + " + KEY_ID",
        _text('";alg="') + " + suite + " + _text('"'),
    ]
    return f"\n{indent}+ ".join(parts)


def _base(call: Sample, indent: str) -> str:
    """The expression that makes the signature base: docs/specs/envelope.md §5."""
    variables = {"@path": "path", "content-digest": "digest", "yw-node": "NODE", "yw-purpose": "PURPOSE"}
    variables |= {"yw-grant": "GRANT"} if call.grant else {}
    variables |= {"idempotency-key": "once"}
    parts = [_text('"@method": POST\n')]
    for name, variable in variables.items():
        parts.append(" + ".join((_text(f'"{name}": '), variable, _text("\n"))))
        if name == "@path":
            parts.append(_text('"@query": ?\n'))
    parts.append(_text('"@signature-params": ') + " + parameters")
    return f"\n{indent}+ ".join(parts)


def _text(value: str) -> str:
    """A string literal that Java and C# read alike."""
    literal = json.dumps(value, ensure_ascii=False)
    for ends_a_line in "\x7f\x85\u2028\u2029":
        literal = literal.replace(ends_a_line, f"\\u{ord(ends_a_line):04x}")
    return literal
