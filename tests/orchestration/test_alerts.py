"""Alerts: received on local servers of each kind, told once, told when over, kept until delivered, and silent of secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from orchestration import alert_channels, alert_settings, alerts, cli
from orchestration.alert_settings import KINDS, RUNBOOKS, AlertsError
from orchestration.alerts import Alert
from orchestration.night import Night, NightBlocked, write_crash
from orchestration.settings import PROJECT
from tests.orchestration.receivers import HttpReceiver, MailReceiver, http_server, mail_server
from warehouse.freshness import look
from warehouse.home import Home
from warehouse.report import ChangeLine, ChangeReport, CheckLine, NightReport, SourceLine

pytestmark = pytest.mark.slow

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
TOKEN = "b955aa17c0de55aa17c0de55"
SECRET = "SECf094e0d33fdeadbeef0123456789"
NIGHT = datetime(2026, 11, 24, 18, 3, tzinfo=UTC)
BLOCKED = Alert("blocked", "night", "关键检查未通过 1 项：plan_progress.value", "plan_progress.value")
BLOCKED_AGAIN = replace(BLOCKED, text="关键检查未通过 2 项：…", cause="plan_progress.value; x")


@pytest.fixture(autouse=True)
def _variables(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("BLUE_LEDGER")]:
        monkeypatch.delenv(name)


@pytest.fixture
def http():
    receiver = HttpReceiver()
    with serving(http_server(receiver)):
        yield receiver


@pytest.fixture
def mail():
    receiver = MailReceiver()
    with serving(mail_server(receiver)):
        yield receiver


@pytest.fixture
def other():
    receiver = HttpReceiver()
    with serving(http_server(receiver)):
        yield receiver


def serving(server):
    stack = ExitStack()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    return stack


@pytest.fixture
def declare(home):
    """Write alerts.yml; a channel is what it is given beside its name."""

    def declare(**channels: dict) -> Home:
        settings = {
            name: channels.pop(name) for name in ("repeat_hours", "heartbeat_env") if name in channels
        }
        entries = [{"name": name} | entry for name, entry in channels.items()]
        text = yaml.safe_dump({"channels": entries} | settings, allow_unicode=True)
        (home.root / "alerts.yml").write_text(text, encoding="utf-8")
        return home

    return declare


@pytest.fixture
def wecom(declare, http, monkeypatch) -> Home:
    """A home whose alerts go to one robot."""
    monkeypatch.setenv("BL_WECOM", http.url(f"/cgi-bin/webhook/send?key={KEY}"))
    return declare(duty={"type": "wecom", "url_env": "BL_WECOM"})


@pytest.fixture
def call(monkeypatch, capsys, home):
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setenv("BLUE_LEDGER_HOME", str(home.root))
        monkeypatch.setattr(sys, "argv", ["blue-ledger", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return call


def report(outcome: str = "published", **fields) -> NightReport:
    return NightReport(
        outcome, NIGHT, NIGHT, "draft_2024-10-11", "x", current_id="20261123T021503Z", **fields
    )


def source(name: str, **fields) -> SourceLine:
    return SourceLine(
        **{"source_id": name, "name_zh": f"来源{name}", "state": "fresh", "data_origin": "published"} | fields
    )


def book(home: Home) -> dict:
    return json.loads((home.reports / "alerts.json").read_text(encoding="utf-8"))


def age(home: Home, hours: float) -> None:
    """Let what is open have been told so many hours earlier."""
    content = book(home)
    for entry in content["open"]:
        entry["told_at"] = (datetime.fromisoformat(entry["told_at"]) - timedelta(hours=hours)).isoformat()
    (home.reports / "alerts.json").write_text(json.dumps(content), encoding="utf-8")


# ── each channel, received ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_wecom_robot_is_told_what_happened_where_to_look_and_what_to_do(wecom, http):
    assert alerts.tell(wecom, [BLOCKED], ()) == []
    [request] = http.requests
    assert (request.path, request.query) == ("/cgi-bin/webhook/send", {"key": [KEY]})
    assert request.content["msgtype"] == "text"
    text = request.content["text"]["content"].splitlines()
    assert text[:4] == [
        "【蓝账】未发布：关键检查未通过",
        "■ 未发布：关键检查未通过",
        "· 关键检查未通过 1 项：plan_progress.value",
        "处置：docs/runbooks.md#blocked",
    ]
    assert text[4] == f"报告：{wecom.reports / 'last_night.html'}"
    assert re.fullmatch(r"时间：\d{4}-\d\d-\d\d \d\d:\d\d（北京时间）", text[5])


def test_a_dingtalk_robot_gets_a_signature_that_it_can_verify(declare, http, monkeypatch):
    monkeypatch.setenv("BL_DING", http.url(f"/robot/send?access_token={TOKEN}"))
    monkeypatch.setenv("BL_SECRET", SECRET)
    home = declare(duty={"type": "dingtalk", "url_env": "BL_DING", "secret_env": "BL_SECRET"})
    assert alerts.tell(home, [BLOCKED], ()) == []
    [request] = http.requests
    assert (request.path, request.query["access_token"]) == ("/robot/send", [TOKEN])
    # as DingTalk's manual has it, over what a server reads out of the address
    [timestamp], [sign] = request.query["timestamp"], request.query["sign"]
    digest = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert sign == base64.b64encode(digest).decode()
    assert request.content["text"]["content"].startswith("【蓝账】未发布：关键检查未通过\n■ ")


def test_a_dingtalk_robot_without_a_secret_is_not_signed(declare, http, monkeypatch):
    monkeypatch.setenv("BL_DING", http.url(f"/robot/send?access_token={TOKEN}"))
    home = declare(duty={"type": "dingtalk", "url_env": "BL_DING"})
    assert alerts.tell(home, [BLOCKED], ()) == []
    assert http.requests[0].query == {"access_token": [TOKEN]}


def test_a_webhook_gets_json_for_programs_too_and_its_authorisation(declare, http, monkeypatch):
    monkeypatch.setenv("BL_HOOK", http.url("/a%20b/hook?site=wf"))
    monkeypatch.setenv("BL_AUTH", "Bearer hunter2-hunter2")
    hook = {"type": "webhook", "url_env": "BL_HOOK", "headers_env": {"Authorization": "BL_AUTH"}}
    http.answer = b""
    assert alerts.tell(declare(hook=hook), [BLOCKED], ()) == []
    [request] = http.requests
    assert (request.path, request.query) == ("/a%20b/hook", {"site": ["wf"]})
    assert request.headers["Authorization"] == "Bearer hunter2-hunter2"
    assert {name: request.content[name] for name in ("title", "type", "source")} == {
        "title": "【蓝账】未发布：关键检查未通过",
        "type": "failure",
        "source": "blue-ledger",
    }
    [item] = request.content["alerts"]
    told = ("event", "subject", "state", "text", "runbook")
    assert {name: item[name] for name in told} == {
        "event": "blocked",
        "subject": "night",
        "state": "raised",
        "text": BLOCKED.text,
        "runbook": "docs/runbooks.md#blocked",
    }
    assert datetime.fromisoformat(item["since"]).tzinfo is not None
    assert "attachments" not in request.content


def test_a_mail_is_plain_text_to_everybody_named(declare, mail):
    smtp = {
        "type": "smtp",
        "host": "127.0.0.1",
        "port": mail.port,
        "security": "none",
        "sender": "ledger@example.org",
        "to": ["li@example.org", "wang@example.org"],
    }
    assert alerts.tell(declare(mail=smtp), [BLOCKED], ()) == []
    assert sorted(to for _, [to] in mail.envelopes) == ["li@example.org", "wang@example.org"]
    assert {sender for sender, _ in mail.envelopes} == {"ledger@example.org"}
    message = mail.mails[0]
    assert message["Subject"] == "【蓝账】未发布：关键检查未通过"
    assert message.get_content_type() == "text/plain"
    assert "· 关键检查未通过 1 项：plan_progress.value" in message.get_content()


# ── what is no delivery ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (200, b'{"errcode":310000,"errmsg":"sign not match"}', "HTTP 200, errcode 310000: sign not match"),
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "errcode 45009: api freq out of limit"),
        (200, b"<html>sign in</html>", "HTTP 200, errcode None: not the answer of a robot"),
        (200, b"[]", "not the answer of a robot"),
        (200, b'{"errcode":"0"}', "HTTP 200, errcode 0"),
        (500, b'{"errcode":0}', "HTTP 500"),
        (302, b'{"errcode":0}', "HTTP 302"),
    ],
)
def test_a_robot_that_did_not_take_the_message_did_not_get_it(wecom, http, other, status, answer, reason):
    http.status, http.answer = status, answer
    http.headers = {"Location": other.url("/elsewhere")} if status == 302 else {}
    [problem] = alerts.tell(wecom, [BLOCKED], ())
    assert (
        problem.startswith("alerts: 1 not delivered to duty, tried again next time: ") and reason in problem
    )
    assert book(wecom)["undelivered"][0]["attempts"] == 1
    assert other.requests == []


def test_a_webhook_that_sends_elsewhere_is_not_followed(declare, http, other, monkeypatch):
    monkeypatch.setenv("BL_HOOK", http.url("/hook"))
    http.status, http.headers = 307, {"Location": other.url("/elsewhere")}
    [problem] = alerts.tell(declare(hook={"type": "webhook", "url_env": "BL_HOOK"}), [BLOCKED], ())
    assert "307" in problem
    assert other.requests == []


def test_a_mail_server_that_refuses_a_reader_is_told_of(declare, mail):
    mail.refusal = b"550 no such user"
    smtp = {"type": "smtp", "host": "127.0.0.1", "port": mail.port, "security": "none"}
    home = declare(mail=smtp | {"sender": "ledger@example.org", "to": ["li@example.org"]})
    [problem] = alerts.tell(home, [BLOCKED], ())
    assert problem.startswith("alerts: 1 not delivered to mail, ")
    assert mail.mails == []


def test_a_channel_that_fails_or_never_answers_keeps_no_other_from_hearing(declare, http, other, monkeypatch):
    monkeypatch.setattr(alert_channels, "DEADLINE_SECONDS", 4.0)
    monkeypatch.setenv("BL_HANGS", http.url(f"/send?key={KEY}"))
    monkeypatch.setenv("BL_WORKS", other.url(f"/send?key={KEY}"))
    monkeypatch.setenv("BL_WRONG", "not an address")
    http.hold = threading.Event()
    home = declare(
        hangs={"type": "wecom", "url_env": "BL_HANGS"},
        unset={"type": "wecom", "url_env": "BL_UNSET"},
        wrong={"type": "webhook", "url_env": "BL_WRONG"},
        works={"type": "wecom", "url_env": "BL_WORKS"},
    )
    problems = alerts.tell(home, [BLOCKED], ())
    http.hold.set()
    assert len(other.requests) == 1
    assert [problem.partition("next time: ")[2] for problem in problems] == [
        "no answer within 4 seconds",
        "the environment variable BL_UNSET is not set",
        "expected an address that begins with http:// or https:// and names a host",
    ]
    assert [entry["channel"] for entry in book(home)["undelivered"]] == ["hangs", "unset", "wrong"]


def test_what_was_not_delivered_comes_later_and_says_so(wecom, http, call):
    http.status = 503
    alerts.tell(wecom, [BLOCKED], ())
    code, out, _ = call("alerts", "flush")
    assert (code, out.splitlines()[-1]) == (1, "1 not delivered")
    http.status, http.requests[:] = 200, []
    assert call("alerts", "flush")[:2] == (0, "nothing waits\n")
    [text] = http.texts()
    assert re.search(r"· 关键检查未通过 1 项：plan_progress.value（.* 的提醒，补发）", text)
    assert call("alerts", "flush")[:2] == (0, "nothing waits\n")
    assert len(http.requests) == 1


def test_what_nobody_can_hear_any_more_is_given_up_and_told(wecom, http):
    http.status = 503
    alerts.tell(wecom, [BLOCKED], ())
    content = book(wecom)
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    content["undelivered"] = [
        content["undelivered"][0] | {"at": old},
        content["undelivered"][0] | {"channel": "gone"},
    ]
    (wecom.reports / "alerts.json").write_text(json.dumps(content), encoding="utf-8")
    http.requests[:] = []
    problems = alerts.flush(wecom)
    assert sorted(problems) == ["alerts: 1 for duty given up", "alerts: 1 for gone given up"]
    assert (book(wecom)["undelivered"], http.requests) == ([], [])


def test_a_long_message_comes_in_parts_that_wecom_takes(wecom, http):
    overdue = [Alert("overdue", f"s{n}", f"第{n}批国家级绿色工厂名单" * 9) for n in range(12)]
    assert alerts.tell(wecom, [BLOCKED, *overdue], ()) == []
    texts = http.texts()
    assert [text.splitlines()[0] for text in texts] == [
        f"【蓝账】未发布：关键检查未通过 等 2 类提醒（{n}/{len(texts)}）" for n in range(1, len(texts) + 1)
    ]
    assert len(texts) > 1 and max(len(text.encode()) for text in texts) <= 2048
    assert "· 另有 4 项，见报告" in "\n".join(texts)


def test_a_line_longer_than_a_message_is_cut_between_characters():
    assert alert_channels.in_parts("潍坊\nab\n海洋", 5) == ["潍", "ab", "海"]
    assert alert_channels.in_parts("潍坊\nab\n海洋", 9) == ["潍坊\nab", "海洋"]
    assert alert_channels.in_parts("", 9) == [""]


# ── told once, told again, told when over ──────────────────────────────────────────────────────────────────────────


def test_the_same_alert_is_told_once(wecom, http):
    for _ in range(3):
        alerts.tell(wecom, [BLOCKED], {"blocked"})
    assert len(http.requests) == 1


def test_an_alert_is_told_again_when_its_cause_changes(wecom, http):
    alerts.tell(wecom, [BLOCKED], ())
    alerts.tell(wecom, [BLOCKED_AGAIN], ())
    assert http.texts()[1].startswith("【蓝账】未发布：关键检查未通过（有变化）\n")


def test_a_number_of_days_that_grows_is_no_change(wecom, http):
    for days in (4, 5):
        alerts.tell(
            wecom,
            [Alert("warnings", "night", "共 1 条警告", f"stands on a snapshot of {days} day(s) ago")],
            (),
        )
    assert len(http.requests) == 1


def test_a_lasting_alert_is_told_again_after_its_hours_and_a_little_early_is_in_time(wecom, http):
    alerts.tell(wecom, [BLOCKED], ())
    age(wecom, 20)
    alerts.tell(wecom, [BLOCKED], ())
    assert len(http.requests) == 1
    age(wecom, 3.5)  # the next night ended half an hour sooner than this one
    alerts.tell(wecom, [BLOCKED], ())
    assert "■ 未发布：关键检查未通过（仍未解决）" in http.texts()[1]
    assert re.search(r"plan_progress.value（自 \d{4}-", http.texts()[1])


def test_how_often_an_alert_is_told_again_can_be_declared(declare, http, monkeypatch):
    monkeypatch.setenv("BL_WECOM", http.url(f"/send?key={KEY}"))
    home = declare(duty={"type": "wecom", "url_env": "BL_WECOM"}, repeat_hours={"overdue": 24})
    overdue = Alert("overdue", "gdp", "国内生产总值")
    for hours in (0, 25):
        alerts.tell(home, [overdue], ())
        age(home, hours)
    alerts.tell(home, [overdue], ())
    assert len(http.requests) == 2


def test_an_alert_that_is_over_is_told_once_and_since_when_it_lasted(wecom, http):
    alerts.tell(wecom, [BLOCKED], {"blocked"})
    alerts.tell(wecom, [], {"blocked"})
    alerts.tell(wecom, [], {"blocked"})
    assert len(http.requests) == 2
    assert http.texts()[1].startswith("【蓝账】已恢复：未发布：关键检查未通过\n■ 已恢复：")
    assert "处置：docs/runbooks.md#recovered" in http.texts()[1]
    assert book(wecom)["open"] == []


def test_who_cannot_judge_an_alert_does_not_end_it(wecom, http):
    alerts.tell(wecom, [BLOCKED], ())
    alerts.tell(wecom, [], {"stale"})
    assert len(http.requests) == 1
    assert [entry["event"] for entry in book(wecom)["open"]] == ["blocked"]


def test_a_changed_past_figure_is_an_event_and_has_no_end(wecom, http):
    change = Alert("critical_change", "release", "往期数字变动 1 个", "a")
    alerts.tell(wecom, [change], {"critical_change"})
    age(wecom, 1000)
    alerts.tell(wecom, [change], {"critical_change"})
    alerts.tell(wecom, [], {"critical_change"})
    assert len(http.requests) == 1


def test_events_go_to_the_channels_that_take_them(declare, http, other, monkeypatch):
    monkeypatch.setenv("BL_A", http.url(f"/send?key={KEY}"))
    monkeypatch.setenv("BL_B", other.url(f"/send?key={KEY}"))
    home = declare(
        duty={"type": "wecom", "url_env": "BL_A", "events": ["blocked", "crashed"]},
        clerks={"type": "wecom", "url_env": "BL_B", "events": ["overdue"]},
    )
    alerts.tell(home, [BLOCKED, Alert("overdue", "gdp", "国内生产总值")], ())
    [duty], [clerks] = http.texts(), other.texts()
    assert "关键检查" in duty and "逾期" not in duty
    assert "逾期" in clerks and "关键检查" not in clerks


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"open": 3, "undelivered": []}', '{"open": [{"event": "nonsense"}], "undelivered": []}',
     '{"open": [{"event": "nonsense", "subject": "", "text": "", "fingerprint": "", "since": "2026-11-01T00:00:00+00:00",'
     ' "told_at": "2026-11-01T00:00:00+00:00"}], "undelivered": []}',
     '{"open": [{"event": "blocked", "subject": "", "text": "", "fingerprint": "", "since": "2026-11-01",'
     ' "told_at": "yesterday"}], "undelivered": []}'],
)  # fmt: skip
def test_a_damaged_book_is_begun_anew_and_told_of(wecom, http, damage):
    (wecom.reports / "alerts.json").write_text(damage, encoding="utf-8")
    [problem] = alerts.tell(wecom, [BLOCKED], ())
    assert problem.startswith("alerts: alerts.json could not be read (")
    assert len(http.requests) == 1
    assert alerts.tell(wecom, [BLOCKED], ()) == []
    assert len(http.requests) == 1


def test_where_the_book_cannot_be_written_the_alert_is_sent_all_the_same(wecom, http, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.landing.write_json", full)
    [problem] = alerts.tell(wecom, [BLOCKED], ())
    assert (
        problem == "alerts: alerts.json could not be written (No space left on device); alerts may come twice"
    )
    assert len(http.requests) == 1


# ── what a night tells ─────────────────────────────────────────────────────────────────────────────────────────────

CHANGE = ChangeLine(
    "marine_gdp_share", "share_pct", "area_id=weifang, year=2022", "占比", "潍坊市 · 2022", "changed", "19.1", "20.2",
    "code", True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("night", "told", "over"),
    [
        (report(), {}, {"blocked", "crashed", "stale", "warnings", "critical_change"}),
        (
            report(
                warnings=("a", "b"),
                sources=(source("gdp", state="old"), source("green", overdue=True)),
                checks=(CheckLine("s", "t.published_on", "Why.", "warning", "failed"),),
                changes=ChangeReport("20261122T021503Z", 3, 1, lines=(CHANGE,)),
            ),
            {
                "warnings": "共 2 条警告；沿用旧快照的来源 1 个：来源gdp；未通过的检查 1 项：t.published_on",
                "critical_change": "与 20261122T021503Z 相比，往期数字变动 1 个：占比（潍坊市 · 2022）",
                "overdue": "来源green（green）",
            },
            {"blocked", "crashed", "stale", "warnings", "critical_change", "overdue"},
        ),
        (report("unchanged", warnings=("a",)), {}, {"blocked", "crashed"}),
        (
            report(
                "blocked",
                message="plan_progress · value: Why. — 李四公司",
                checks=(
                    CheckLine(
                        "s", "plan_progress.value", "Why.", "critical", "failed", samples=("李四公司",)
                    ),
                ),
                sources=(source("gdp", state="blocked"),),
            ),
            {"blocked": "来源不可用 1 项：来源gdp；关键检查未通过 1 项：plan_progress.value"},
            {"overdue"},
        ),
        (
            report("blocked", message="test unique_key: 3 (3 rows) — 李四公司"),
            {"blocked": "test unique_key: 3 (3 rows)"},
            set(),
        ),
        (
            report(
                "crashed", message="fetch: OSError: postgresql://li:pw@db/x\nmore", sources=(source("gdp"),)
            ),
            {"crashed": "fetch: OSError: postgresql://db/x"},
            set(),
        ),
        (report("crashed"), {"crashed": "运行在各阶段之外结束，原因见报告"}, set()),
    ],
    ids=[
        "good",
        "with warnings",
        "unchanged",
        "blocked",
        "blocked by a test",
        "crashed",
        "outside its stages",
    ],
)
def test_of_a_night_is_told(night, told, over):
    found, ended = alerts.of_night(night)
    assert {alert.event: alert.text for alert in found} == told
    assert ended == over
    assert "李四" not in "".join(alert.text for alert in found)  # what a cell holds does not leave the house


def test_a_changed_row_whose_key_may_name_a_firm_is_told_by_its_table():
    firm = replace(
        CHANGE, mart="fct_green_event", key="enterprise_id=91370700X, year=2022", where_zh="某公司 · 2022"
    )
    [alert], _ = alerts.of_night(report(changes=ChangeReport("r0", 1, 1, lines=(firm,))))
    assert alert.text == "与 r0 相比，往期数字变动 1 个：占比（fct_green_event）"


def test_a_good_night_ends_what_a_bad_one_began(wecom, http):
    assert alerts.night_ended(wecom, report("crashed", message="fetch: OSError: x"), "r1") == []
    assert alerts.night_ended(wecom, report("blocked", message="bad"), "r2") == []
    assert alerts.night_ended(wecom, report(), "r3") == []
    first, second, third = http.texts()
    assert (first.splitlines()[0], second.splitlines()[0]) == (
        "【蓝账】未发布：运行中断",
        "【蓝账】未发布：关键检查未通过",
    )
    assert "已恢复：未发布：运行中断" in third and "已恢复：未发布：关键检查未通过" in third


def test_one_night_that_is_seen_from_within_and_from_without_is_told_once(wecom, http):
    alerts.night_ended(wecom, report("crashed"), "r1")
    alerts.night_ended(wecom, report("crashed", message="DagsterExecutionInterruptedError"), "r1")
    assert len(http.requests) == 1


def test_a_night_that_died_before_its_first_stage_is_told_and_its_ending_says_what_was_not_delivered(
    wecom, http, settings
):
    ending = write_crash(settings, "r1", ValueError("no such catalogue"))
    assert ending.warnings == ()
    assert "· ValueError: no such catalogue" in http.texts()[0]
    http.status = 503
    ending = write_crash(settings, "r2", ValueError("another"))
    [warning] = ending.warnings
    assert warning.startswith("alerts: 1 not delivered to duty")
    kept = json.loads((wecom.reports / "last_night.json").read_text(encoding="utf-8"))
    assert (kept["outcome"], kept["warnings"]) == ("crashed", [warning])


def test_a_night_tells_when_it_finishes(wecom, http, settings):
    night = Night(settings, None, None, run_id="r1")
    with pytest.raises(NightBlocked), night._stage("publish", "发布"):
        raise NightBlocked(["mart plan_progress: its suite did not run"])
    assert night.finish().outcome == "blocked"
    assert "· mart plan_progress: its suite did not run" in http.texts()[0]


def test_a_night_of_the_scheduler_that_is_interrupted_passes_the_same_place(wecom, http, monkeypatch):
    import dagster as dg

    from orchestration.resources import NightResource

    monkeypatch.setenv("BLUE_LEDGER_HOME", str(wecom.root))
    resource = NightResource().yield_for_execution(dg.build_init_resource_context())
    with pytest.raises(KeyboardInterrupt), resource:
        raise KeyboardInterrupt
    [text] = http.texts()
    assert text.startswith("【蓝账】未发布：运行中断\n") and "· 运行在各阶段之外结束，原因见报告" in text


def test_a_night_whose_page_cannot_be_written_is_told_all_the_same(wecom, http, settings, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.report.keep_night", full)
    ending = write_crash(settings, None, OSError(28, "No space left on device"))
    assert ending.message.endswith("No space left on device")
    assert ending.warnings == (
        "the report of this night cannot be written: [Errno 28] No space left on device",
    )
    assert "No space left on device" in http.texts()[0]


def test_without_a_file_nobody_is_told_and_nothing_is_written(home, settings):
    assert write_crash(settings, "r1", ValueError("x")).warnings == ()
    assert not (home.reports / "alerts.json").exists()


def test_a_file_that_is_wrong_costs_no_night_and_is_told(home, settings):
    (home.root / "alerts.yml").write_text("channels: [{name: duty, type: pigeon}]", encoding="utf-8")
    [warning] = write_crash(settings, "r1", ValueError("x")).warnings
    assert warning.startswith("alerts: nobody was told: alerts.yml has 1 fault(s): channel duty")


def test_a_fault_of_the_alerts_themselves_costs_no_night(wecom, settings, monkeypatch):
    def broken(*arguments):
        raise RuntimeError(f"cannot speak to key={KEY}")

    monkeypatch.setattr(alerts, "_deliver", broken)
    assert write_crash(settings, "r1", ValueError("x")).warnings == (
        "alerts: nobody was told: RuntimeError: cannot speak to key=***",
    )


def test_a_heartbeat_follows_good_nights_only(declare, http, other, monkeypatch):
    monkeypatch.setenv("BL_WECOM", http.url(f"/send?key={KEY}"))
    monkeypatch.setenv("BL_BEAT", other.url("/ping/0b5e1c1e-aaaa-bbbb-cccc-000000000000"))
    home = declare(duty={"type": "wecom", "url_env": "BL_WECOM"}, heartbeat_env="BL_BEAT")
    for outcome in ("blocked", "crashed", "unchanged", "published"):
        assert alerts.night_ended(home, report(outcome, message="x"), outcome) == []
    assert [request.path for request in other.requests] == ["/ping/0b5e1c1e-aaaa-bbbb-cccc-000000000000"] * 2
    other.status = 500
    assert alerts.night_ended(home, report(), "r") == ["alerts: the heartbeat was not heard: HTTP 500"]
    monkeypatch.setenv("BL_BEAT", "http://127.0.0.1:9/ping/0b5e1c1e-aaaa-bbbb-cccc-000000000000")
    [problem] = alerts.night_ended(home, report(), "r")
    assert (
        problem.startswith("alerts: the heartbeat was not heard: ConnectionError")
        and "0b5e1c1e" not in problem
    )


# ── secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_stands_in_output_logs_book_or_report(declare, call, settings, monkeypatch, caplog):
    """Every channel fails in its own way; what is said of it names no key, token, secret, user or password."""
    held = {
        "BL_WECOM": f"http://127.0.0.1:9/cgi-bin/webhook/send?key={KEY}",
        "BL_WECOM2": "https://127.0.0.1:9/cgi-bin/webhook/send?key=bad!key!of!a!robot",
        "BL_DING": f"http://127.0.0.1:9/robot/send?access_token={TOKEN}",
        "BL_DING2": "http://127.0.0.1:9/robot/send?access_token=to/ken+of+a+robot",
        "BL_SECRET": SECRET,
        "BL_HOOK": "http://li:pass%2Fword77@127.0.0.1:9/T0KENPATH/B0123456789abcdef?sig=zzzYYYxxx",
        "BL_AUTH": "Bearer hunter2-hunter2",
        "BL_USER": "mailuser77",
        "BL_PASSWORD": "p@ss w%rd+77",
        "BL_BEAT": "http://127.0.0.1:9/ping/0b5e1c1e-aaaa-bbbb",
    }
    for name, value in held.items():
        monkeypatch.setenv(name, value)
    smtp = {
        "type": "smtp",
        "host": "127.0.0.1",
        "port": 9,
        "sender": "a@example.org",
        "to": ["b@example.org"],
    }
    home = declare(
        wecom={"type": "wecom", "url_env": "BL_WECOM"},
        wecom2={"type": "wecom", "url_env": "BL_WECOM2"},
        ding={"type": "dingtalk", "url_env": "BL_DING", "secret_env": "BL_SECRET"},
        ding2={"type": "dingtalk", "url_env": "BL_DING2", "secret_env": "BL_SECRET"},
        hook={"type": "webhook", "url_env": "BL_HOOK", "headers_env": {"Authorization": "BL_AUTH"}},
        mail=smtp | {"user_env": "BL_USER", "password_env": "BL_PASSWORD"},
        heartbeat_env="BL_BEAT",
    )
    caplog.set_level(logging.WARNING)
    ending = write_crash(settings, "r1", ValueError("x"))
    assert len(ending.warnings) == 6
    said = [*ending.warnings, *alerts.night_ended(home, report(), "r2"), caplog.text]
    for command in (("test",), ("list",), ("list", "--json"), ("flush",)):
        code, out, err = call("alerts", *command)
        said += [out, err]
        assert code == (0 if command[0] == "list" else 1)
    said += [path.read_text("utf-8") for path in home.reports.rglob("*") if path.is_file()]
    secrets = [KEY, "bad!key", TOKEN, "ken+of", SECRET, "pass%2Fword77", "pass/word77", "B0123456789", "zzzYYYxxx",
               "hunter2", "mailuser77", "p@ss", "w%rd", "0b5e1c1e"]  # fmt: skip
    assert [secret for secret in secrets if secret in "\n".join(said)] == []
    assert "Connection refused" in "\n".join(said)  # and yet it says why


@pytest.mark.parametrize(
    ("held", "text", "shown"),
    [
        ("https://h/send?key=ab-cd", "no route: /send?key=ab-cd (x)", "no route: /send?key=*** (x)"),
        ("a+b c", "got a%2Bb%20c and a%2Bb+c and a+b c", "got *** and *** and ***"),
        ("", "nothing to hide", "nothing to hide"),
        ("https://[h/", "seen https://[h/", "seen ***"),
    ],
)
def test_what_a_variable_holds_is_hidden_however_it_is_written(monkeypatch, held, text, shown):
    monkeypatch.setenv("BL_HELD", held)
    assert alert_settings.redacted(text, ["BL_HELD"]) == shown


# ── alerts.yml ─────────────────────────────────────────────────────────────────────────────────────────────────────


DUTY = "channels:\n - {name: duty, type: wecom, url_env: BL_A"
MAIL = "channels:\n - {name: m, type: smtp, host: h, "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (DUTY + ", events: [blokced]}", "channel duty, field events.0: Input should be 'blocked', "),
        ("channels:\n - {name: duty, type: pigeon}", "channel duty: "),
        ("channels:\n - {name: Duty!, type: wecom, url_env: BL_A}", "channel Duty!, field name: "),
        ("channels:\n - {name: duty, type: wecom}", "channel duty, field url_env: Field required"),
        (DUTY + ", colour: red}", "channel duty, field colour: Extra inputs"),
        (DUTY + ", events: []}", "channel duty, field events: expected at least one"),
        (DUTY + "}\n - {name: duty, type: wecom, url_env: BL_B}", "names appear more than once: duty"),
        ("channels: []", "channels: expected at least one"),
        (DUTY + "}\nrepeat_hours: {blocked: 0}", "field repeat_hours.blocked: "),
        (DUTY + "}\nrepeat_hours: {blokced: 9}", "field repeat_hours.blokced"),
        (MAIL + "sender: a, to: [b@c.d]}", "channel m, field sender: "),
        (MAIL + "sender: a@b.c, to: []}", "channel m, field to: "),
        (MAIL + "sender: a@b.c, to: [b@c.d], user_env: BL_U}", "named together"),
        (MAIL + "sender: a@b.c, to: [b@c.d], user_env: BL_U, password_env: BL_P, security: none}", "in the clear"),
        ("[]", "expected a list under `channels:`"),
        ("channels: [", "not readable as YAML (line 1, "),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_by_channel_and_field_and_ends_with_two(call, home, text, told):
    (home.root / "alerts.yml").write_text(text, encoding="utf-8")
    for command in ("list", "test", "flush"):
        code, out, err = call("alerts", command)
        assert (code, out) == (2, "")
        assert err.startswith("alerts.yml") and told in err


@pytest.mark.parametrize(
    "line",
    ["url: 'https://h/send?key=abc-secret'", "password: abc-secret", "url_env: 'https://h/send?key=abc-secret'",
     "url_env: abc-secret", "secret_env: [abc-secret]", "name: [abc-secret", "host: 'li:abc-secret@h'"],
)  # fmt: skip
def test_a_secret_in_the_file_is_refused_without_being_repeated(call, home, line):
    (home.root / "alerts.yml").write_text(f"channels:\n - type: dingtalk\n   {line}\n", encoding="utf-8")
    code, out, err = call("alerts", "list")
    assert code == 2
    assert "abc-secret" not in out + err


def test_the_file_may_lie_elsewhere_and_must_be_where_it_is_said_to_be(home, tmp_path, monkeypatch, call):
    assert call("alerts", "test")[0] == 2
    monkeypatch.setenv("BLUE_LEDGER_ALERTS", str(tmp_path / "etc.yml"))
    with pytest.raises(AlertsError, match="BLUE_LEDGER_ALERTS: there is no file"):
        alert_settings.load(home)
    (tmp_path / "etc.yml").write_text(
        "channels:\n - {name: duty, type: wecom, url_env: BL_A}\n", encoding="utf-8"
    )
    assert alert_settings.load(home).channel("duty").events == alert_settings.EVENTS


def test_the_example_is_sound_and_its_variables_stand_in_the_example_beside_it(monkeypatch):
    examples = PROJECT / "docs" / "examples"
    monkeypatch.setenv("BLUE_LEDGER_ALERTS", str(examples / "alerts.yml"))
    settings = alert_settings.load(Home(examples))
    assert [channel.type for channel in settings.channels] == ["wecom", "dingtalk", "smtp", "webhook"]
    shown = re.findall(r"^(\w+)='.*'$", (examples / "alerts.env").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(set(settings.variables))


# ── the command line ───────────────────────────────────────────────────────────────────────────────────────────────


def test_channels_are_tried_one_by_one_and_told_apart(declare, http, call, monkeypatch):
    monkeypatch.setenv("BL_WECOM", http.url(f"/send?key={KEY}"))
    declare(duty={"type": "wecom", "url_env": "BL_WECOM"}, other={"type": "webhook", "url_env": "BL_UNSET"})
    code, out, _ = call("alerts", "test")
    assert (code, out.splitlines()) == (
        1,
        ["delivered duty", "failed    other: the environment variable BL_UNSET is not set"],
    )
    assert http.texts()[0].startswith("【蓝账】通道测试\n这是一条测试消息")
    assert call("alerts", "test", "--channel", "duty")[:2] == (0, "delivered duty\n")
    code, _, err = call("alerts", "test", "--channel", "pigeon")
    assert (code, err) == (2, "--channel: alerts.yml has no channel pigeon; it has duty, other\n")


def test_the_list_shows_channels_what_is_open_and_what_waits(wecom, http, call, monkeypatch):
    http.status = 503
    alerts.tell(wecom, [BLOCKED], ())
    monkeypatch.delenv("BL_WECOM")
    code, out, _ = call("alerts", "list")
    channel, opened, waiting, last = out.splitlines()
    assert code == 0
    assert channel.startswith("channel  duty ") and channel.endswith("not set in this environment: BL_WECOM")
    assert opened.startswith("open     blocked") and opened.endswith(BLOCKED.text)
    assert waiting.startswith("waiting  duty ") and "1 tries: HTTP 503" in waiting
    assert last.startswith("1 channels, 1 open, 1 not delivered: ")
    content = json.loads(call("alerts", "list", "--json")[1])
    assert content["channels"][0]["variables"] == {"BL_WECOM": False}
    assert content["open"][0]["event"] == "blocked"


# ── the watchman ───────────────────────────────────────────────────────────────────────────────────────────────────


def today_id(hours: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y%m%dT%H%M%SZ")


@pytest.fixture
def no_progress(monkeypatch):
    """The small release of these tests holds no plan."""
    monkeypatch.setattr(cli, "_print_progress", lambda release: None)
    monkeypatch.setattr("warehouse.progress.plan_progress", lambda release: [])


@pytest.mark.usefixtures("no_progress")
def test_the_status_tells_the_age_and_only_a_question_about_it_fails(call, publish):
    release = publish(today_id(25))
    code, out, _ = call("status")
    assert (code, out.splitlines()[-1]) == (0, "age     25 hours 版本已发布 25 小时")
    assert call("status", "--fail-stale", 26)[0] == 0
    code, out, err = call("status", "--fail-stale", 24)
    assert (code, out) == (4, "")
    assert err == f"stale: release {release.id} is 25 hours old, 24 hours are allowed\n"
    content = json.loads(call("status", "--json")[1])
    assert (content["age_hours"], content["stale"]) == (25.0, None)


@pytest.mark.usefixtures("no_progress")
def test_a_release_of_two_nights_ago_is_called_stale_by_the_plain_status(call, publish):
    publish(today_id(50))
    code, out, _ = call("status")
    assert code == 0
    assert out.splitlines()[-1].startswith(
        "age     2 days 2 hours 版本已发布 2 天 2 小时 · STALE 版本过旧: release "
    )
    assert "36 hours are allowed" in json.loads(call("status", "--json")[1])["stale"]


@pytest.mark.usefixtures("no_progress")
def test_a_release_whose_id_tells_no_time_is_of_unknown_age(call, publish):
    manifest = publish(today_id()).path / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8")) | {"id": "restored"}
    manifest.unlink()
    manifest.write_text(json.dumps(content), encoding="utf-8")
    code, out, _ = call("status")
    assert code == 0
    assert out.splitlines()[-1].startswith("age     unknown 不详: the current release cannot be read: ")
    content = json.loads(call("status", "--json")[1])
    assert content["age_hours"] is None and "'restored'" in content["stale"]


def test_no_release_and_a_damaged_one_are_stale_to_the_watchman(call, publish, home):
    assert call("status", "--fail-stale", 26) == (4, "", f"stale: there is no release in {home.root}\n")
    release = publish(today_id())
    page = release.path / "reports" / "night.html"
    page.unlink()
    code, _, err = call("status", "--fail-stale", 26)
    assert (code, err) == (4, f"stale: release {release.id} is damaged: reports/night.html\n")


@pytest.mark.parametrize(
    "arguments", [("--alert",), ("--fail-stale", 3, "--as-of", "2026-01-01"), ("--fail-stale", "x")]
)
def test_a_question_to_the_watchman_that_makes_no_sense_is_bad_usage(call, arguments):
    assert call("status", *arguments)[0] == 2


@pytest.mark.usefixtures("no_progress")
def test_the_watchman_tells_a_stale_release_once_and_when_it_is_over(wecom, http, call, publish):
    publish(today_id(50))
    for _ in range(2):
        assert call("status", "--fail-stale", 26, "--alert")[0] == 4
    publish(today_id())
    assert call("status", "--fail-stale", 26, "--alert")[0] == 0
    first, second = http.texts()
    assert first.startswith("【蓝账】当前版本过旧或不可用\n")
    assert "，已过 2 天 2 小时，上限 26 小时" in first
    assert second.startswith("【蓝账】已恢复：当前版本过旧或不可用\n")


def test_the_watchman_speaks_though_the_home_is_gone_and_does_not_make_one(
    wecom, http, call, tmp_path, monkeypatch
):
    monkeypatch.setenv("BLUE_LEDGER_ALERTS", str(wecom.root / "alerts.yml"))
    gone = tmp_path / "not mounted" / "home"
    code, _, err = call("status", "--fail-stale", 26, "--alert", "--home", gone)
    assert code == 4
    assert f"stale: there is no release in {gone}" in err and "cannot be written" in err
    assert "· 没有可用的版本：there is no release in" in http.texts()[0]
    assert not gone.parent.exists()


def test_an_alert_nobody_heard_does_not_change_the_watchmans_answer(wecom, http, call, publish):
    http.status = 503
    publish(today_id(50))
    code, _, err = call("status", "--fail-stale", 26, "--alert")
    assert code == 4
    assert err.startswith("warning: alerts: 1 not delivered to duty") and "\nstale: " in err


def test_a_watchman_without_a_channel_says_so_and_answers_all_the_same(call, home, publish):
    code, _, err = call("status", "--fail-stale", 26, "--alert")
    assert code == 4
    assert err.splitlines() == [
        f"warning: alerts: nobody was told: there is no {home.root / 'alerts.yml'}: no channel is declared;"
        " docs/operations.md shows one",
        f"stale: there is no release in {home.root}",
    ]
    publish(today_id())
    assert call("status", "--fail-stale", 26, "--alert")[0] == 2


def test_a_published_night_ends_what_the_watchman_began(wecom, http):
    alerts.tell(wecom, alerts.of_release(look(wecom), timedelta(hours=26)), {"stale"})
    alerts.night_ended(wecom, report(), "r1")
    assert http.texts()[1].startswith("【蓝账】已恢复：当前版本过旧或不可用\n")


# ── runbooks ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_alert_has_its_section_in_the_runbooks(kind):
    text = (PROJECT / RUNBOOKS).read_text(encoding="utf-8")
    [section] = re.findall(rf'^<a id="{kind}"></a>\n\n## (.*?)(?=^<a id=|\Z)', text, re.MULTILINE | re.DOTALL)
    assert section.startswith(f"{KINDS[kind].title_zh} ({kind})\n")
    for heading in ("**含义**", "**先看**", "**处置**"):
        assert heading in section


def test_every_event_has_a_kind_and_the_gravest_come_first():
    assert [*KINDS][: len(alert_settings.EVENTS)] == list(alert_settings.EVENTS)
    grave = [KINDS[event].severity for event in alert_settings.EVENTS]
    assert grave == sorted(grave, key=("failure", "warning").index)
