"""A verifying process: takes packets of signatures and records from its socket, says right or wrong for each."""

from __future__ import annotations

import argparse
import os
import signal
import socket
from contextlib import suppress
from typing import Final

from yiwang.gateway.verification import packets, records
from yiwang.vocabulary.crypto import SUITES, CryptoError, PublicKey, load_public

_KEYS: Final = 4096


def serve(channel: socket.socket) -> None:
    """Verify until the other side closes. A packet is answered by a packet: each wakes the gateway once (docs/adr/0326)."""
    keys: dict[bytes, PublicKey] = {}
    while packet := channel.recv(packets.LARGEST):
        channel.send(
            b"".join(
                packets.verdict(
                    number,
                    _compared(key, signature, base)
                    if kind == packets.RECORD
                    else _judge(keys, key, signature, base),
                )
                for number, kind, key, signature, base in packets.unpack(packet)
            )
        )


def _judge(keys: dict[bytes, PublicKey], spki: bytes, signature: bytes, base: bytes) -> int:
    try:
        key = keys.get(spki)
        if key is None:
            if len(keys) >= _KEYS:
                keys.clear()
            key = keys[spki] = load_public(spki)
        return packets.RIGHT if key.verify(base, signature) else packets.WRONG
    except CryptoError:
        return packets.WRONG


def _compared(suite: bytes, root: bytes, entries: bytes) -> int:
    return packets.RIGHT if records.fits(SUITES[suite.decode()], entries, root) else packets.WRONG


def main() -> None:
    """`--channel FD`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, whose closing ends us
    with suppress(OSError):
        # a packet waits until the gateway, which sent it, has no more to do or there is another processor: waking
        # up must not take away the one on which later steps of other calls are under way
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with socket.socket(fileno=given.channel) as channel:
        serve(channel)


if __name__ == "__main__":
    main()
