"""What the kernel says of running processes (Linux).

Unlike `benchmarks.measure` this looks at processes while they run, several of them at once.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_BYTES_RECEIVED = 128
"""Where `tcpi_bytes_received`, 64 bits, stands in `struct tcp_info` of linux/tcp.h."""
_INFO_BYTES = 136


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads, of the program and of the kernel for it."""
    # Behind the name, which may have spaces and brackets of its own.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine_cpu_seconds() -> float:
    """Of all processors and processes since the machine was started, idle and waiting left out."""
    # cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are in user.
    _, *ticks = Path("/proc/stat").read_text().partition("\n")[0].split()
    user, nice, system, _, _, irq, softirq, *_ = map(int, ticks)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def bytes_read(pid: int) -> int:
    """Of files, from the page cache or not; `recv`, which sockets are read with, is not counted."""
    return int(_field(pid, "io", "rchar"))


def private_bytes(pid: int) -> int:
    """Memory that no file stands behind, swapped out or not; 0 for a process that has ended."""
    try:
        return 1024 * sum(int(_field(pid, "status", name)) for name in ("RssAnon", "VmSwap"))
    except (FileNotFoundError, ProcessLookupError, LookupError):
        return 0


def _field(pid: int, file: str, name: str) -> str:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.split()[0]
    raise LookupError(name)


@dataclass(frozen=True)
class Received:
    """Bytes that came in over this process's TCP connections, as the kernel counts them."""

    from_others: int
    """Over those that lead to another process."""
    from_itself: int
    """Over those that have both ends here: between a scheduler and a client in one process."""

    @classmethod
    def so_far(cls) -> Self:
        """By the connections that are open; what is closed is forgotten."""
        connections = _connections()
        here = {name for name, _, _ in connections}
        inside = sum(count for _, peer, count in connections if peer in here)
        return cls(sum(count for *_, count in connections) - inside, inside)


def _connections() -> list[tuple[object, object, int]]:
    """Both addresses and the bytes received of each TCP connection of this process."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            connection = socket.socket(fileno=os.dup(int(name)))
        except OSError:  # closed meanwhile
            continue
        with connection:
            if connection.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            try:
                peer = connection.getpeername()
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
            except OSError:  # it listens, or is no TCP
                continue
            (count,) = struct.unpack_from("=Q", info, _BYTES_RECEIVED)
            found.append((connection.getsockname(), peer, count))
    return found


class Peaks:
    """The most private memory that each of some processes had while the context was open."""

    def __init__(self, pids: Iterable[int], poll_seconds: float = 0.02) -> None:
        self.bytes = dict.fromkeys(pids, 0)
        self._poll_seconds = poll_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            for pid, peak in self.bytes.items():
                self.bytes[pid] = max(peak, private_bytes(pid))
            if self._stop.wait(self._poll_seconds):
                return
