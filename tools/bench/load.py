"""A load generator of one's own: raw HTTP/1.1 over kept-alive connections, closed loop, one forked process per client.

Forked rather than threaded, so that Python's lock does not become what is measured; raw sockets rather than http.client, because that
costs more per request than the server under test does. Standard library only.
"""
import json
import multiprocessing
import os
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

fork = multiprocessing.get_context("fork")


class Refused(Exception):
    """An answer with another status than the phase expects."""


class Connection:
    """One client's connection to one server; opened on first use, and again when the server closed it in between."""

    def __init__(self, base, timeout=120):
        parts = urlsplit(base)
        self.host, self.port, self.timeout = parts.hostname, parts.port or 80, timeout
        self.socket = None
        self.rest = b""

    def request(self, method, path, body=None, headers=()):
        """Returns (status, headers with lower-case names, body)."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", *headers]
        if body is not None or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(data)}")
            if body is not None and not any(h.lower().startswith("content-type:") for h in headers):
                lines.append("Content-Type: application/json")
        return self.exchange("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    def exchange(self, raw):
        fresh = self.socket is None
        try:
            return self.attempt(raw)
        except (BrokenPipeError, ConnectionResetError, EOFError):
            self.close()
            if fresh:
                raise
            return self.attempt(raw)

    def attempt(self, raw):
        if self.socket is None:
            self.socket = socket.create_connection((self.host, self.port), self.timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(raw)
        return self.answer()

    def answer(self):
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if status in (204, 304):
            body = b""
        elif "chunked" in headers.get("transfer-encoding", ""):
            body = self.chunks()
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            # Some servers of OpenStack's say no length: the body ends with the connection.
            body = self.remainder()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body

    def chunks(self):
        parts = []
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            parts.append(self.exactly(size))
            self.exactly(2)
        self.until(b"\r\n")
        return b"".join(parts)

    def remainder(self):
        while data := self.socket.recv(262144):
            self.rest += data
        found, self.rest = self.rest, b""
        self.close()
        return found

    def until(self, mark):
        while mark not in self.rest:
            self.more()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def exactly(self, size):
        while len(self.rest) < size:
            self.more()
        found, self.rest = self.rest[:size], self.rest[size:]
        return found

    def more(self):
        data = self.socket.recv(262144)
        if not data:
            raise EOFError("the server closed the connection")
        self.rest += data

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.rest = None, b""


@dataclass
class Measured:
    """What one phase gave: a latency per success, what went wrong, and what the calls returned."""

    latencies: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    values: list = field(default_factory=list)
    seconds: float = 0.0

    def quantile(self, share):
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def rate(self):
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def client(call, base, gate, ticket, total, seconds, result):
    """One client's life: waits at the gate, then calls until the time or the tickets are used up."""
    mine, connection = Measured(), Connection(base)
    gate.wait()
    end = time.monotonic() + seconds if seconds else None
    while end is None or time.monotonic() < end:
        with ticket.get_lock():
            number = ticket.value
            ticket.value += 1
        if total is not None and number >= total:
            break
        began = time.monotonic()
        try:
            value = call(connection, number)
        except (Refused, OSError, EOFError, ValueError) as problem:
            mine.errors.append(f"{type(problem).__name__}: {problem}"[:300])
            if len(mine.errors) >= 50:
                break
            continue
        mine.latencies.append(time.monotonic() - began)
        if value is not None:
            mine.values.append(value)
    result.send(mine)
    result.close()


def load(call, base, clients, total=None, seconds=None):
    """Runs call(connection, number) in a closed loop from so many clients, for a number of calls or a time."""
    gate, ticket, children = fork.Barrier(clients + 1), fork.Value("l", 0), []
    for _ in range(clients):
        receive, send = fork.Pipe(False)
        child = fork.Process(target=client, args=(call, base, gate, ticket, total, seconds, send), daemon=True)
        child.start()
        send.close()
        children.append((child, receive))
    gate.wait()
    began, together = time.monotonic(), Measured()
    for child, receive in children:
        try:
            one = receive.recv()
        except EOFError:
            one = Measured(errors=["a client process died"])
        together.latencies += one.latencies
        together.errors += one.errors
        together.values += one.values
        child.join()
    together.seconds = time.monotonic() - began
    return together


def cpu_seconds(pid):
    """CPU time of a process so far, its threads and reaped children included."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    """(resident, proportional) memory of a process in MiB."""
    found = {}
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                name, _, value = line.partition(":")
                if name in ("Rss", "Pss"):
                    found[name] = int(value.split()[0]) / 1024
    except OSError:
        pass
    return found.get("Rss", 0.0), found.get("Pss", 0.0)


def fsyncs_per_second(folder, seconds=2.0):
    """How often a second the disk under the folder makes a small append durable, one after another."""
    name = os.path.join(folder, f".fsync-{os.getpid()}")
    handle = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            os.write(handle, b"x" * 4096)
            os.fsync(handle)
            count += 1
        return count / seconds
    finally:
        os.close(handle)
        os.unlink(name)
