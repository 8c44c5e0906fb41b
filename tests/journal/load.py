"""A process that writes evidence under load and tells, line by line, every answer that left: to be killed.

`python -m tests.journal.load URL FOLDER KEYS LOG SIGNER`: prints `ready`, then one receipt a line, unbuffered.
SIGNER is `process`, as a gateway has it, or `inline`.
With the log `office` it is the notary instead, and prints nothing more.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import uvloop
from msgspec.structs import replace

from tests.journal.cases import answer, charge, head_key, period_key, person
from yiwang.blocks.journal.domain.errors import JournalError
from yiwang.gateway.evidence.notary import Notary
from yiwang.gateway.evidence.signing import KeySigner, ProcessSigner, Signer
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.vocabulary.crypto import FileKeyProvider

CALLERS = 24
PAUSE = 0.06 if "seal" in os.environ.get("YW_FAULTS", "") else 0.0


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


async def call_forever(writer: EvidenceWriter, caller: int) -> None:
    number = 0
    while True:
        number += 1
        name = f"{os.getpid()}-{caller}-{number}"
        prepared = answer(
            nonce=name, charged=charge(key=name, calls=10**9, subjects=(name,), subjects_limit=10**9),
            subjects=(person(number),),
        )  # fmt: skip
        # of calls in sessions, batches are signed while the one before is stored, and most heads get their signature later
        in_session = caller % 8 != 0
        try:
            receipt = await writer.commit(replace(prepared, proving=not in_session))
        except JournalError:
            await asyncio.sleep(0.01)
            continue
        if not in_session:
            say(receipt.header())
        # there are batches without a proof, and, where it is to die at such a signature, moments without a batch
        if in_session:
            await asyncio.sleep(PAUSE)
        else:
            await asyncio.sleep(0.02 + 2 * PAUSE)


async def write(url: str, folder: Path, keys: Path, log: str, signer: Signer) -> None:
    writer = EvidenceWriter(
        url, node="lanzhou", log=log, signer=signer, subject_key=period_key,
        high_water=folder / "journal", patience=1.5, head_key=head_key,
    )  # fmt: skip
    await writer.start()
    say("ready")
    await asyncio.gather(*(call_forever(writer, caller) for caller in range(CALLERS)))


async def notarise(url: str, folder: Path, keys: Path) -> None:
    provider = FileKeyProvider(keys, create=True)
    notary = Notary(
        url, node="lanzhou", signer=KeySigner(provider.signing_key("evidence")), keys=provider,
        high_water=folder / "journal",
    )  # fmt: skip
    say("ready")
    await notary.run()


def main() -> None:
    url, folder, keys, log, signer = sys.argv[1:]
    if log == "office":
        uvloop.run(notarise(url, Path(folder), Path(keys)))
    else:
        inline = KeySigner(FileKeyProvider(Path(keys)).signing_key("evidence"))
        chosen = inline if signer == "inline" else ProcessSigner(Path(keys))
        uvloop.run(write(url, Path(folder), Path(keys), log, chosen))


if __name__ == "__main__":
    main()
