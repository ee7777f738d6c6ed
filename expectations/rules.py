"""Our own kind of expectation: no row answers a query. Importing this imports Great Expectations; ``checks`` does so late."""

from __future__ import annotations

from typing import Any, ClassVar

import great_expectations.expectations as gxe


class NoRow(gxe.UnexpectedRowsExpectation):
    """The library's expectation about unexpected rows, counting them only.

    Its parent runs the query twice, once more for the rows, whether there are any or not. Here the runner reads ten
    of the rows where the count is not zero.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        unexpected = metrics["unexpected_rows_query.row_count"]
        return {"success": unexpected == 0, "result": {"observed_value": unexpected}}
