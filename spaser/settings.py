"""Settings, read from the environment only. README.md lists the variables."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def env_flag(name, default="0"):
    """True or False from the environment variable `name`; anything but a plain yes or no is refused."""
    value = os.environ.get(name, default).strip().lower()
    if value not in {"0", "1", "false", "true", "no", "yes"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value in {"1", "true", "yes"}


def env_list(name):
    """The comma-separated values of the environment variable `name`."""
    return [value.strip() for value in os.environ.get(name, "").split(",") if value.strip()]


DEBUG = env_flag("DEBUG")
# The demonstration: one machine, invented accounts, a key kept beside its database.
DEMO = env_flag("SPASER_DEMO")
VAR_DIR = Path(os.environ.get("SPASER_VAR", BASE_DIR / "var"))


def demo_secret_key():
    """A key made at the first start of the demonstration and kept, so that sessions survive a restart."""
    path = VAR_DIR / "demo-secret-key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8")


SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEMO:
        raise ImproperlyConfigured("SECRET_KEY is required (SPASER_DEMO=1 makes one for a demonstration).")
    SECRET_KEY = demo_secret_key()

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "reporting",
    "indicators",
    "actions",
    "actions.admin_config.PlanAdminConfig",  # django.contrib.admin, with the plan’s own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "actions.middleware.ResumableLoginMiddleware",  # closed by default; what was typed survives a lost session
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "spaser.urls"
WSGI_APPLICATION = "spaser.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["spaser.templatetags.french"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "spaser.context.site",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{VAR_DIR / 'spaser.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Readers do not wait for the writer (WAL), and two writers queue instead of failing half-way (IMMEDIATE).
    # Recursive triggers: a row that is replaced is a deletion for the history too.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "actions.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Five wrong passwords for one account from one address, then a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"  # the login form calls the e-mail address so
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # a link sent to a pilot on a Friday still opens on Thursday

CSRF_FAILURE_VIEW = "actions.middleware.form_of_another_session"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Without EMAIL_HOST, messages are written into a folder: nothing leaves the machine.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", default="1")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "spaser@localhost")
# The site's own address, for the links of messages that no request asks for.
SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# Errors are told on the standard error stream, where whatever runs the site keeps them.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"errors": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {"handlers": ["errors"]},
}

# What takes longer than a page may: kept in the database, done by `manage.py db_worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Shared by the processes of one machine: how often each client of the API has asked.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
REST_FRAMEWORK = {
    # the credential first: who gives none at all is asked for it (401)
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "actions.api.authentication.CredentialAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["actions.api.authentication.InScope"],
    "DEFAULT_THROTTLE_CLASSES": ["spaser.api.throttling.Quota"],
    "DEFAULT_THROTTLE_RATES": {"client": "600/min", "person": "300/min", "visitor": "60/min"},
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "spaser.api.renderers.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["spaser.api.parsers.ExactJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "spaser.api.pagination.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "spaser.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "spaser.api.problems.problem_response",
    "NUM_PROXIES": 1 if env_flag("BEHIND_PROXY") else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "API de SPASER",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Lire un schéma de promotion des achats socialement et écologiquement responsables (SPASER) et ses valeurs, "
        "y écrire des relevés, lire ce qui est publié. Le [guide de l’API](/api/) s’apprend en dix minutes."
    ),
    "EXTERNAL_DOCS": {
        "url": "/api/",
        "description": "Guide de l’API : clés d’accès, exemples, erreurs, versions",
    },
    "TAGS": [
        {"name": "Collectivités", "description": "Les collectivités et leurs directions."},
        {
            "name": "Plan",
            "description": "Ce que le schéma prévoit : piliers, objectifs, actions, indicateurs, grandeurs, cibles.",
        },
        {"name": "Campagnes", "description": "Les années de saisie et leurs fiches."},
        {"name": "Relevés", "description": "Les valeurs des grandeurs, à lire et à écrire."},
        {
            "name": "Éditions",
            "description": (
                "Ce qui est publié, lisible sans clé et depuis tout site quand c’est public : "
                "réutilisation sous [Licence Ouverte 2.0](https://www.etalab.gouv.fr/licence-ouverte-open-licence/)."
            ),
        },
    ],
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": "/", "description": "Ce site."}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "PATH_CONVERTER_OVERRIDES": {"slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "list",
        "defaultModelsExpandDepth": 0,
        "displayRequestDuration": True,
        "syntaxHighlight": False,  # its colours are too pale to read
        "validatorUrl": None,  # another site, that would be told ours
    },
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "MeasureTypeEnum": "indicators.models.MeasureType",
        "ReportStatusEnum": "indicators.models.ReportStatus",
        "ActionStateEnum": "indicators.models.ActionState",
        "InvolvementRoleEnum": "actions.models.InvolvementRole",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "spaser.api.schema.add_shared_parts",
    ],
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the grid of a campaign: three fields a line
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # plotly (charts) adds one empty style element: the hash of nothing
        "style-src": [SELF, "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Behind HTTPS in production; HTTPS=0 serves a machine that is reached in clear, such as the demonstration.
HTTPS = not DEBUG and not DEMO and env_flag("HTTPS", default="1")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env_flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
