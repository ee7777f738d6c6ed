"""`blue-ledger bi`: the bundle for Superset, and Superset itself on loopback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from orchestration.options import HomeOption, UsageError, home_at, release_of

app = typer.Typer(
    help="Superset: the bundle of datasets, charts and the dashboard 蓝账驾驶舱, and a server of our own.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def bundle(
    output: Annotated[Path, typer.Option("-o", "--output", help="The bundle, FILE.zip.")],
    home: HomeOption = None,
    portable: Annotated[
        bool, typer.Option("--portable", help="Leave the database's address open, for a Superset elsewhere.")
    ] = False,
) -> None:
    """Datasets of every mart, charts and the dashboard, for any Superset 6: same dictionary, same bytes."""
    from warehouse.bi import bundle as making

    if output.suffix != ".zip":
        raise UsageError(f"-o {output}: the bundle's name ends in .zip")
    found = home_at(home)
    release = release_of(found)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(making.make(release, None if portable else found))
    except OSError as error:
        raise UsageError(f"-o {output}: cannot be written ({error.strerror})") from error
    print(f"{output}: dashboard 蓝账驾驶舱 of release {release.id}")
    if portable:
        print(f"put the path of a marts.duckdb in place of {making.PLACEHOLDER}")


@app.command()
def serve(
    home: HomeOption = None,
    port: Annotated[int, typer.Option("--port", help="On 127.0.0.1.")] = 8088,
    environment: Annotated[
        Path, typer.Option("--environment", help="Where `make superset` put Superset.")
    ] = Path(".venv-superset"),
) -> None:
    """Superset over the current release, on loopback only; brings its charts up to date first."""
    from orchestration import superset

    found = home_at(home)
    release = release_of(found)
    programs = environment.absolute() / "bin"
    try:
        done = superset.prepare(found, release, programs)
    except superset.SupersetError as error:
        raise UsageError(str(error)) from error
    print(f"release   {release.id}: {done['datasets']} datasets, {done['charts']} charts")
    if "password" in done and superset.PASSWORD not in os.environ:
        print(f"user      admin, password {done['password']} (shown once; change it under 设置)")
    print(f"Superset  http://{superset.LOOPBACK}:{port}/superset/dashboard/blue-ledger/", flush=True)
    command, variables = superset.server(found, programs, port)
    os.execvpe(command[0], command, variables)
