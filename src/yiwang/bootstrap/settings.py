"""Django settings, read from the environment alone; docs/reference/settings.md explains each variable.

Settings that are wrong are reported together, by name, before anything starts.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from yiwang.portal.proxies import read_networks

_here = Path(__file__).resolve().parent.parent

YW_DATA = Path(os.environ.get("YW_DATA", ".yiwang")).resolve()
"""Folder of keys, sockets, logs and the embedded database."""
YW_FILES = Path(os.environ.get("YW_FILES") or YW_DATA / "files").resolve()
"""Folder of exchanged files, which gateways and workers of the node share."""
YW_NODE = os.environ.get("YW_NODE", "lanzhou")
"""Name of this node, part of every signature and of every leaf of evidence."""
YW_LEVEL = os.environ.get("YW_LEVEL", "city")
"""The node's level in the cascade: nation, province, city or county."""
YW_NODE_TITLE = os.environ.get("YW_NODE_TITLE", "")
"""The node's name for people, as other nodes show it; empty: its technical name."""
YW_ZONE = os.environ.get("YW_ZONE", "extranet")
"""Network zone, fixed when the node is installed."""
YW_MODE = os.environ.get("YW_MODE", "production")
"""`demo` allows demo accounts and file keys, on loopback only; anything else refuses them."""
YW_GATEWAY_URL = os.environ.get("YW_GATEWAY_URL", "http://127.0.0.1:8001")
"""Where callers reach the gateway, shown in code samples."""
YW_PUBLIC_URL = os.environ.get("YW_PUBLIC_URL", "http://127.0.0.1:8000")
"""Where people reach the pages."""


def database(url: str) -> dict[str, object]:
    """Django's settings of the database behind a URL."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        # statements that ask for it are prepared; without a number psycopg prepares none, and with a small one others too
        "OPTIONS": {"prepare_threshold": 2**31},
    }


def _secret() -> str:
    given = os.environ.get("YW_SECRET_KEY")
    if given:
        return given
    file = YW_DATA / "keys" / "web.secret"
    if file.exists():
        return file.read_text(encoding="ascii")
    return "only-for-commands-that-serve-nobody"


SECRET_KEY = _secret()
DEBUG = False
try:
    YW_TRUSTED_PROXIES = read_networks(os.environ.get("YW_TRUSTED_PROXIES", ""))
except ValueError as problem:
    raise ImproperlyConfigured(
        f"YW_TRUSTED_PROXIES: {problem}. Give addresses or networks between commas, such as 10.0.0.5,10.1.0.0/16."
    ) from problem
"""Reverse proxies whose word about the caller's address counts."""
ALLOWED_HOSTS = os.environ.get("YW_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
DATABASES = {
    "default": database(os.environ.get("YW_DATABASE_URL", "postgresql://yw_app@127.0.0.1:8002/yiwang")),
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "procrastinate.contrib.django",
    "yiwang.blocks.journal.store",
    "yiwang.blocks.sealing.store",
    "yiwang.blocks.organisation.store",
    "yiwang.blocks.identity.store",
    "yiwang.blocks.catalogue.store",
    "yiwang.blocks.exchange.store",
    "yiwang.blocks.cascade.store",
    "yiwang.blocks.registry.store",
    "yiwang.blocks.standards.store",
    "yiwang.blocks.delivery.store",
    "yiwang.blocks.quality.store",
    "yiwang.blocks.watch.store",
    "yiwang.blocks.demand.store",
    "yiwang.blocks.files.store",
    "yiwang.blocks.subscriptions.store",
    "yiwang.portal",
    "yiwang.bootstrap.wiring.Bootstrap",
]
MIDDLEWARE = [
    "yiwang.portal.proxies.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yiwang.portal.security.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yiwang.portal.account.middleware.CurrentActor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "yiwang.bootstrap.urls"
WSGI_APPLICATION = "yiwang.bootstrap.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_here / "portal" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yiwang.blocks.identity.api.backend.AccountBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "yiwang.portal.account.views.login.locked"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "yiwang.portal.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if YW_PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS = [YW_PUBLIC_URL]

YW_SMTP_HOST = os.environ.get("YW_SMTP_HOST", "")
"""Mail server; empty: nothing is mailed (demo: mails go to files below `YW_DATA/mail`)."""
EMAIL_HOST = YW_SMTP_HOST or "localhost"
EMAIL_PORT = int(os.environ.get("YW_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("YW_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("YW_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("YW_SMTP_SECURITY", "starttls" if YW_SMTP_HOST else "") == "starttls"
EMAIL_USE_SSL = os.environ.get("YW_SMTP_SECURITY", "") == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("YW_SMTP_FROM", "yiwang@localhost")
EMAIL_FILE_PATH = str(YW_DATA / "mail")
if YW_SMTP_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
elif YW_MODE == "demo":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
YW_MAILS = bool(YW_SMTP_HOST) or YW_MODE == "demo"
"""Whether mails are made at all."""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [_here / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH: list[str] = []

STATIC_URL = "/static/"
STATICFILES_DIRS = [_here / "portal" / "static"]
STATIC_ROOT = YW_DATA / "static"
if (
    STATIC_ROOT / "staticfiles.json"
).exists():  # collected by the node's launch: names carry a digest, cached for ever
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "yiwang.vocabulary.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {name: {"level": "WARNING"} for name in ("axes", "procrastinate", "httpx")},
}
