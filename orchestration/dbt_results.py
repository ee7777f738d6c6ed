"""What became of a node of a dbt run, in words that need no dbt: read by the night, and written where Spark's dbt runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NodeResult:
    """What became of one seed, model or test."""

    unique_id: str
    name: str
    resource_type: str
    status: str  # success, pass, warn, fail, error, skipped
    message: str | None
    failures: int | None
    seconds: float
    tested: str | None  # unique id of the model that a test is about

    @property
    def is_test(self) -> bool:
        return self.resource_type == "test"

    @classmethod
    def of(cls, result: Any) -> NodeResult:
        """From dbt's own result of a node."""
        node = result.node
        return cls(
            unique_id=node.unique_id,
            name=node.name,
            resource_type=str(node.resource_type),
            status=str(result.status),
            message=result.message,
            failures=result.failures,
            seconds=result.execution_time,
            tested=getattr(node, "attached_node", None),
        )
