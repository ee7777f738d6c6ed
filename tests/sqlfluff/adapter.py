"""What sqlfluff takes for dbt's `adapter`: a dispatched macro is a function of its name, which parses where that stands."""


def dispatch(name: str, package: str):
    if name == "years":  # stands where a query does
        return lambda *arguments: "select 1 as year"
    return lambda *arguments: f"{name}({arguments[0]})"
