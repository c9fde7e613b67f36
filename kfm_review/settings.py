"""Django's settings, read from the environment; without any it is strict."""

import os
from pathlib import Path
from typing import Any

import psycopg.conninfo
from csp.constants import NONE, SELF

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "kfm_review"
MODULES = ROOT / "static" / "node_modules"

KFM_ENV = os.environ.get("KFM_ENV", "production")
KFM_PROCESS = os.environ.get("KFM_PROCESS", "")
KFM_HISTORY = os.environ.get("KFM_HISTORY", "0") == "1"
KFM_PORT = int(os.environ.get("KFM_PORT", "8000"))
KFM_SWEEP_S = float(os.environ.get("KFM_SWEEP_S", "5"))  # between two rounds of the sweeper
KFM_LEASE_S = float(os.environ.get("KFM_LEASE_S", "30"))  # a run that is silent for longer is begun again
KFM_KEY_FILE = os.environ.get("KFM_KEY_FILE", "")  # this process's own private key
KFM_WITNESS = os.environ.get("KFM_WITNESS", "")  # where the witness answers, and its public key
KFM_WITNESS_KEY = os.environ.get("KFM_WITNESS_KEY", "")
BROKER_URL = os.environ.get("BROKER_URL", "")
STORE_URL = os.environ.get("STORE_URL", "")

LOCAL = KFM_ENV in ("local", "test")
DEBUG = False
SECRET_KEY = os.environ.get("KFM_SECRET_KEY", "only for tests" if KFM_ENV == "test" else "")
ALLOWED_HOSTS = [host for host in os.environ.get("KFM_HOSTS", "").split(",") if host]
if LOCAL:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "kfm_review.accounts",
    "kfm_review.audit",
    "kfm_review.outbox",
    "kfm_review.signing",
    "kfm_review.runs",
    "kfm_review.waivers",
    "kfm_review.reviews",
    "kfm_review.releases",
    "kfm_review.web",
    "kfm_review.commands",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kfm_review.web.middleware.Bounded",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kfm_review.web.middleware.Unkept",
    "kfm_review.web.middleware.Looking",
    "kfm_review.web.middleware.Refusals",
]
ROOT_URLCONF = "kfm_review.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "kfm_review.web.context.frame",
            ]
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Return Django's words for a PostgreSQL address."""
    told = psycopg.conninfo.conninfo_to_dict(url)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{setting: str(told.pop(word, "")) for word, setting in named.items()},
        "OPTIONS": told,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": os.environ.get("KFM_TEST_DB", "test_kfm")},
    }


_owns = KFM_PROCESS in ("owner", "test") and os.environ.get("DATABASE_OWNER_URL")
DATABASES = {"default": _database(_owns or os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

KFM_RP_ID = os.environ.get("KFM_RP_ID", "")  # what passkeys are made for; empty: the host asked for
KFM_ROOT = os.environ.get("KFM_ROOT", "")  # the fingerprint of the root key that rosters begin with

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
if KFM_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a suite signs in often
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "queue"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kfm_review.web.views.errors.forged"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not LOCAL]
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # forms; files are streamed and bounded by the family
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("KFM_STATIC", ROOT / "var" / "static"))  # every stack has its own
STATICFILES_DIRS = [
    ("css", ROOT / "static" / "css"),
    ("js", ROOT / "static" / "js"),
    ("img", ROOT / "static" / "img"),
    ("basemap", ROOT / "static" / "basemap"),
    ("maplibre", MODULES / "maplibre-gl" / "dist"),
    ("htmx", MODULES / "htmx.org" / "dist"),
    ("pmtiles", MODULES / "pmtiles" / "dist"),
]
# Names without hashes: ES modules import one another by name, and a module under two names runs twice.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if KFM_ENV == "test"
        else "whitenoise.storage.CompressedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = KFM_ENV == "test"
WHITENOISE_AUTOREFRESH = KFM_ENV == "test"
WHITENOISE_MAX_AGE = 60

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "kfm_review.api.errors.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KFM Review",
    "DESCRIPTION": "Runs, reviews, releases and artifacts, to be read.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "kfm_review.logs.Lines"}},
    "filters": {"unready": {"()": "kfm_review.logs.Unready"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["unready"]},
    },
}
