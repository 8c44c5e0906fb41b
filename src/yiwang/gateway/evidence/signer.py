"""The signing process: takes head texts from a SEQPACKET socket, gives signatures back, one for one, in order.

A process and not a thread, so that a signature (SM2 takes some hundred microseconds) never waits for the event
loop's interpreter lock nor makes the loop wait for it.
"""

from __future__ import annotations

import argparse
import signal
import socket
from pathlib import Path

import msgspec

from yiwang.vocabulary.crypto import FileKeyProvider, SigningKey
from yiwang.vocabulary.evidence.leaf import SuiteName

LARGEST = 1 << 16


class Hello(msgspec.Struct, frozen=True):
    """What the process says first: whose signatures it gives."""

    kid: str
    suite: SuiteName


def serve(channel: socket.socket, key: SigningKey) -> None:
    """Sign until the other side closes."""
    channel.send(msgspec.json.encode({"kid": key.kid, "suite": key.suite.name}))
    while data := channel.recv(LARGEST):
        channel.send(key.sign(data))


def main() -> None:
    """`--keys DIR --purpose NAME --channel FD`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--purpose", default="evidence")
    parser.add_argument("--channel", type=int, required=True)
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, whose closing ends us
    with socket.socket(fileno=given.channel) as channel:
        serve(channel, FileKeyProvider(given.keys).signing_key(given.purpose))


if __name__ == "__main__":
    main()
