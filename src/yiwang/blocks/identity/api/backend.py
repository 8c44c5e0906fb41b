"""Checks a username and a password for Django's `authenticate`, the same time long whether the account exists."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from yiwang.blocks.identity.queries.actors import caller_address
from yiwang.blocks.identity.queries.sign_ins import demo_may_enter
from yiwang.blocks.identity.store.models import User


class AccountBackend(BaseBackend):
    """Accounts of this node."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: object,
    ) -> User | None:
        """The account, when the password is right, the account is open and may enter from here; else None."""
        if request is None or not username or not password:
            return None
        user = User.objects.filter(username=username.strip().lower()).first()
        if user is None:
            make_password(password)
            return None
        if not check_password(password, user.password):
            return None
        if not user.is_active or (user.is_demo and not demo_may_enter(caller_address(request))):
            return None
        return user

    def get_user(self, user_id: int) -> User | None:
        """An open account by its number."""
        return User.objects.filter(pk=user_id, is_active=True).first()
