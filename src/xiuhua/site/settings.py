"""Django settings, derived from the one configuration."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from xiuhua.stack.config import read_config
from xiuhua.stack.secrets import read_secret

CONFIG = read_config()
SECRET_KEY = read_secret(CONFIG.data, "session_key")
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "xiuhua.site.urls"
ASGI_APPLICATION = "xiuhua.site.asgi.application"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SILENCED_SYSTEM_CHECKS: list[str] = []

ROOMS = [
    "ledger", "people", "catalog", "files", "objects", "readings", "runs", "cases", "edge", "indicators", "plans",
    "faces",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    *(f"xiuhua.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "xiuhua.http.requests.RequestIdMiddleware",
    "xiuhua.http.wall.WallMiddleware",
    "xiuhua.edge.wall.EdgeWallMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "xiuhua",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        # Under ASGI each request may come on a new thread: a kept connection would never be taken up again.
        "CONN_MAX_AGE": 0,
        "OPTIONS": query,
    }


DATABASES = {"default": _database(CONFIG.database_url)}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CONFIG.secure_cookies
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = CONFIG.secure_cookies
CSRF_FAILURE_VIEW = "xiuhua.http.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
WEB_DIST = Path(__file__).resolve().parents[3] / "web" / "dist"
LOGGING_CONFIG = None
