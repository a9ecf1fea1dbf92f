"""What the interop tests share: real Java servers from scripts/zk-ensemble, the zkprobe that was
built, and waiting on conditions.

Environment: ZKPROBE_BIN names the program (default build/asan/zkprobe, then build/dev/zkprobe).
"""
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Old and new generations that every test of releases covers.
RELEASES = ["3.4.14", "3.5.10", "3.8", "3.9"]


def zkprobe_path():
    named = os.environ.get("ZKPROBE_BIN")
    candidates = [pathlib.Path(named)] if named else [
        ROOT / "build" / preset / "zkprobe" for preset in ("asan", "dev", "release")]
    for path in candidates:
        if path.exists():
            return str(path.resolve())
    raise RuntimeError(f"no zkprobe built: looked for {', '.join(map(str, candidates))}")


def wait_until(condition, timeout, what):
    """Calls condition until it returns something true and returns that; fails after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout} s still not: {what}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def zkprobe(*arguments, timeout=60, check=None):
    """Runs zkprobe to its end. check: the exit code that must come out."""
    result = subprocess.run([zkprobe_path(), *map(str, arguments)], capture_output=True, text=True,
                            timeout=timeout, stdin=subprocess.DEVNULL)
    if check is not None and result.returncode != check:
        raise AssertionError(f"zkprobe {' '.join(map(str, arguments))}: exit {result.returncode}, "
                             f"expected {check}\n{result.stdout}\n{result.stderr}")
    return result


def records(text):
    """The JSON Lines of a result."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


class Background:
    """A program that runs on: its standard output is read as JSON Lines."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.records = []
        self.errors = []
        self._fresh = queue.Queue()
        self._threads = [threading.Thread(target=self._read_output, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read_output(self):
        for line in self.process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                record = {"text": line.rstrip("\n")}
            self.records.append(record)
            self._fresh.put(record)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))

    def wait_for(self, predicate, timeout, what):
        """The first record, of those seen so far and of those to come, that satisfies."""
        def found():
            return next((record for record in list(self.records) if predicate(record)), None)
        try:
            return wait_until(found, timeout, what)
        except AssertionError as problem:
            tail = "\n".join([json.dumps(r) for r in self.records[-15:]] + self.errors[-15:])
            raise AssertionError(f"{problem}\n{tail}") from None

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout=10):
        """SIGINT, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("did not end on SIGINT:\n" + "\n".join(self.errors[-20:]))
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if not pipe.closed:
                pipe.close()


def start_zkprobe(*arguments):
    return Background(zkprobe_path(), *arguments)


class Ensemble:
    """Real Java servers; `with Ensemble("3.9", voters=3) as ensemble:` leaves none behind."""

    def __init__(self, release, *arguments, voters=3, observers=0):
        self.release = release
        self.arguments = [*map(str, arguments), "--voters", str(voters)]
        if observers:
            self.arguments += ["--observers", str(observers)]
        self.directory = tempfile.mkdtemp(prefix="zkprobe-interop-")
        self.servers = {}

    def _run(self, *arguments, timeout=180):
        result = subprocess.run([str(ROOT / "scripts" / "zk-ensemble"), *arguments, "--dir",
                                 self.directory], capture_output=True, text=True, timeout=timeout,
                                stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise AssertionError(f"zk-ensemble {' '.join(arguments)}: exit {result.returncode}\n"
                                 f"{result.stdout}\n{result.stderr}")
        return result.stdout

    def __enter__(self):
        try:
            self._load(self._run("up", "--json", "--release", self.release, *self.arguments,
                                 timeout=400))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._run("down")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _load(self, text):
        self.servers = {server["sid"]: server for server in json.loads(text)["servers"]}

    def refresh(self):
        """Asks zk-ensemble for the state of now: {sid: server}."""
        self._load(self._run("status", "--json"))
        return self.servers

    def kill(self, sid):
        self._run("kill", str(sid))

    def stop(self, sid):
        self._run("stop", str(sid))

    def start(self, sid, wait=True):
        """Until it serves; without waiting, until its election port accepts connections."""
        self._run("start", str(sid), *([] if wait else ["--no-wait"]))

    def wipe(self, *sids):
        """Ends servers and takes away all that they wrote, the log too."""
        for sid in sids:
            self.kill(sid)
            shutil.rmtree(self.data(sid), ignore_errors=True)
            os.truncate(self.servers[sid]["log"], 0)

    def data(self, sid):
        """The folder of a server's snapshots, logs and epochs."""
        lines = pathlib.Path(self.servers[sid]["config"]).read_text().splitlines()
        folder = next(line.split("=", 1)[1] for line in lines if line.startswith("dataDir="))
        return pathlib.Path(folder) / "version-2"

    def pause(self, sid):
        self._run("pause", str(sid))

    def resume(self, sid):
        self._run("resume", str(sid))

    def election(self, sid):
        return self.servers[sid]["election"]

    def elections(self):
        return [server["election"] for _, server in sorted(self.servers.items())]

    def log_text(self, sid):
        return pathlib.Path(self.servers[sid]["log"]).read_text(errors="replace")

    def four_letter_word(self, sid, word, timeout=3):
        """What the server's client port answers to `srvr` and the like; "" when it does not."""
        host, port = self.servers[sid]["client"].rsplit(":", 1)
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout) as link:
                link.sendall(word.encode())
                chunks = []
                while chunk := link.recv(4096):
                    chunks.append(chunk)
                return b"".join(chunks).decode(errors="replace")
        except OSError:
            return ""

    def role(self, sid):
        """leader, follower, observer, or "" while the server does not serve."""
        for line in self.four_letter_word(sid, "srvr").splitlines():
            if line.startswith("Mode: "):
                return line[len("Mode: "):]
        return ""

    def leader(self):
        return next((sid for sid in self.servers if self.role(sid) == "leader"), None)

    def wait_leader(self, timeout=60, but=None):
        return wait_until(lambda: next((sid for sid in self.servers
                                        if sid != but and self.role(sid) == "leader"), None),
                          timeout, "a leader serves")

    def client(self, *arguments, sid=None, timeout=60):
        """scripts/zk-client against one server (any that serves), to its end."""
        sid = sid if sid is not None else next(s for s in self.servers if self.role(s))
        return subprocess.run([str(ROOT / "scripts" / "zk-client"), "--server",
                               self.servers[sid]["client"], *map(str, arguments)],
                              capture_output=True, text=True, timeout=timeout, check=True,
                              stdin=subprocess.DEVNULL).stdout

    def start_client(self, *arguments, sid):
        return Background(ROOT / "scripts" / "zk-client", "--server", self.servers[sid]["client"],
                          *arguments)


def main():
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
