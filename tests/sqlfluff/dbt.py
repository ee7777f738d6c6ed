"""What sqlfluff takes for dbt's macros that differ between engines."""


def type_string() -> str:
    return "varchar"


def datediff(first: str, second: str, part: str) -> str:
    return f"date_diff('{part}', {first}, {second})"
