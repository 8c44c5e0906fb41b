"""Serves a gateway over HTTP in this very process: no parent that could die without its child."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal

from yiwang.gateway.app import App
from yiwang.gateway.assembly import Gateway
from yiwang.gateway.http.server import Server

log = logging.getLogger(__name__)


async def serve(gateway: Gateway) -> None:
    """Start the gateway, serve until SIGTERM or SIGINT, stop it. Raises: OSError, where the port is taken."""
    config = gateway.config
    await gateway.start()
    server = Server(App(gateway).answer)
    gc.collect()
    gc.freeze()  # what lives as long as the process need not be looked at again and again
    gc.set_threshold(50_000, 20, 50)
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        await server.start(config.host, config.port)
        log.info("gateway %s of node %s listens on %s:%d", config.log, config.node, config.host, config.port)
        await told.wait()
        await server.stop()
    finally:
        await gateway.stop()
