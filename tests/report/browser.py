"""Chromium without a window, driven over a pipe: pages are measured as a reader would meet them."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = os.environ.get("RISICOSCREENER_AXE", "")
REQUIRED = bool(os.environ.get("RISICOSCREENER_REQUIRE_BROWSER"))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SECONDS = 60


def lacking() -> str:
    """Why pages cannot be looked at here, or nothing."""
    if not executable():
        return "chromium is not installed"
    if not Path(AXE).is_file():
        return "RISICOSCREENER_AXE does not name a file axe.min.js"
    return ""


def executable() -> str:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), "")


class Browser:
    """One tab; `events` are all messages that the browser sent unasked."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._buffer, self._number = b"", 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)
        raise TimeoutError(method)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._from, 1 << 20)
            assert part, "the browser went away"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def size(self, width: int, height: int) -> None:
        """Of the window, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def open(self, path: Path) -> None:
        """Load a file; waits until it has loaded."""
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, waited for if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def violations(self) -> list[str]:
        """What axe finds wrong: rule and the first places."""
        self.ask(Path(AXE).read_text("utf-8") + ";0")
        options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}})
        found = self.ask(f"axe.run(document, {options}).then(r => r.violations)")
        return [
            f"{one['id']}: {one['help']}: "
            + " | ".join(
                node["html"][:160] + " " + node["failureSummary"] for node in one["nodes"][:3]
            )
            for one in found
        ]

    def requests(self) -> list[str]:
        """Addresses that the page asked for since it was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Errors and warnings on the console, and exceptions."""
        found = []
        for event in self.events:
            if event.get("method") == "Log.entryAdded":
                found.append(event["params"]["entry"]["text"])
            elif event.get("method") == "Runtime.exceptionThrown":
                found.append(str(event["params"]["exceptionDetails"]))
            elif event.get("method") == "Runtime.consoleAPICalled":
                found.append(str(event["params"]["args"]))
        return found

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """What is seen, as a PNG file."""
        made = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))


def assert_sound(tab: Browser, page: Path, width: int) -> None:
    """Axe and the console say nothing of a page, it asks for nothing and nothing sticks out."""
    tab.size(width, 900)
    tab.open(page)
    assert tab.violations() == []
    assert tab.requests() == [page.resolve().as_uri()]
    assert tab.complaints() == []
    wide = tab.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; it is ended by its own process id."""
    to_read, to_write, from_read, from_write = _pipes()
    words = [
        executable(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--remote-debugging-pipe",
        f"--user-data-dir={profile}",
    ]
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    # The protocol speaks over file descriptors 3 and 4.
    speaking = [(os.POSIX_SPAWN_DUP2, to_read, 3), (os.POSIX_SPAWN_DUP2, from_write, 4)]
    process = os.posix_spawn(words[0], words, os.environ, file_actions=[*nowhere, *speaking])
    os.close(to_read)
    os.close(from_write)
    try:
        yield Browser(to_write, from_read)
    finally:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
        os.close(to_write)
        os.close(from_read)


def _pipes() -> list[int]:
    """Two pipes whose descriptors do not stand where the browser looks for its own."""
    found = []
    for low in (*os.pipe(), *os.pipe()):
        found.append(fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(low)
    return found
