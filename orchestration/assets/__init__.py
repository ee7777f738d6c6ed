"""Assets: the stages of the night as Dagster sees them. Each only calls a stage and reports what it found."""
