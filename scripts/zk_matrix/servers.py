"""Ensembles of scripts/zk-ensemble, clients and zkprobe, as a cell of the matrix needs them."""
import contextlib
import json
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
# What zk-ensemble says while all goes well.
PROGRESS = re.compile(r" is (leader|follower|observer|standalone) after [\d.]+ s$|: fetching ")


class Trouble(Exception):
    """A server that does not start, or serves no more: what a cell says."""


def reason(stderr, code):
    """One line out of what zk-ensemble said: who failed, and the first error of its log."""
    lines = [line.strip() for line in stderr.splitlines() if not PROGRESS.search(line)]
    if not lines:
        return f"zk-ensemble: exit {code}"
    first = re.sub(r"; its log \S+ says$", "", lines[0])
    why = next((line for line in lines[1:] if re.search(r"Exception|Error: |^Error", line)), None) \
        or next((line for line in lines[1:] if " ERROR " in line or ":" in line), None)
    if why:
        first += ": " + re.sub(r"^.* - (ERROR|WARN) +\[[^\]]*\] - ", "", why)
    return first[:300]


def until(condition, seconds, what):
    """Calls condition until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Trouble(f"after {seconds} s still not: {what}")
        time.sleep(0.1)


class Ensemble:
    """Servers of these releases, ids from 1; `with` leaves none behind."""

    def __init__(self, releases, *arguments, source="auto"):
        self.directory = tempfile.mkdtemp(prefix="zkprobe-matrix-")
        self.source = source
        self.command = ["up", "--json", "--release", ",".join(releases), "--voters", "3", "--source",
                        source, *arguments]
        self.servers = {}

    def run(self, *arguments):
        result = subprocess.run([str(SCRIPTS / "zk-ensemble"), *map(str, arguments), "--dir",
                                 self.directory], capture_output=True, text=True, check=False,
                                timeout=400, stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise Trouble(reason(result.stderr, result.returncode))
        return result.stdout

    def __enter__(self):
        try:
            self.load(self.run(*self.command))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([str(SCRIPTS / "zk-ensemble"), "down", "--dir", self.directory],
                       capture_output=True, check=False, stdin=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def load(self, text):
        self.servers = {server["sid"]: server for server in json.loads(text)["servers"]}

    def role(self, sid):
        self.load(self.run("status", "--json"))
        return self.servers[sid]["role"]

    def leader(self, but=None, within=60):
        """Waits until somebody leads, and says who."""
        def leads():
            self.load(self.run("status", "--json"))
            return next((sid for sid, server in self.servers.items()
                         if server["role"] == "leader" and sid != but), None)
        return until(leads, within, "a leader serves")

    def wait_role(self, sid, within=60):
        release = self.servers[sid]["release"]
        until(lambda: self.role(sid) in ("follower", "leader"), within,
              f"server {sid} ({release}) joins again")

    def serves(self, sid):
        """The release that a server itself names (srvr)."""
        host, _, port = self.servers[sid]["client"].rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5) as link:
            link.sendall(b"srvr")
            text = b"".join(iter(lambda: link.recv(4096), b"")).decode(errors="replace")
        found = re.search(r"version: (\S+?)(-[0-9a-f]{40}|--1)?[, ]", text)
        return found.group(1) if found else ""

    def of(self, key):
        """The election, client or log of each server, in order of id."""
        return [server[key] for _, server in sorted(self.servers.items())]

    def data(self, sid):
        """The dataDir of a server."""
        lines = pathlib.Path(self.servers[sid]["config"]).read_text(encoding="utf-8").splitlines()
        return next(line.split("=", 1)[1] for line in lines if line.startswith("dataDir="))

    def log_from(self, sid, offset):
        with open(self.servers[sid]["log"], "rb") as handle:
            handle.seek(offset)
            return handle.read().decode(errors="replace")

    def log_size(self, sid):
        return pathlib.Path(self.servers[sid]["log"]).stat().st_size


class Program:
    """A program that runs on, read as JSON Lines: (seconds since it began, record)."""

    def __init__(self, *command):
        self.begun = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors = [], queue.deque(maxlen=20)
        self.threads = [threading.Thread(target=self.read, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()

    def read(self):
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):
                self.lines.append((time.monotonic() - self.begun, json.loads(line)))

    def read_errors(self):
        self.errors.extend(line.strip() for line in self.process.stderr)

    def records(self):
        return [record for _, record in list(self.lines)]

    def ended(self):
        """Why it is no longer there; None while it runs."""
        if self.process.poll() is None:
            return None
        return " ".join(self.errors)[-200:] or f"exit {self.process.returncode}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """SIGINT, and SIGKILL where that does not end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for thread in self.threads:
            thread.join(5)
        self.process.stdout.close()
        self.process.stderr.close()


class Client(Program):
    """scripts/zk-client writes nodes, to whichever server serves, until it is ended."""

    def __init__(self, ensemble, prefix, rate=50):
        super().__init__(SCRIPTS / "zk-client", "--server", ",".join(ensemble.of("client")), "load",
                         "--count", "1000000", "--rate", str(rate), "--prefix", prefix, "--retry")

    def written(self):
        """[(seconds, path)] of what was acknowledged."""
        return [(seconds, record["path"]) for seconds, record in list(self.lines)
                if "zxid" in record]

    def goes_on(self, what, seconds=60):
        """Waits for writes that are acknowledged from now on."""
        count = len(self.written())

        def more():
            if self.ended():
                raise Trouble(f"the client ended: {self.ended()}")
            return len(self.written()) >= count + 5
        until(more, seconds, what)

    def longest_pause(self):
        times = [seconds for seconds, _ in self.written()]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)


def zkprobe(program, *arguments, seconds=60):
    """(exit code, records, what it said on standard error)"""
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                            check=False, timeout=seconds, stdin=subprocess.DEVNULL)
    records = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return result.returncode, records, result.stderr.strip()


def tree(program, directory):
    """(zxid, digest, paths) of a server's directory."""
    code, records, stderr = zkprobe(program, "tree", "--json", directory)
    if code != 0 or not records:
        raise Trouble(f"zkprobe tree: {stderr[:200]}")
    return records[-1]["zxid"], records[-1]["digest"], {r["path"] for r in records if "path" in r}


def same_trees(program, ensemble, sids=None, seconds=30):
    """Waits until the directories of these servers, or of all, hold one tree; the paths of each."""
    def same():
        trees = [tree(program, ensemble.data(sid)) for sid in sids or sorted(ensemble.servers)]
        return trees if len({digest for _, digest, _ in trees}) == 1 else None
    return [paths for _, _, paths in until(same, seconds, "the same tree in every directory")]


def audited(program, ensemble):
    """Raises Trouble if an audit of all servers has a problem to tell."""
    _, records, _ = zkprobe(program, "audit", "--json", *ensemble.of("election"))
    problems = [record["id"] for record in records
                if record["record"] == "finding" and record["severity"] == "problem"]
    if problems:
        raise Trouble("audit: " + ", ".join(problems))
