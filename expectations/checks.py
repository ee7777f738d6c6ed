"""How a check is written down: its id, its reason, the SQL of rules across columns. What is checked: suites.

Great Expectations is imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from expectations.vocabulary import SOLE_TRADER_MASK

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning", "info"]

#: what samples of a dataset's rows are named by
LOCATOR = ("source_locator",)

#: names of columns that would hold data about a person; ours are none of these
_PERSONAL_NAMES = (
    "(^|_)(legal_rep|legal_person|representative|juridical|contact|phone|mobile|telephone|tel|fax|email|e_mail|"
    "id_number|id_no|id_card|identity|passport|home_address|residence|birth|birthday|gender|sex)(_|$)"
    "|法定代表|法人代表|负责人|联系人|经办人|电话|手机|传真|邮箱|身份证|证件号|住址|出生|性别"
)

#: a mainland mobile number, or a resident identity number (a date of birth inside), standing alone in a text
_PERSONAL_NUMBERS = (
    "(^|[^0-9A-Za-z])(1[3-9][0-9]{{9}}"
    "|[1-8][0-9]{{5}}(19|20)[0-9]{{2}}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{{3}}[0-9Xx])([^0-9A-Za-z]|$)"
)


def noted(check: str, why: str, *, samples: str | None = None, **meta: Any) -> dict[str, Any]:
    """Keyword arguments that give an expectation its check id and the sentence with the reason of its bound.

    samples: a query that shows the offending rows better than the library's own, key columns first.
    """
    return {"meta": {"check": check, "samples": samples, **meta}, "notes": why}


def no_row(
    check: str,
    where: str,
    *,
    show: Sequence[str],
    severity: Severity,
    why: str,
    key: Sequence[str] = LOCATOR,
    column: str | None = None,
    tables: str = "",
    source: str = "arrived",
    tolerated_share: float = 0.0,
) -> Expectation:
    """An expectation that no row of the subject satisfies ``where``.

    Args:
        where: SQL condition of an offending row; a qualify clause may follow it. Literal braces are doubled.
        show: expressions that a sample shows after the row's key; the first columns of the query are the key.
        column: the column that the rule is about, where it is about one.
        tables: further common table expressions, each beginning with a comma, that ``source`` joins.
        source: what is selected from; the subject's rows are called ``arrived``.
        tolerated_share: up to this share of all rows may offend.
    """
    from great_expectations.expectations.metadata_types import FailureSeverity

    from expectations.rules import NoRow

    query = f"""with arrived as (select * from {{batch}}){tables},
bad as (select {", ".join([*key, *show])} from {source} where {where})
select * from bad"""
    if tolerated_share:
        query += f" where (select count(*) from bad) > {tolerated_share} * (select count(*) from arrived)"
    return NoRow(
        unexpected_rows_query=query,
        severity=FailureSeverity(severity),
        **noted(check, why, column=column, n_keys=len(key)),
    )


def no_duplicates(
    check: str,
    columns: Sequence[str],
    *,
    severity: Severity,
    why: str,
    key: Sequence[str] = LOCATOR,
    where: str = "true",
    column: str | None = None,
    tolerated_share: float = 0.0,
) -> Expectation:
    """An expectation that no two rows agree in all of the columns; every row that does is counted.

    Two nulls agree. The library's own compound uniqueness leaves rows with a null out of account, and its uniqueness
    of one column gives a query of the offending rows that cannot be run as it stands.
    """
    together = ", ".join(columns)
    same = " and ".join(f"arrived.{name} is not distinct from twice.{name}" for name in columns)
    return no_row(
        check,
        where,
        show=[f"concat_ws(' ', {', '.join(f'{name}::varchar' for name in columns)}) as duplicate"],
        severity=severity,
        why=why,
        key=key,
        column=column,
        # not a window: where a share is tolerated the rows are asked for twice, and the engine computes a window each time
        tables=f",\ntwice as (select {together} from arrived where {where} group by {together} having count(*) > 1)",
        source=f"arrived semi join twice on {same}",
        tolerated_share=tolerated_share,
    )


def complete(
    columns: Sequence[str],
    why: str,
    *,
    check: str = "required_columns_present",
    key: Sequence[str] = LOCATOR,
    where: str = "true",
) -> Expectation:
    """An expectation that none of the columns is null; a sample names the row and the columns that are."""
    missing = ", ".join(f"case when {name} is null then '{name}' end" for name in columns)
    return no_row(
        check,
        f"{where} and ({' or '.join(f'{name} is null' for name in columns)})",
        show=[f"'no ' || concat_ws(', ', {missing}) as found"],
        severity="critical",
        why=why,
        key=key,
    )


def not_in_the_future(
    on: str, precision: str | None, why: str, *, severity: Severity = "critical", where: str = "true"
) -> Expectation:
    """An expectation that a date is not after the day of retrieval.

    precision: the column that says how much of the date was printed. A month or year alone stands as its last day,
    which may lie ahead, so it is held against its first.
    """
    begin = on
    if precision:
        begin = (
            f"case {precision} when 'year' then date_trunc('year', {on}) "
            f"when 'month' then date_trunc('month', {on}) else {on} end"
        )
    return no_row(
        f"{on}_not_after_retrieval",
        f"{where} and {begin} > snapshot_on",
        show=[on, "snapshot_on"],
        severity=severity,
        why=why,
        column=on,
    )


def present(column: str, why: str, *, severity: Severity = "critical") -> Expectation:
    """An expectation that a column is never null."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, severity=FailureSeverity(severity), **noted(f"{column}_present", why)
    )


def one_of(column: str, words: Sequence[str], why: str, *, severity: Severity = "critical") -> Expectation:
    """An expectation that a column holds listed words only; a null passes."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gxe.ExpectColumnValuesToBeInSet(
        column=column,
        value_set=list(words),
        severity=FailureSeverity(severity),
        **noted(f"{column}_known", why),
    )


def between(
    column: str,
    low: float | None,
    high: float | None,
    why: str,
    *,
    check: str,
    severity: Severity = "critical",
) -> Expectation:
    """An expectation that a column's values lie within both bounds, bounds included; a null passes."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, severity=FailureSeverity(severity), **noted(check, why)
    )


def not_empty(why: str, *, severity: Severity) -> Expectation:
    """An expectation that there is at least one row."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gxe.ExpectTableRowCountToBeBetween(
        min_value=1, severity=FailureSeverity(severity), **noted("not_empty", why)
    )


def no_personal_column() -> Expectation:
    """An expectation, from the column names, that nothing holds a person's name, number or address."""
    from great_expectations.expectations.metadata_types import FailureSeverity

    from expectations.rules import NoRow

    return NoRow(
        unexpected_rows_query=f"""select 'column ' || column_name as found
from (describe select * from {{batch}}) as described
where regexp_matches(lower(column_name), '{_PERSONAL_NAMES}')""",
        severity=FailureSeverity.CRITICAL,
        **noted(
            "no_personal_column",
            "No column is named after a legal representative, telephone, identity number or home address, "
            "because personal data stays in landing.",
            n_keys=0,
        ),
    )


def no_personal_number(column: str, *, key: Sequence[str] = LOCATOR) -> Expectation:
    """An expectation that a free text holds no mobile number and no resident identity number."""
    return no_row(
        f"no_personal_number_in_{column}",
        f"regexp_matches({column}, '{_PERSONAL_NUMBERS}')",
        # The number itself must not travel on into results and reports.
        show=["'a telephone or identity number' as found"],
        severity="critical",
        why=f"No {column} holds a mobile or resident identity number, because personal data stays in landing.",
        key=key,
        column=column,
    )


def no_sole_trader_named(
    code: str, names: Sequence[str], *, enterprise_type: str | None = None, key: Sequence[str] = LOCATOR
) -> Expectation:
    """An expectation that a sole trader's own name is masked.

    Args:
        code: expression of the credit code; those of sole traders begin with 92.
        enterprise_type: the column that prints what kind of enterprise it is, where there is one.
    """
    # also of a code that is wrong, such as one in full width: it is kept as it is printed
    is_sole_trader = f"replace(translate({code}, '９２', '92'), ' ', '') like '92%'"
    if enterprise_type:
        is_sole_trader += f" or {enterprise_type} like '%个体%'"
    named = " or ".join(f"{name} <> '{SOLE_TRADER_MASK}'" for name in names)
    return no_row(
        "no_sole_trader_named",
        f"({is_sole_trader}) and ({named})",
        # The name itself must not travel on into results and reports.
        show=["'the name of a sole trader' as found"],
        severity="critical",
        why="A sole trader's name is masked, because it is a person's and personal data stays in landing.",
        key=key,
        column=names[0],
    )


def listed(rows: Sequence[Sequence[object]]) -> str:
    """Rows as an SQL VALUES list, texts quoted, null where a value is None."""

    def literal(value: object) -> str:
        if value is None:
            return "null"
        if isinstance(value, (int, float)):
            return repr(value)
        return "'" + str(value).replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"

    return "values " + ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
