"""Synthetic registers for trials, benchmarks and the default run's demo sources.

Everything here is invented and says so; no parsing, no reading of real sources, no business rules.
"""

from ingest.demo.errors import DemoError
from ingest.demo.generator import GENERATOR_VERSION, generate, renew

__all__ = ["GENERATOR_VERSION", "DemoError", "generate", "renew"]
