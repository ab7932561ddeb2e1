"""A real browser for tests: Chromium, spoken to through a pipe in its DevTools protocol.

Messages are JSON, each ended by a NUL byte; the browser reads them from its file descriptor 3 and
answers on 4. See https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60.0
"""For one answer: a loaded machine is slow to start a browser."""
_QUIET_SECONDS = 0.15
"""After which nothing more is expected of a page that has loaded."""

# Makes the two descriptors those that the browser expects, whatever their numbers were.
_LAUNCH = "import os, sys; os.dup2({0}, 3); os.dup2({1}, 4); os.execvp(sys.argv[1], sys.argv[1:])"


def executable() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """The one page of a browser; `complaints` are its errors, failed requests and exceptions."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        self._process, self._to, self._back = process, to, back
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self._loaded = 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command; what happens meanwhile is noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        deadline = time.monotonic() + _SECONDS
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, path: Path) -> Self:
        """Load a file, wait until it is there, and start with a clean slate of complaints."""
        self.complaints, self.requested, self._loaded = [], [], 0
        self.call("Page.navigate", url=path.resolve().as_uri())
        deadline = time.monotonic() + _SECONDS
        while not self._loaded:
            self._receive(deadline)
        with contextlib.suppress(TimeoutError):  # complaints come a little later
            while True:
                self._receive(time.monotonic() + _QUIET_SECONDS)
        return self

    def run(self, script: str) -> Any:
        """The value of an expression of JavaScript; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True,
            userGesture=True,
        )  # fmt: skip
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def size(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def scheme(self, scheme: str, medium: str = "") -> None:
        """`light` or `dark`; as on another medium, `print`, if that is named."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[feature])

    def press(self, key: str, code: int) -> None:
        """A key on whatever has the focus."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                text="\r" if key == "Enter" and kind == "keyDown" else "",
            )  # fmt: skip

    def write(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.call("Input.insertText", text=text)

    def screenshot(self) -> bytes:
        """The whole page as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        return base64.b64decode(shot["data"])

    def pdf(self) -> bytes:
        printed = self.call("Page.printToPDF", preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._back], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._back, 1 << 20)
            if not data:
                raise ConnectionError("the browser has gone")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, detail: dict[str, Any]) -> None:
        if event == "Page.loadEventFired":
            self._loaded += 1
        elif event == "Network.requestWillBeSent":
            self.requested.append(detail["request"]["url"])
        elif event == "Log.entryAdded":  # violations of the content security policy, too
            self.complaints.append(detail["entry"]["text"])
        elif event in ("Runtime.exceptionThrown", "Network.loadingFailed"):
            self.complaints.append(json.dumps(detail))
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(f"console: {json.dumps(detail['args'])}")


@contextlib.contextmanager
def chromium(program: str) -> Iterator[Page]:
    """A browser without a window and with a profile of its own, ended on leaving."""
    with contextlib.ExitStack() as stack:
        profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        ends = [*os.pipe(), *os.pipe()]
        # High numbers, so that no descriptor is overwritten before it has been copied.
        read_here, write_here, read_there, write_there = (
            fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
            for end in (ends[2], ends[1], ends[0], ends[3])
        )
        for end in ends:
            os.close(end)
        stack.callback(os.close, read_here)
        stack.callback(os.close, write_here)
        process = subprocess.Popen(
            [
                sys.executable, "-c", _LAUNCH.format(read_there, write_there), program,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-extensions",
                # In a process of its own a frame would complain to somebody else.
                "--disable-features=IsolateSandboxedIframes",
                f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
            ],
            pass_fds=(read_there, write_there),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        stack.callback(_end, process)
        os.close(read_there)
        os.close(write_there)
        page = Page(process, write_here, read_here)
        yield page


def _end(process: subprocess.Popen[bytes]) -> None:
    """The browser and the processes that it started, which are a group of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)
