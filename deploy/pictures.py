"""Makes the README's pictures and its table from one real demo: make pictures.

Starts `cxb up --demo`, writes down what `cxb scorecards` says after a minute, photographs the page in Chromium, and
writes down what a terminal shows, with its timing, as an asciicast (version 2), of which `make pictures` lets termtosvg
make an animation.
"""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ
from typing import Final
from urllib.parse import urlencode
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

PROJECT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = PROJECT / "docs" / "images"
REGISTRY: Final = "deploy/registry.toml"
CXB: Final = (sys.executable, "-m", "streams.cli")
COLUMNS, LINES = 144, 34
KEY_S: Final = 0.06
LONGEST_PAUSE_S: Final = 2.0
"""A reader need not wait as long as the terminal did: longer pauses are cut."""
READ_S: Final = 6.0
LANDING_S: Final = 8.0
AFTER_S: Final = 60.0
"""So long after its start the demo is shown."""
README: Final = PROJECT / "README.md"
BEGINS: Final = "<!-- scorecards: begin (make pictures) -->\n"
ENDS: Final = "<!-- scorecards: end -->"
MOST_BYTES: Final = 300_000
COMMANDS: Final = (("scorecards",), ("drift",), ("governance", "--measure", "effective_owners"))
VIEWS: Final[dict[str, tuple[int, dict[str, str]]]] = {
    "overview": (900, {}),
    "department": (900, {"page": "department", "department": "service", "metric": "csat"}),
    "governance": (1000, {"page": "governance"}),
}
"""The height of the window, 1280 wide, and the state of the page for each view."""


class Recording:
    """What a terminal shows, and when."""

    def __init__(self) -> None:
        self._events: list[tuple[float, str]] = []
        self._now_s = 0.0

    def show(self, text: str, after_s: float) -> None:
        """Shows a text `after_s` seconds after the last one."""
        self._now_s += min(after_s, LONGEST_PAUSE_S)
        self._events.append((self._now_s, text))

    def type(self, command: str) -> None:
        """A person types a command at a prompt."""
        self.show("\x1b[32m$\x1b[0m ", 0.5)
        for letter in command:
            self.show(letter, KEY_S)
        self.show("\r\n", 0.4)

    def has_shown(self, text: str) -> bool:
        """Whether it has shown a text in one piece."""
        return any(text in shown for _, shown in self._events)

    def pause(self) -> None:
        """Time to read."""
        self._now_s += READ_S

    def save(self, path: Path) -> None:
        """Writes it as an asciicast."""
        head = {"version": 2, "width": COLUMNS, "height": LINES, "title": "cx-balance: the demo"}
        lines = [json.dumps(head), *(json.dumps([round(at, 3), "o", text]) for at, text in self._events)]
        path.write_text("\n".join([*lines, json.dumps([round(self._now_s, 3), "o", ""])]) + "\n")


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, arguments: Sequence[str], directory: Path) -> None:
        self._directory = directory
        self._master, slave = pty.openpty()
        ioctl(slave, TIOCSWINSZ, pack("HHHH", LINES, COLUMNS, 0, 0))
        self._process = subprocess.Popen(  # noqa: S603  our own command
            [*CXB, *arguments], cwd=directory, env=environment(), stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def record(self, recording: Recording, until: Callable[[], bool]) -> None:
        """Records its output until a condition holds, or it has ended."""
        last_s, decoder = time.monotonic(), getincrementaldecoder("utf-8")("replace")
        while not until():
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if ready:
                try:
                    # The folder in which it runs is gone before anybody reads this.
                    text = decoder.decode(os.read(self._master, 65536)).replace(f"{self._directory}/", "")
                except OSError:  # it has ended, and all was read
                    break
                recording.show(text, time.monotonic() - last_s)
                last_s = time.monotonic()

    def stop(self) -> None:
        """Sends Ctrl-C, and discards the remaining output."""
        self._process.send_signal(signal.SIGINT)
        self.record(Recording(), lambda: False)
        self._process.wait(timeout=90)


def environment() -> dict[str, str]:
    """The outer environment without our settings, with those of a terminal and of the copied sample registry."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("CXB_")}
    size = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}
    return outer | size | {"PYTHONPATH": str(PROJECT), "CXB_REGISTRY": REGISTRY}


@contextmanager
def recorded(directory: Path, recording: Recording) -> Iterator[None]:
    """A demo that runs while the context lasts, with its drift already detected; its start is recorded."""
    recording.type("cxb up --demo")
    began_s = time.monotonic()
    demo = Terminal(("up", "--demo"), directory)
    try:
        demo.record(recording, lambda: recording.has_shown("published"))
        landing_s = time.monotonic() + LANDING_S
        demo.record(recording, lambda: time.monotonic() > landing_s)
        demo.record(Recording(), lambda: has_drift(directory) and time.monotonic() > began_s + AFTER_S)
        yield
    finally:
        demo.stop()


def record_commands(directory: Path, recording: Recording) -> None:
    """Records commands as if in another terminal."""
    recording.show("\r\n\x1b[2J\x1b[H# in another terminal\r\n", 1.0)
    for arguments in COMMANDS:
        recording.type(" ".join(("cxb", *arguments)))
        Terminal(arguments, directory).record(recording, lambda: False)
        recording.pause()


def address(directory: Path) -> str:
    """The address of the page."""
    return str(json.loads((directory / ".cxb" / "instance.json").read_text())["web_url"])


def has_drift(directory: Path) -> bool:
    """Whether the drift that the simulation plants has been detected."""
    with urlopen(f"{address(directory)}/api/v1/drift/now", timeout=20) as answer:  # noqa: S310  our own address
        return bool(json.loads(answer.read()))


def with_table(readme: str, rows: str) -> str:
    """The text of the README with a table between its marks.

    Args:
        readme: The text with both marks.
        rows: What a command prints where there is no terminal: the names of the columns and rows, apart by tabs.

    Raises:
        ValueError: A mark is missing.
    """
    before, begins, rest = readme.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(f"the README has not both marks: {BEGINS.strip()} and {ENDS}")
    names, *others = (line.split("\t") for line in rows.strip("\n").splitlines())
    numbers = [all(cell[-1:].isdigit() or cell == "-" for cell in column) for column in zip(*others, strict=True)]
    lines = [names, ["---:" if is_number else "---" for is_number in numbers], *others]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{before}{begins}{table}\n{ends}{after}"


def scorecards(directory: Path) -> str:
    """What `cxb scorecards` prints about the demo."""
    return subprocess.run(  # noqa: S603  our own command
        [*CXB, "scorecards"], cwd=directory, env=environment(), check=True, capture_output=True, text=True
    ).stdout


def photograph(home: str) -> None:
    """Photographs the views as a reader sees them first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US", color_scheme="light")
        for name, (height, state) in VIEWS.items():
            page.set_viewport_size({"width": 1280, "height": height})
            page.goto(f"{home}/?{urlencode(state)}")
            page.wait_for_selector("main section")
            # What compares with other instants comes later, and says so.
            page.wait_for_selector("main [aria-busy=true]", state="detached")
            _save(page, FOLDER / f"{name}.png")
        browser.close()


def _save(page: Page, path: Path) -> None:
    picture = page.screenshot()
    if len(picture) > MOST_BYTES:
        raise SystemExit(f"{path.name}: {len(picture):,} bytes, at most {MOST_BYTES:,}; make the window smaller")
    path.write_bytes(picture)
    sys.stdout.write(f"written: {path.name}, {len(picture):,} bytes\n")


def main() -> None:
    """Makes all pictures, and the table of the README."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "deploy").mkdir()
        shutil.copy(PROJECT / REGISTRY, directory / REGISTRY)
        recording = Recording()
        with recorded(directory, recording):
            README.write_text(with_table(README.read_text(), scorecards(directory)))
            record_commands(directory, recording)
            photograph(address(directory))
        recording.save(FOLDER / "demo.cast")


if __name__ == "__main__":
    main()
