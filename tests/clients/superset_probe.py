"""Run by Superset's own Python: a new installation, the bundle twice, every chart, hostile questions; tells all as JSON.

BLUE_LEDGER_HOME=… SUPERSET_CONFIG_PATH=… python superset_probe.py SETUP.py BUNDLE.zip QUESTIONS.json ANSWERS.json
"""

import importlib.util
import json
import logging
import sys
from pathlib import Path

PASSWORD = "a password of the test"


def probe(setup_file: str, bundle: str, questions: dict[str, str]) -> dict:
    from superset.app import create_app

    spec = importlib.util.spec_from_file_location("superset_setup", setup_file)
    setup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup)
    logging.disable(logging.CRITICAL)
    app = create_app()
    answers: dict = {"imports": [setup.prepare(app, bundle, PASSWORD) for _ in range(2)]}
    client = app.test_client()
    page = client.get("/login/")
    answers["policy"] = page.headers["Content-Security-Policy"]
    answers["anonymous"] = client.get("/api/v1/chart/1/data/").status_code
    token = client.post(
        "/api/v1/security/login",
        json={"username": setup.ADMIN, "password": PASSWORD, "provider": "db", "refresh": False},
    ).json["access_token"]
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    client.environ_base["HTTP_X_CSRFTOKEN"] = client.get("/api/v1/security/csrf_token/").json["result"]

    listed = client.get("/api/v1/chart/?q=(page_size:100)").json["result"]
    answers["charts"] = {one["slice_name"]: _computed(client, one["id"]) for one in listed}
    answers["counts"] = {
        kind: client.get(f"/api/v1/{kind}/").json["count"]
        for kind in ("database", "dataset", "chart", "dashboard")
    }
    dashboard = client.get("/api/v1/dashboard/blue-ledger").json["result"]
    answers["dashboard"] = dashboard["dashboard_title"]
    answers["on_dashboard"] = len(client.get("/api/v1/dashboard/blue-ledger/charts").json["result"])
    [database] = client.get("/api/v1/database/").json["result"]
    answers["database"] = {
        name: database[name] for name in ("allow_dml", "allow_ctas", "allow_cvas", "allow_file_upload")
    }
    answers["sql_lab"] = {
        name: _asked(
            client, "/api/v1/sqllab/execute/", {"database_id": database["id"], "sql": sql, "runAsync": False}
        )
        for name, sql in questions.items()
    }
    answers["virtual"] = {
        name: _asked(
            client,
            "/api/v1/dataset/",
            {"database": database["id"], "schema": "main", "table_name": f"virtual {name}", "sql": sql},
        )
        for name, sql in questions.items()
    }
    answers["other_database"] = _asked(
        client, "/api/v1/database/", {"database_name": "other", "sqlalchemy_uri": "duckdb:///:memory:"}
    )
    return answers


def _computed(client, chart: int) -> dict:
    answer = client.get(f"/api/v1/chart/{chart}/data/")
    if answer.status_code != 200:
        return {"error": answer.text}
    [result] = answer.json["result"]
    return {"rows": result["data"], "error": result["error"], "sql": result["query"]}


def _asked(client, path: str, content: dict) -> dict:
    answer = client.post(path, json=content)
    body = answer.json or {}
    return {
        "code": answer.status_code,
        "rows": body.get("data"),
        "said": json.dumps(body, ensure_ascii=False)[:600],
    }


if __name__ == "__main__":
    setup_file, bundle, questions, target = sys.argv[1:]
    answers = probe(setup_file, bundle, json.loads(Path(questions).read_text(encoding="utf-8")))
    Path(target).write_text(json.dumps(answers, ensure_ascii=False, default=str), encoding="utf-8")
