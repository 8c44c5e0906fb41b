"""Serves a gateway over HTTP in this very process: no parent that could die without its child."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal

from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from granian.server.embed import Server

from yiwang.gateway.app import App
from yiwang.gateway.assembly import Gateway

log = logging.getLogger(__name__)

HEADER_MILLISECONDS = 15_000
"""Time within which the head of a request must arrive; also how long a connection may idle."""
CONNECTIONS = 4096


async def serve(gateway: Gateway) -> None:
    """Start the gateway, serve until SIGTERM or SIGINT, stop it."""
    config = gateway.config
    await gateway.start()
    server = Server(
        App(gateway),
        address=config.host,
        port=config.port,
        http=HTTPModes.http1,
        websockets=False,
        backlog=2048,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=64 << 10),
        log_enabled=False,
    )
    gc.collect()
    gc.freeze()  # what lives as long as the process need not be looked at again and again
    gc.set_threshold(50_000, 20, 50)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    log.info("gateway %s of node %s listens on %s:%d", config.log, config.node, config.host, config.port)
    try:
        await server.serve()
    finally:
        await gateway.stop()
