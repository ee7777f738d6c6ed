"""Fuzzes the readers: seeded mutations of small sound files of every format, and random bytes.

    python tests/benchmarks/fuzz_readers.py --inputs 5000 --seed 1

Each input gives grids or a ReadError, nothing else, and within bounds of time and memory. Inputs run in a process
of their own per reader, under an alarm and a limit of memory, for a library that aborts or never returns takes the
process with it. Prints a table in Markdown; what broke is written to --keep. The suite runs a few inputs of the
same (test_readers_fuzz.py).
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import resource
import signal
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ingest.readers import READERS, Grid, ReadError, read

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ingest"))

MAX_SECONDS = 10.0
MAX_MEMORY_BYTES = 3 * 1024**3


class TooSlow(BaseException):
    """No Exception: a reader would take that for a fault of the file."""


def mutated(sound: bytes, rng: random.Random) -> bytes:
    """The file with some of its bytes changed; the parts of a zip are changed inside, or nothing but the
    checksum would ever be tested.
    """
    if sound.startswith(b"PK") and rng.random() < 0.7:
        return _mutated_package(sound, rng)
    return _mutated_bytes(sound, rng)


def inputs(samples: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs for one reader: nine in ten mutated samples, the others random bytes."""
    rng = random.Random(seed)
    for _ in range(count):
        if rng.random() < 0.1:
            yield rng.randbytes(rng.randint(1, 400))
        else:
            yield mutated(rng.choice(samples), rng)


def outcome(content: bytes, reader: str) -> str:
    """Either "grids" or the message of the refusal; anything else is raised."""
    try:
        grids = read(content, "f.x", reader)
    except ReadError as error:
        assert str(error).startswith(("f.x: ", "f.x>")), f"a message without the file: {error}"
        return str(error)
    assert all(isinstance(grid, Grid) for grid in grids)
    return "grids"


def _mutated_bytes(sound: bytes, rng: random.Random) -> bytes:
    content = bytearray(sound)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(len(content) + 1)
        match rng.randrange(8):
            case 0:
                content[at : at + rng.randint(1, 8)] = rng.randbytes(rng.randint(0, 8))
            case 1 if at < len(content):
                content[at] ^= 1 << rng.randrange(8)
            case 2 if at < len(content):
                content[at] = rng.choice((0, 0xFF, 0x7F, 0x80, ord("9"), ord("<"), ord('"'), ord("/")))
            case 3:
                end = min(len(content), at + rng.randint(1, 200))
                content[at:at] = content[at:end] * rng.randint(1, 20)
            case 4:
                del content[at : at + rng.randint(1, 200)]
            case 5:
                content[at : at + 4] = rng.choice((0xFFFFFFFF, 0x7FFFFFFF, 0xFFFF, 0x10000, 0)).to_bytes(
                    4, "little"
                )
            case 6:
                _enlarge_a_number(content, at, rng)
            case 7:
                del content[at + rng.randrange(len(content) - at + 1) :]
        if not content:
            return b"\0"
    return bytes(content)


def _enlarge_a_number(content: bytearray, at: int, rng: random.Random) -> None:
    """Spans, repeats, references and lengths are numbers: what follows `at` first becomes a large one."""
    for i in range(at, len(content)):
        if chr(content[i]).isdigit():
            content[i : i + 1] = rng.choice((b"999999999", b"-1", b"0", b"1048576", b"65536", b"1e9"))
            return


def _mutated_package(sound: bytes, rng: random.Random) -> bytes:
    source, buffer = zipfile.ZipFile(io.BytesIO(sound)), io.BytesIO()
    names = source.namelist()
    chosen = rng.choice(names)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            part = source.read(name)
            if name == chosen:
                if rng.random() < 0.05:
                    continue
                part = _mutated_bytes(part, rng) if part else rng.randbytes(5)
            target.writestr(name, part)
    return buffer.getvalue()


def _run(reader: str, count: int, seed: int, keep: Path, last: Path, results: multiprocessing.Queue) -> None:
    from readers_samples import samples

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the libraries complain of every input
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))

    def too_slow(*_: object) -> None:
        raise TooSlow(f"still reading after {MAX_SECONDS:g} s")

    signal.signal(signal.SIGALRM, too_slow)
    counts = {"grids": 0, "refused": 0}
    slowest, findings = 0.0, []
    for number, content in enumerate(inputs(samples(reader), count, seed)):
        last.write_bytes(content)
        signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
        said, began = "", time.perf_counter()
        try:
            said = outcome(content, reader)
            counts["grids" if said == "grids" else "refused"] += 1
        except BaseException as error:  # whatever it is, it is the finding
            findings.append(f"{reader} #{number}: {type(error).__name__}: {error}"[:300])
            (keep / f"{reader}-{seed}-{number}").write_bytes(content)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        seconds = time.perf_counter() - began
        if "MemoryError" in said:
            findings.append(f"{reader} #{number}: more memory than {MAX_MEMORY_BYTES:,} bytes")
            (keep / f"{reader}-{seed}-{number}").write_bytes(content)
        if seconds > slowest:
            slowest = seconds
            (keep / f"{reader}-{seed}-slowest").write_bytes(content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put((counts, slowest, peak, findings))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=1000, help="per reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", action="append", choices=READERS)
    parser.add_argument("--keep", type=Path, default=Path("fuzz_findings"))
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    found: list[str] = []
    print("| reader | inputs | grids | refused | findings | slowest, s | peak memory, MB |")
    print("|---|---|---|---|---|---|---|")
    for reader in options.reader or READERS:
        results, last = context.Queue(), options.keep / f"{reader}-{options.seed}-last"
        process = context.Process(
            target=_run, args=(reader, options.inputs, options.seed, options.keep, last, results)
        )
        process.start()
        while process.is_alive() and results.empty():
            process.join(0.2)
        if results.empty():
            print(
                f"| {reader} | {options.inputs} | the process ended ({process.exitcode}) | | | | |",
                flush=True,
            )
            found.append(f"{reader}: its process ended; the input is {last}")
            continue
        counts, slowest, peak, findings = results.get()
        process.join()
        print(
            f"| {reader} | {options.inputs} | {counts['grids']} | {counts['refused']} | {len(findings)} "
            f"| {slowest:.2f} | {peak:.0f} |",
            flush=True,
        )
        found += findings
    print("\n".join(found))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
