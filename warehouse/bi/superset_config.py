"""Superset's settings, read by Superset inside its own environment; nothing of ours is importable there. No secret here.

State is kept in BLUE_LEDGER_HOME/superset: metadata, and the key and the first password that `blue-ledger bi serve` makes.
"""

import os
import re
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.engine import URL as _URL
from superset.config import TALISMAN_CONFIG as _DEFAULTS

_HOME = Path(os.environ["BLUE_LEDGER_HOME"])
_STATE = _HOME / "superset"
_MARTS = _HOME / "current" / "marts.duckdb"

SECRET_KEY = (_STATE / "secret_key").read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_STATE / 'superset.db'}"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}
UPLOAD_FOLDER = IMG_UPLOAD_FOLDER = str(_STATE / "uploads")

BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
APP_NAME = "蓝账 Blue Ledger"
D3_FORMAT = {"currency": ["¥", ""]}

# ── nothing leaves the machine ───────────────────────────────────────────────────────────────────────────────────

# Superset's own page carries a picture of an outside host that counts visits; the policy stops it and all its kind.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = _DEFAULTS | {
    "content_security_policy": _DEFAULTS["content_security_policy"]
    | {
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
    },
}
CONTENT_SECURITY_POLICY_WARNING = False
WTF_CSRF_ENABLED = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
RATELIMIT_STORAGE_URI = "memory://"

# What reaches out, runs code, or needs a server that is not there, stays off.
FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "ESCAPE_MARKDOWN_HTML": True,
    "DASHBOARD_RBAC": False,
    "DRILL_TO_DETAIL": True,
}
HTML_SANITIZATION = True
EXTRA_SEQUENTIAL_COLOR_SCHEMES: list[dict[str, Any]] = []

# No figure is kept: a chart asks the release that is current when it is looked at.
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
CSV_EXPORT = {"encoding": "utf-8-sig"}
ROW_LIMIT = SQL_MAX_ROW = 100_000
SQLLAB_TIMEOUT = SUPERSET_WEBSERVER_TIMEOUT = 60

# ── a way to the current release, and to nothing else ────────────────────────────────────────────────────────────

_LOCKED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "threads": "2",
    "memory_limit": "1GB",
    "lock_configuration": "true",
}


def DB_SQLA_URI_VALIDATOR(uri: _URL) -> None:
    """Refuse any data source but the release: another one could be the host's own files."""
    if uri.drivername != "duckdb" or uri.database != str(_MARTS) or uri.query:
        raise ValueError("only the current release may be read here")


def DB_CONNECTION_MUTATOR(
    uri: _URL, params: dict[str, Any], username: str | None, security_manager: Any, source: Any
) -> tuple[_URL, dict[str, Any]]:
    """Every connection is read-only and locked, whatever its entry says, and opens the real file of the release.

    DuckDB knows databases by their path: through the `current` link a process would stay on the old release for as long
    as one of its readers does.
    """
    if uri.drivername == "duckdb":
        DB_SQLA_URI_VALIDATOR(uri)
        uri = uri.set(database=str(_MARTS.resolve()))
        params = params | {"connect_args": {"read_only": True, "config": dict(_LOCKED)}}
    return uri, params


# duckdb 1.5 lets enable_logging past lock_configuration; pointed at a file, it writes there and takes the process down.
_FORBIDDEN = re.compile(
    r"\b(enable|disable|truncate)\w*_log\w*|\bread_(text|blob|csv\w*|json\w*|parquet)\b"
    # a statement within a text, and what looks out of the database, as warehouse/reader.py refuses them
    r"|\b(query|query_table|json_execute_serialized_sql|current_setting|getvariable|getenv|write_log)\b\"?\s*\(",
    re.IGNORECASE,
)
_QUESTIONS = ("SELECT", "EXPLAIN")
DISALLOWED_SQL_FUNCTIONS = {
    "duckdb": {
        "enable_logging",
        "disable_logging",
        "truncate_duckdb_logs",
        "read_text",
        "read_blob",
        "getenv",
    }
}


def SQL_QUERY_MUTATOR(sql: str, **kwargs: Any) -> str:
    """Questions only, and none that `blue-ledger query` refuses.

    DISALLOWED_SQL_FUNCTIONS sees neither CALL nor virtual datasets.
    """
    statements = duckdb.connect().extract_statements(sql)
    kinds = {statement.type.name for statement in statements}
    if not kinds <= set(_QUESTIONS):
        raise ValueError(f"a release answers questions only; {', '.join(sorted(kinds))} is not one")
    if found := _FORBIDDEN.search(sql):
        raise ValueError(f"{found[0]} is not for readers")
    return sql
