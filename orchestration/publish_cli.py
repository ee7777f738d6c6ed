"""`blue-ledger publish`: the current release into other engines. Commands only parse, call and print."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from orchestration.options import HomeOption, JsonOption, fail, home_at, release_of

EXIT_FAILED, EXIT_USAGE = 1, 2

app = typer.Typer(
    help="The current release into another engine, for tools that cannot open its files.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def publish() -> None:
    """The current release into another engine, for tools that cannot open its files."""


@app.command()
def postgres(
    dsn_env: Annotated[
        str,
        typer.Option(
            "--dsn-env", help="Name of the variable that holds postgresql://user:password@host/database."
        ),
    ],
    schema: Annotated[
        str, typer.Option("--schema", help="Schema that is made, or replaced.")
    ] = "blue_ledger",
    force: Annotated[
        bool, typer.Option("--force", help="Also where this release stands there already.")
    ] = False,
    wait_seconds: Annotated[
        float, typer.Option("--wait-seconds", min=0, help="How long readers may hold up the swap.")
    ] = 60,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mirror the current release into a schema of PostgreSQL, all of it or nothing.

    Exit 0: mirrored, or this release stands there already. 1: not mirrored, the old mirror stays. 2: bad usage.
    """
    from warehouse.postgres import AddressError, MirrorError, address_from, mirror

    release = release_of(home_at(home))
    try:
        done = mirror(release, address_from(dsn_env), schema, force=force, wait_seconds=wait_seconds)
    except AddressError as error:
        fail(str(error), EXIT_USAGE)
    except MirrorError as error:
        fail(str(error), EXIT_FAILED)
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False, indent=1))
        return
    if not done.is_new:
        print(f"nothing to do: {schema} shows release {done.release_id} already (--force makes it anew)")
        return
    for note in done.notes:
        print(f"note: {note}")
    waited = f", swapped at try {done.swap_tries}" if done.swap_tries > 1 else ""
    print(f"{done.tables} tables, {done.rows:,} rows in {done.seconds:.1f} s{waited}")
    print(f"readers: GRANT {done.reader_role} TO their login")
    print(f"{schema} shows release {done.release_id}")
