"""One suite per mart: honesty and plausibility of what leaves the house. Keys and joins are dbt's tests."""
