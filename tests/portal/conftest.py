"""A browser for each person of the cast, and the external database of the exchange tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from tests.portal.acting import ACTOR, PEOPLE
from tests.store.exchange.conftest import external, key_folder, node, source
from yiwang.blocks.identity.public import Actor
from yiwang.portal import agencies, titles
from yiwang.portal.share import latest

__all__ = ["external", "key_folder", "node", "source"]

Browser = Callable[..., Client]


@pytest.fixture
def browser(settings: Settings) -> Browser:
    """`browser(actor)` opens pages as that person; `browser(None)` as a visitor.

    Addresses stay those of the settings: to set them, even to what they are, has every one read anew for each test.
    """
    settings.MIDDLEWARE = [
        "tests.portal.acting.ActingAs" if name.endswith(".CurrentActor") else name
        for name in settings.MIDDLEWARE
        if "whitenoise" not in name and not name.startswith("axes.")
    ]
    settings.MIDDLEWARE = ["yiwang.portal.security.ContentSecurityPolicy", *settings.MIDDLEWARE]
    agencies.forget()
    titles.forget()
    latest.forget()

    def opened(actor: Actor | None, language: str = "zh-hans") -> Client:
        client = Client()
        if actor is not None:
            PEOPLE[actor.username] = actor
            client.defaults[ACTOR] = actor.username
        client.cookies["django_language"] = language
        return client

    return opened
