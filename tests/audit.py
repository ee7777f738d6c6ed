"""Known vulnerabilities of what the lock pins, by pip-audit: `make audit`. Says plainly when nobody answered.

    python tests/audit.py PIP_AUDIT

Exit 0: every package was looked up and none is known to be vulnerable, or no advisory service could be asked (which is said,
and is no proof of anything). 1: a vulnerability is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
TIMEOUT_S = 600


def summed_up(report: str) -> tuple[str, int]:
    """What pip-audit found, in words, and the exit code. `report` is its JSON; without one it got no answer."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return "not audited: no advisory service answered", 0
    known = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'nothing yet'}"
        for package in packages
        for one in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if package.get("skip_reason")]
    lines = sorted(known)
    if not packages or len(skipped) == len(packages):
        lines.append(f"not audited: no advisory service knows any of the {len(packages)} packages")
    else:
        lines.append(f"{len(packages) - len(skipped)} packages audited, {len(known)} known vulnerabilities")
        if skipped:
            lines.append(f"not audited: {', '.join(sorted(skipped))}")
    return "\n".join(lines), 1 if known else 0


def main() -> None:
    command = [
        sys.argv[1],
        "-r",
        str(LOCK),
        "--disable-pip",
        "--no-deps",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
        report = done.stdout
    except (OSError, subprocess.TimeoutExpired):
        report = ""
    text, code = summed_up(report)
    print(text)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
