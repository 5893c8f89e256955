"""`python -m tests.faults.report`: puts the table of the last full run into docs/reliability.md."""

import json
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / ".cache" / "faults.json"
DOCUMENT = PROJECT / "docs" / "reliability.md"
BEGIN, END = "<!-- table of the last full run: make faults -->", "<!-- end of the table -->"


def table(lines: list[dict[str, Any]], about: str) -> str:
    """The outcomes as Markdown, with their sum."""
    shown = [
        about,
        "",
        "| case | repetitions | events | kills | lost | doubled | recovered in, s | peak MB of a worker |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        peak = f"{line['peak_mb']:.0f}" if line["peak_mb"] else ""
        shown.append(
            f"| {line['case']} | {line['repetitions']} | {line['events']:,} | {line['kills']} | {line['lost']} | "
            f"{line['doubled']} | {line['recovered_s']:.1f} | {peak} |"
        )
    total = {name: sum(line[name] for line in lines) for name in ("repetitions", "events", "kills", "lost", "doubled")}
    shown.append(
        f"| **all** | {total['repetitions']} | {total['events']:,} | {total['kills']} | {total['lost']} | "
        f"{total['doubled']} | {max(line['recovered_s'] for line in lines):.1f} | |"
    )
    notes = [f"- {line['case']}: {'; '.join(dict.fromkeys(line['notes']))}" for line in lines if line["notes"]]
    return "\n".join([*shown, "", "What the cases noted:", "", *notes])


def replaced(text: str, new: str) -> str:
    """A document with what stands between the marks replaced.

    Raises:
        ValueError: It has no marks.
    """
    if BEGIN not in text or END not in text:
        raise ValueError(f"{DOCUMENT.name} has no place for the table: it stands between {BEGIN!r} and {END!r}")
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{new}\n\n{END}", text, flags=re.DOTALL)


def main() -> None:
    """Writes the table, unless the last run was a slice."""
    found = json.loads(RESULTS.read_text())
    if not found["full"]:
        sys.exit("the last run was a slice: the table is written by a full one, make faults")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    about = f"{datetime.now(UTC):%F}, {machine}, {found['seconds'] / 60:.0f} minutes."
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), table(found["outcomes"], about)))
    print(f"{DOCUMENT.relative_to(PROJECT)}: {len(found['outcomes'])} cases")


if __name__ == "__main__":
    main()
