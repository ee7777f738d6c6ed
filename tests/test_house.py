"""The house rules that no single room can hold: who imports whom, how SQL is written, what no tracked file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("ingest", "warehouse", "expectations", "orchestration")
MAY_IMPORT = {
    "ingest": {"ingest"},
    "warehouse": {"warehouse"},
    "expectations": {"expectations", "warehouse"},
    "orchestration": set(ROOMS),
}


def modules(room: str) -> list[Path]:
    return sorted(path for path in (PROJECT / room).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


# ── imports ────────────────────────────────────────────────────────────────────────────────────────────────────────


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below a node; `ast.walk` would look at every name and constant, too, and take four times as long."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for below in getattr(node, part, None) or ():
            if isinstance(below, ast.stmt):
                yield below
            yield from statements(below)


@cache
def imported(source: str) -> frozenset[str]:
    """Top-level names of every import in a module, also of those inside functions."""
    found: set[str] = set()
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def test_an_import_inside_a_function_is_an_import():
    source = (
        "import json\nif json:\n    pass\nelse:\n    import os\n"
        "class A:\n    def f(self):\n        try:\n            from warehouse.home import Home\n"
        "        except OSError:\n            import ingest.parse as p\n"
    )
    assert imported(source) == {"json", "os", "warehouse", "ingest"}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room):
    wrong = {
        named(path): sorted(above)
        for path in modules(room)
        if (above := (imported(path.read_text(encoding="utf-8")) & {*ROOMS, "tests"}) - MAY_IMPORT[room])
    }
    assert wrong == {}


def test_no_module_of_the_house_speaks_pandas():
    users = [
        named(path)
        for room in ROOMS
        for path in modules(room)
        if "pandas" in imported(path.read_text(encoding="utf-8"))
    ]
    assert users == []


def texts_of_no_encoding(source: str) -> list[str]:
    """Where a module reads or writes text without saying as what; the builtin `open` of bytes is not meant."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and "encoding" not in {keyword.arg for keyword in node.keywords}
        and (
            getattr(node.func, "attr", "") in ("read_text", "write_text")
            or (
                getattr(node.func, "id", "") == "open"
                and "b" not in "".join(map(ast.unparse, node.args[1:2]))
            )
        )
    ]


def test_the_search_for_texts_finds_those_that_do_not_say_as_what():
    source = "a.read_text()\nb.write_text(c, encoding='utf-8')\nopen(d, 'w')\nopen(d, 'wb')\na.open('rb')"
    assert texts_of_no_encoding(source) == ["a.read_text()", "open(d, 'w')"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_says_its_encoding_since_a_server_without_a_locale_takes_another(room):
    found = {
        named(path): texts
        for path in modules(room)
        if (texts := texts_of_no_encoding(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_modules_that_define_dagster_objects_keep_their_annotations_as_objects():
    """Dagster reads the annotation of `context` and of resources; as text it rejects them."""
    folder = PROJECT / "orchestration"
    defining = [
        *sorted((folder / "assets").glob("*.py")),
        *(folder / name for name in ("jobs.py", "resources.py", "definitions.py")),
    ]
    postponed = [
        named(path) for path in defining if "__future__" in imported(path.read_text(encoding="utf-8"))
    ]
    assert len(defining) > 5
    assert postponed == []


def loaded_by(module: str) -> set[str]:
    """Top-level packages that are loaded once a module has been imported in a process of its own."""
    program = f"import sys, {module}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_command_line_starts_without_the_slow_libraries():
    assert (
        loaded_by("orchestration.cli")
        & {"great_expectations", "dbt", "dagster", "polars", "duckdb", "apprise", "requests"}
        == set()
    )


@pytest.mark.slow
def test_the_code_location_loads_without_great_expectations_and_dbt():
    loaded = loaded_by("orchestration.definitions")
    assert "dagster" in loaded
    assert loaded & {"great_expectations", "dbt"} == set()


def test_every_module_says_in_its_first_line_what_it_is_for():
    first_line = re.compile(r'r?"""\s?[^\s"]')
    silent = [
        named(path)
        for path in [*(path for room in ROOMS for path in modules(room)), *modules("tests")]
        if not first_line.match(path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def workbooks_made(source: str) -> list[ast.Call]:
    """Calls that make a workbook to be written."""
    if "Workbook(" not in source:
        return []
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("xlsxwriter.Workbook", "Workbook")
    ]


def takes_no_text_for_a_formula(call: ast.Call, source: str = "") -> bool:
    options = call.args[1] if len(call.args) > 1 else None
    if isinstance(options, ast.Name):
        if options.id == "WORKBOOK_OPTIONS":
            return True
        assigned = [
            node.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [options.id]
        ]
        options = assigned[0] if len(assigned) == 1 else None
    if isinstance(options, ast.Dict) and options.keys and options.keys[-1] is None:
        return (
            ast.unparse(options.values[-1]) == "WORKBOOK_OPTIONS"
        )  # last, so that nothing after it says otherwise
    given = ast.literal_eval(options) if options else {}
    return given.get("strings_to_formulas") is False and given.get("strings_to_urls") is False


def options_by_name(source: str) -> list[ast.expr]:
    """What a module assigns to the name that calls are checked by; imports of it are none."""
    return [
        node.value
        for node in statements(ast.parse(source))
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and "WORKBOOK_OPTIONS"
        in map(ast.unparse, node.targets if isinstance(node, ast.Assign) else [node.target])
    ]


def test_the_options_that_workbooks_are_made_with_by_name_say_so_wherever_they_are_set():
    found = {
        named(path): [ast.literal_eval(value) for value in values]
        for room in ROOMS
        for path in modules(room)
        if "WORKBOOK_OPTIONS" in (source := path.read_text(encoding="utf-8"))
        if (values := options_by_name(source))
    }
    assert set(found) == {"ingest/spreadsheets.py", "warehouse/spreadsheets.py"}
    off = {"strings_to_formulas": False, "strings_to_urls": False}
    assert all(off.items() <= options.items() for [options] in found.values())
    assert options_by_name("from a import WORKBOOK_OPTIONS\nif a:\n    WORKBOOK_OPTIONS = {}\n")


def test_no_workbook_of_the_house_takes_a_text_for_a_formula_or_a_link():
    calls = [
        (named(path), call, source)
        for room in ROOMS
        for path in modules(room)
        for source in [path.read_text(encoding="utf-8")]
        for call in workbooks_made(source)
    ]
    assert len(calls) >= 4
    assert [place for place, call, source in calls if not takes_no_text_for_a_formula(call, source)] == []
    bare, told = workbooks_made(
        "xlsxwriter.Workbook(p); xlsxwriter.Workbook(p, {'strings_to_formulas': False})"
    )
    assert not takes_no_text_for_a_formula(bare) and not takes_no_text_for_a_formula(told)


# ── SQL that two dialects read alike ───────────────────────────────────────────────────────────────────────────────

# What another engine refuses, or, worse, answers differently. What a model needs of it, macros/portable.sql or dbt holds.
BANNED = {
    "qualify": r"\bqualify\b",
    "a cast by colons": r"::",
    "try_cast": r"\btry_cast\s*\(",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "union by name": r"\bby\s+name\b",
    "star with exclude or replace": r"\*\s*(exclude|replace)\b|\bexclude\s*\(",
    "pivot": r"\b(un)?pivot\b",
    "a join of one engine": r"\b(semi|anti|asof|positional)\s+join\b",
    "list or struct": r"\blist(_\w+)?\s*\(|\bstruct_pack\s*\(|\bunnest\s*\(",
    "string_agg or listagg": r"\b(string_agg|listagg|group_concat)\s*\(",
    "max_by, any_value": r"\b(arg_max|arg_min|max_by|min_by|any_value)\s*\(",
    "quantile, median, mode": r"\b(quantile\w*|median|mode)\s*\(",
    "generate_series": r"\b(generate_series|range|explode|sequence)\s*\(",
    "date parts as functions": r"\b(year|month|day|last_day|strftime|strptime|date_trunc|datetrunc)\s*\(",
    "date differences": r"\b(date_diff|datediff|datesub|date_sub|date_add|dateadd)\s*\(",
    "interval": r"\binterval\b",
    "regular expressions": r"\b(regexp_\w+|rlike|similar\s+to)\b",
    "levenshtein": r"\b(levenshtein|jaro\w*|jaccard)\s*\(",
    "a ratio of exact decimals": r"\b\d+\.\d+\s*[*/]",
    "translate": r"\btranslate\s*\(",
    "json operators and lambdas": r"->",
    "type names of one engine": r"\bas\s+(varchar|string|text|hugeint|ubigint)\b(?!\s*\()",
    "a double-quoted identifier": r'"',
    "a back-quoted identifier": r"`",
    "an identifier that is not ASCII": r"[^\x00-\x7f]",
}
TOKENS = re.compile(
    r"(?P<jinja>\{\{.*?\}\}|\{%.*?%\})|(?P<silent>\{\#.*?\#\}|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*')", re.DOTALL
)
JINJA_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
NOT_IN_JINJA = ("a double-quoted identifier", "an identifier that is not ASCII")


def banned_constructs(sql: str) -> list[str]:
    """What a model's SQL must not hold, outside comments and literals; SQL handed to a macro as text counts."""
    handed = []

    def blank(match: re.Match) -> str:
        if match["jinja"]:
            handed.extend(one or other for one, other in JINJA_TEXT.findall(match["jinja"]))
        return " "

    plain = TOKENS.sub(blank, sql)
    found = [name for name, pattern in BANNED.items() if re.search(pattern, plain, re.IGNORECASE)]
    for text in handed:
        found += [
            name
            for name, pattern in BANNED.items()
            if name not in NOT_IN_JINJA and re.search(pattern, text, re.IGNORECASE)
        ]
    return found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", ["qualify"]),
        ("select a::int from t", ["a cast by colons"]),
        ("select try_cast(a as integer) from t", ["try_cast"]),
        ("select a, count(*) from t\ngroup by  all", ["group by all"]),
        ("select * exclude (a) from t", ["star with exclude or replace"]),
        ("select * from a union all by name select * from b", ["union by name"]),
        ("select list(a) from t", ["list or struct"]),
        ("select string_agg(a, ';') from t", ["string_agg or listagg"]),
        ("select quantile_cont(a, 0.5) from t", ["quantile, median, mode"]),
        ("select strftime(a, '%Y') from t", ["date parts as functions"]),
        ("select date_diff('day', a, b) from t", ["date differences"]),
        ("select a + interval 1 month from t", ["interval"]),
        ("select regexp_matches(a, '化工') from t", ["regular expressions"]),
        ("select a ->> 'b' from t", ["json operators and lambdas"]),
        ("select levenshtein(a, b) from t", ["levenshtein"]),
        ("select 100.0 * a / b from t", ["a ratio of exact decimals"]),
        ("select cast(a as varchar) from t", ["type names of one engine"]),
        ('select "county" from t', ["a double-quoted identifier"]),
        ("select `county` from t", ["a back-quoted identifier"]),
        ("select 1 as 县", ["an identifier that is not ASCII"]),
        ("select {{ string_list('a::text', 'b') }} from t", ["a cast by colons"]),
    ],
)
def test_the_lint_finds(sql, expected):
    assert banned_constructs(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "select area_id, count(*) as n from t group by area_id",
        '-- qualify is banned: "县"\nselect \'县::"qualify"\' as reason from t',
        "/* list(a)\n->> */ select cast(a as varchar(10)) from t",
        "select {{ year_end('year') }}, {{ ref(\"areas\") }} from t {# strftime(县) #}",
        "{%- set labels = [\"海洋生产总值\", '占比'] %}\nselect 1 as n",
        "select extract(year from a) as year, year as excluded_year from t where year >= 2021",
        "select sum(a) filter (where b > 1), 'it''s ::' from t",
        "select cast(a as {{ dbt.type_string() }}) from listed",
    ],
)
def test_the_lint_lets_pass(sql):
    assert banned_constructs(sql) == []


def test_models_hold_no_construct_that_only_one_engine_reads():
    models = sorted((PROJECT / "dbt_project" / "models").rglob("*.sql"))
    assert len(models) > 30
    found = {named(path): what for path in models if (what := banned_constructs(path.read_text("utf-8")))}
    assert found == {}


def test_every_list_of_years_or_months_that_a_model_makes_ends_at_the_horizon():
    models = (PROJECT / "dbt_project" / "models").rglob("*.sql")
    calls = [
        call
        for path in models
        for call in re.findall(r"\{\{ (?:years|months)\((.*)\) \}\}", path.read_text("utf-8"))
    ]
    assert len(calls) >= 9
    assert [call for call in calls if not re.fullmatch(r"\d{4}, horizon\(\)", call)] == []


# ── what stands in tracked files ───────────────────────────────────────────────────────────────────────────────────

MACHINE_PATH = re.compile(r"(?<![\w.*/-])/(?:work|root|tmp|Users|home|var/folders)/\w")
REGISTRY = re.compile(
    r"https?://[^\s/\"']*(?:pypi|pythonhosted|npm|mirror|artifact|nexus|registry|goproxy)"
    r"|(?<!no-emit-)(?:extra-)?index-url\s*[= ]\s*\S"
    r"|--(?:find-links|trusted-host)\b",
    re.IGNORECASE,
)


def tracked_texts() -> list[tuple[str, str]]:
    """Every tracked file that is text, with its content."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    texts = []
    for name in filter(None, listed.stdout.split("\0")):
        path = PROJECT / name
        if not path.is_file() or b"\0" in (content := path.read_bytes())[:8192]:
            continue
        texts.append((name, content.decode("utf-8", "replace")))
    return texts


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (MACHINE_PATH, "open('" + "/tm" + "p/x.csv')", True),
        (MACHINE_PATH, "cd /" + "home/li/ledger", True),
        (MACHINE_PATH, "https://example.org/home/page", False),
        (MACHINE_PATH, "data/" + "tmp/x", False),
        (REGISTRY, "https://" + "pypi.example.org/simple", True),
        (REGISTRY, "--index" + "-url https://x", True),
        (REGISTRY, "--no-emit-index-url --no-header", False),
        (REGISTRY, "https://www.weifang.gov.cn/npmx", False),
    ],
)
def test_the_search_for_places_of_one_machine(pattern, text, is_found):
    assert bool(pattern.search(text)) is is_found


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry"])
def test_no_tracked_file_names_a_place_that_only_one_machine_has(pattern):
    found = {name: match[0] for name, text in tracked_texts() if (match := pattern.search(text))}
    assert found == {}


def test_every_picture_is_shown_or_linked_and_every_link_of_the_documents_leads_to_a_file():
    pages = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]
    texts = {
        page: re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL) for page in pages
    }
    linked = {
        (page.parent / target).resolve()
        for page, text in texts.items()
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    }
    assert len(linked) > 40
    assert [named(path) for path in sorted(linked) if not path.exists()] == []
    pictures = set((PROJECT / "docs" / "images").resolve().iterdir())
    assert [named(path) for path in sorted(pictures - linked)] == []


def test_every_pin_has_a_hash_and_no_index_is_named():
    lines = (PROJECT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins: dict[str, int] = {}
    for line in lines:
        if line and not line[0].isspace():
            assert re.match(r"^[a-z0-9][a-z0-9._-]*==\S+( ;[^\\]+)? \\$", line), line
            name = line.split("==")[0]
            pins[name] = 0
        elif line.strip():
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
            pins[name] += 1
    assert len(pins) > 50
    assert [name for name, hashes in pins.items() if not hashes] == []


def test_what_the_project_asks_for_is_pinned():
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.match(r"[A-Za-z0-9._-]+", text)[0].lower().replace("_", "-") for text in wanted}
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert names - set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)) == set()
