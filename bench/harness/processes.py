"""Starting programs, waiting for them, stopping exactly those."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

# A system that does not answer within this time does not start at all.
START = 60


class NotAvailable(Exception):
    """A system cannot be measured here; its text says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A running program, the leader of a process group of its own."""

    def __init__(self, command: list, env: dict, log: Path, cwd: Path | None = None):
        self.log = log
        with log.open("ab") as out:
            self.begun = time.perf_counter()
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env={**plain_environment(), **env},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.pid = self.process.pid

    def wait_for(self, port: int, path: str) -> float:
        """Milliseconds from the start of the process to the first 200."""
        request = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
        while time.perf_counter() - self.begun < START:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
                peer.sendall(request)
                if peer.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
                    return (time.perf_counter() - self.begun) * 1000
            time.sleep(0.0005)
        self.stop()
        tail = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        raise NotAvailable("does not start: " + " / ".join(tail))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # What it started and left behind: the group is its own, made above.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def plain_environment() -> dict:
    """Nothing of the caller's but what programs need to be found and to work."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def run(command: list, env: dict | None = None, cwd: Path | None = None) -> str:
    """Runs a command to its end; what it printed, or why it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**plain_environment(), **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise NotAvailable(f"{Path(str(command[0])).name}: " + " / ".join(last))
    return done.stdout
