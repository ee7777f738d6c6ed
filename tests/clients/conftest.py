"""Servers that sources are fetched from, really started: PostgreSQL, an S3 stand-in, SFTP. Each on a port of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

from tests.clients.test_clients import environment_with

PASSWORD = "zhang san/1:2@3"  # has every character that an address would take for something else
STARTS_WITHIN_S = 60
POSTGRES_USER = "postgres"  # PostgreSQL does not run as root; Debian's package brings a user for it


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command: list[object], port: int, log: Path, **options: object) -> Iterator[None]:
    """A server from its first answer on its port to its end; what it says is in the log."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [*map(str, command)], stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options
        )
        try:
            deadline = time.monotonic() + STARTS_WITHIN_S
            while process.poll() is None and time.monotonic() < deadline:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)  # polls a server of our own; no result depends on the interval
            else:
                raise AssertionError(f"{command[0]} did not start:\n{log.read_text()}")
            yield
        finally:
            process.send_signal(signal.SIGINT)  # to PostgreSQL: end at once and cleanly
            process.wait(timeout=60)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Postgres:
    """A running server with an empty database."""

    address: str  # with user and password

    def execute(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def load(self, table: str, file: Path) -> None:
        """Make a table of text of a CSV file, its rows in the order of the file."""
        import psycopg
        from psycopg.sql import SQL, Identifier

        header = file.read_text(encoding="utf-8-sig").partition("\n")[0].strip().split(",")
        columns = SQL(", ").join(SQL("{} text").format(Identifier(name)) for name in header)
        with psycopg.connect(self.address, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(SQL("create table {} (row_number serial, {})").format(Identifier(table), columns))
            names = SQL(", ").join(map(Identifier, header))
            command = SQL("copy {} ({}) from stdin (format csv, header)").format(Identifier(table), names)
            with cursor.copy(command) as copy:
                copy.write(file.read_text(encoding="utf-8-sig"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server of Debian's PostgreSQL that takes passwords only; benchmarks start one, too."""
    from urllib.parse import quote

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed (no initdb); .ci/run installs it")
    programs, port = found[-1].parent, free_port()
    # not under pytest's own folder, which nobody but its owner may enter
    folder = Path(tempfile.mkdtemp(prefix="ledger-postgres-"))
    options: dict[str, object] = {"cwd": folder}
    (folder / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, POSTGRES_USER)
        options |= {"user": POSTGRES_USER, "group": POSTGRES_USER, "extra_groups": []}
    try:
        made = subprocess.run(
            [programs / "initdb", "--pgdata=data", "--username=ledger", "--pwfile=password"]
            + ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True,
            text=True,
            **options,
        )
        assert made.returncode == 0, made.stderr
        command = [programs / "postgres", "-D", "data", "-k", folder, "-h", "127.0.0.1", "-p", port]
        with running([*command, "-c", "fsync=off"], port, folder / "log", **options):
            yield Postgres(f"postgresql://ledger:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres")
    finally:
        shutil.rmtree(folder)


# ── S3 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bucket:
    """A bucket of the stand-in, named ledger."""

    endpoint: str

    def put(self, **files: bytes) -> None:
        """Objects by their names, in which __ stands for a dot."""
        import s3fs

        store = s3fs.S3FileSystem(key="k", secret="s", endpoint_url=self.endpoint, skip_instance_cache=True)
        store.mkdirs("ledger", exist_ok=True)
        for name, content in files.items():
            store.pipe(f"ledger/{name.replace('__', '.')}", content)


@pytest.fixture(scope="session")
def bucket(tmp_path_factory) -> Iterator[Bucket]:
    """moto's server, in an environment of its own."""
    folder = tmp_path_factory.mktemp("s3")
    program = environment_with("moto[server]==5.2.1", folder / "venv") / "moto_server"
    port = free_port()
    with running([program, "-H", "127.0.0.1", "-p", port], port, folder / "log"):
        yield Bucket(f"http://127.0.0.1:{port}")


# ── SFTP ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Sftp:
    """A running server of one folder, and what a client must know to be let in."""

    folder: Path
    port: int
    host_key: str  # as a line of a known_hosts file says it
    key_file: Path  # the private key of the user ledger
    logins: list[str] = field(default_factory=list)  # how each client that was let in had proved itself

    def known_hosts(self, key: str | None = None) -> str:
        return f"[127.0.0.1]:{self.port} {key or self.host_key}\n"


@pytest.fixture(scope="session")
def sftp(tmp_path_factory) -> Iterator[Sftp]:
    """An SFTP server in a thread: read-only, one folder, a password and a key."""
    import paramiko

    root = tmp_path_factory.mktemp("sftp")
    (root / "served").mkdir()
    host_key, user_key = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    user_key.write_private_key_file(str(root / "key"))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    line = f"{host_key.get_name()} {host_key.get_base64()}"
    server = Sftp(root / "served", port, line, root / "key")

    class Gate(paramiko.ServerInterface):
        def get_allowed_auths(self, username: str) -> str:
            return "password,publickey"

        def check_auth_password(self, username: str, password: str) -> int:
            return self._let_in("password", (username, password) == ("ledger", PASSWORD))

        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            return self._let_in("publickey", username == "ledger" and key == user_key)

        def check_channel_request(self, kind: str, channel: int) -> int:
            return paramiko.OPEN_SUCCEEDED

        def _let_in(self, how: str, known: bool) -> int:
            if known:
                server.logins.append(how)
            return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    class Folder(paramiko.SFTPServerInterface):
        def _at(self, path: str) -> Path:
            return server.folder / self.canonicalize(path).lstrip("/")

        def list_folder(self, path: str):
            found = sorted(self._at(path).iterdir(), reverse=True)  # in no order that a client may rely on
            return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in found]

        def stat(self, path: str):
            try:
                return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

        lstat = stat

        def open(self, path: str, flags: int, attributes: paramiko.SFTPAttributes):
            try:
                file = self._at(path).open("rb")
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = file
            handle.stat = lambda: paramiko.SFTPAttributes.from_stat(os.fstat(file.fileno()))
            return handle

    transports = []

    def serve() -> None:
        with suppress(OSError):  # the listener was closed: the end
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                transports.append(transport)
                transport.add_server_key(host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Folder)
                with suppress(paramiko.SSHException, EOFError):  # a client that does not trust us hangs up
                    transport.start_server(server=Gate())

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield server
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    for transport in transports:
        transport.close()
