"""The soak: members of an ensemble with a zkprobe voter are killed while a client writes, and after
every round no acknowledged write is missing and all trees are the same.

A round kills with SIGKILL at a random moment, alone or together, starts what it killed, and waits
until the client's writes go on. Other rounds leave a killed leader dead for a minute: what part of
that time writes were served, and the longest outage, are the price of a voter that declines to lead.
"""
import contextlib
import importlib.machinery
import importlib.util
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ["leader", "follower", "zkprobe", "leader and zkprobe", "follower and zkprobe", "all",
         "stale", "stale and wiped"]
OUTAGE = 0.5  # seconds between two acknowledged writes that count as one


def load_client():
    """scripts/zk-client as a module."""
    loader = importlib.machinery.SourceFileLoader("zk_client", str(ROOT / "scripts" / "zk-client"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("zk_client", loader))
    was, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = was
    return module


CLIENT = load_client()


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise SoakFailed(f"after {seconds} s still not: {what}")
        time.sleep(0.05)
    return result


class SoakFailed(Exception):
    """A promise that was broken."""


class Writer:
    """Creates one node after another until stopped, whichever server serves, and remembers each
    path that was acknowledged and when."""

    def __init__(self, servers, prefix, rate):
        self.servers, self.prefix, self.rate = servers, prefix, rate
        self.acknowledged, self.times = [], []
        self.lost = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        session, number = None, 0
        while not self._ends.is_set():
            try:
                if session is None:
                    session = CLIENT.Session(self.servers, 4, None)
                path = f"{self.prefix}{number:08d}"
                number += 1
                session.call(CLIENT.CREATE, CLIENT.create_body(path, b"x" * 16))
                self.acknowledged.append(path)
                self.times.append(time.monotonic())
                self._ends.wait(1 / self.rate)
            except (CLIENT.Unreachable, CLIENT.Refused, OSError):
                self.lost += 1
                with contextlib.suppress(Exception):
                    session.drop()
                session = None
                self._ends.wait(0.05)
        with contextlib.suppress(Exception):
            session.close()

    def goes_on(self, seconds, writes=5):
        """Waits for so many more acknowledged writes."""
        count = len(self.acknowledged)
        wait_until(lambda: len(self.acknowledged) >= count + writes, seconds, "writes go on")

    def stop(self):
        self._ends.set()
        self._thread.join(30)


def outages(times, begin, end):
    """(share of the time served, longest outage in seconds) between two moments."""
    marks = [begin, *[t for t in times if begin < t < end], end]
    gaps = [b - a for a, b in zip(marks, marks[1:]) if b - a > OUTAGE]
    return 1 - sum(gaps) / (end - begin), max(gaps, default=0.0)


class Members:
    """Java voters from scripts/zk-ensemble and one zkprobe voter in the last seat."""

    def __init__(self, zkprobe, release, java):
        self.zkprobe, self.seat = zkprobe, java + 1
        self.folder = tempfile.mkdtemp(prefix="zkprobe-soak-")
        self.voter, self.logs = None, open(pathlib.Path(self.folder) / "zkprobe.log", "ab")
        self._run("up", "--json", "--release", release, "--voters", str(java + 1), "--seat-free",
                  str(self.seat), "--set", "tickTime=500")
        self.servers = {s["sid"]: s for s in self._status()}
        self.clients = [s["client"] for sid, s in self.servers.items() if sid != self.seat]
        self.start(self.seat)

    def close(self):
        self.kill(self.seat)
        self._run("down")
        self.logs.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self):
        """A copy of everything, for whoever looks for the cause."""
        kept = tempfile.mkdtemp(prefix="zkprobe-soak-failed-")
        shutil.copytree(self.folder, kept, dirs_exist_ok=True)
        return kept

    def _run(self, *arguments):
        result = subprocess.run([str(ROOT / "scripts" / "zk-ensemble"), *arguments, "--dir",
                                 self.folder + "/e"], stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if result.returncode not in (0, 3):
            raise SoakFailed(f"zk-ensemble {' '.join(arguments)}: {result.stderr}")
        return result.stdout

    def _status(self):
        return json.loads(self._run("status", "--json"))["servers"]

    def roles(self):
        return {s["sid"]: s["role"] for s in self._status()}

    def leader(self, seconds=60):
        return wait_until(lambda: next((sid for sid, role in self.roles().items()
                                        if role == "leader"), None), seconds, "a leader serves")

    def start(self, sid):
        if sid != self.seat:
            return self._run("start", str(sid), "--no-wait")
        self.voter = subprocess.Popen(
            [self.zkprobe, "join", "--config", self.servers[sid]["config"], "--ensemble",
             self.folder + "/e", "--quiet"], stdin=subprocess.DEVNULL, stdout=self.logs, stderr=self.logs)
        return None

    def kill(self, sid):
        if sid != self.seat:
            return self._run("kill", str(sid))
        if self.voter:
            self.voter.send_signal(signal.SIGKILL)
            self.voter.wait()
        return None

    def data(self, sid):
        lines = pathlib.Path(self.servers[sid]["config"]).read_text().splitlines()
        return pathlib.Path(next(line.split("=", 1)[1] for line in lines
                                 if line.startswith("dataDir=")))

    def wait_for_vote(self):
        """A seat that is being filled has no vote: who kills a leader then tests something else."""
        filling = self.data(self.seat) / "zkprobe.filling"
        wait_until(lambda: not filling.exists(), 60, "zkprobe has a vote")

    def tree(self, sid, *arguments):
        result = subprocess.run([self.zkprobe, "tree", "--json", *arguments, str(self.data(sid))],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            raise SoakFailed(f"tree of server {sid}: {result.stderr}")
        return [json.loads(line) for line in result.stdout.splitlines()]

    def check(self, acknowledged):
        """Every acknowledged write is in every member's directory, and the digests agree."""
        def digest(sid):
            try:
                return self.tree(sid, "--digest")[-1]["digest"]
            except SoakFailed as problem:  # a server that just begins a file
                return str(problem)

        def agree():
            digests.update({sid: digest(sid) for sid in self.servers})
            return len(set(digests.values())) == 1
        digests = {}
        try:
            wait_until(agree, 40, "all members have one tree")
        except SoakFailed:
            raise SoakFailed(f"the trees differ: {digests}") from None
        for sid in self.servers:
            missing = set(acknowledged) - {r["path"] for r in self.tree(sid) if "path" in r}
            if missing:
                raise SoakFailed(f"server {sid} lacks {len(missing)} acknowledged writes, such as "
                                 f"{min(missing)}")


def victims(members, kind, leader):
    java = [sid for sid in members.servers if sid != members.seat]
    follower = next(sid for sid in java if sid != leader)
    return {"leader": [leader], "follower": [follower], "zkprobe": [members.seat],
            "leader and zkprobe": [leader, members.seat],
            "follower and zkprobe": [follower, members.seat],
            "all": list(members.servers)}[kind]


def stale_round(members, writer, leader, wiped):
    """The leader and zkprobe alone have the last writes; a stale follower must not win with
    zkprobe's vote, and not with that of a zkprobe whose directory is gone."""
    java = [sid for sid in members.servers if sid not in (members.seat, leader)]
    for sid in java:
        members.kill(sid)
    if len(java) == 1:
        writer.goes_on(60)
    members.kill(leader)
    if wiped:
        members.kill(members.seat)
        shutil.rmtree(members.data(members.seat) / "version-2")
        members.start(members.seat)
    for sid in java:
        members.start(sid)
    if len(java) == 1:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            if "leader" in members.roles().values():
                raise SoakFailed("a stale server leads")
    members.start(leader)


def kill_round(members, kind, writer, rng):
    members.wait_for_vote()
    writer.goes_on(60)
    leader = members.leader()
    time.sleep(rng.uniform(0, 1))  # the random moment
    if kind.startswith("stale"):
        stale_round(members, writer, leader, "wiped" in kind)
    else:
        killed = victims(members, kind, leader)
        for sid in killed:
            members.kill(sid)
        time.sleep(rng.uniform(0, 1))
        for sid in rng.sample(killed, len(killed)):
            members.start(sid)
    writer.goes_on(90)


def dead_round(members, writer, seconds):
    """(share served, longest outage) while the killed leader stays dead."""
    members.wait_for_vote()
    writer.goes_on(60)
    leader = members.leader()  # one that leads now, and not the one before
    begin = time.monotonic()
    members.kill(leader)
    time.sleep(seconds)  # what is measured
    end = time.monotonic()
    served = outages(writer.times, begin, end)
    members.start(leader)
    writer.goes_on(90)
    return served


def soak(zkprobe, release, java, rounds, dead_rounds, dead_seconds, seed, say, kinds=KINDS):
    """Runs the rounds; raises SoakFailed. Returns the figures."""
    rng = random.Random(seed)
    members = Members(zkprobe, release, java)
    shares, longest, acknowledged, lost = [], [], 0, 0
    try:
        CLIENT.Session(members.clients, 10, None).call(CLIENT.CREATE,
                                                       CLIENT.create_body("/soak", b""))
        plan = [kinds[i % len(kinds)] for i in range(rounds)] + ["dead"] * dead_rounds
        for number, kind in enumerate(plan):
            writer = Writer(members.clients, f"/soak/r{number}-", 300)
            try:
                if kind == "dead":
                    share, outage = dead_round(members, writer, dead_seconds)
                    shares.append(share)
                    longest.append(outage)
                else:
                    kill_round(members, kind, writer, rng)
            finally:
                writer.stop()
            members.check(writer.acknowledged)
            acknowledged += len(writer.acknowledged)
            lost += writer.lost
            extra = f", served {shares[-1]:.0%}, longest outage {longest[-1]:.1f} s" \
                if kind == "dead" else ""
            say(f"round {number + 1} of {len(plan)}: {kind}: {len(writer.acknowledged)} "
                f"acknowledged writes, all there in {java + 1} members{extra}")
    except SoakFailed as problem:
        kept = members.keep()
        raise SoakFailed(f"{problem} (seed {seed}; logs and directories: {kept})") from None
    finally:
        members.close()
    result = {"members": f"{java} Java {release}, 1 zkprobe", "rounds": len(plan),
              "acknowledged writes": acknowledged, "missing": 0, "seed": seed}
    if shares:
        result.update({"leader dead for s": dead_seconds, "rounds with a dead leader": len(shares),
                       "share served": round(sum(shares) / len(shares), 3),
                       "longest outage s": round(max(longest), 1)})
    return result


def bench_soak(zkprobe, options, say):
    """Members killed while a client writes: no acknowledged write is missing, all trees agree."""
    dead = min(options.dead_rounds, options.soak * 2 // 5)
    results = {}
    for java, share in ((2, 0.5), (4, 0.5)):
        rounds = round((options.soak - dead) * share)
        results[f"{java} + 1"] = soak(zkprobe, options.release, java, rounds, round(dead * share),
                                      options.dead_seconds, options.seed, say)
    results["holds"] = True
    return results
