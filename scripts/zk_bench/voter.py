"""What a zkprobe voter costs and gives: acknowledged writes of one Java leader with two zkprobe
followers against three Java servers, and processor time of a follower, with the same client, on the
same disk, in the same run.
"""
import collections
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

from zk_bench.soak import CLIENT, ROOT, wait_until

WINDOW = 128  # writes on their way


def cpu_seconds(pid):
    """User and system time of a process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def write_for(address, prefix, seconds):
    """(writes, latencies in seconds): one session with WINDOW creates on their way."""
    session = CLIENT.Session([address], 20, None)
    sent, latencies = collections.deque(), []
    end = time.monotonic() + seconds
    number = 0
    while True:
        now = time.monotonic()
        while now < end and len(sent) < WINDOW:
            session.xid += 1
            body = CLIENT.create_body(f"{prefix}{number:08d}", b"x" * 100)
            session._send(struct.pack(">ii", session.xid, CLIENT.CREATE) + body)
            sent.append((session.xid, time.monotonic()))
            number += 1
        if not sent:
            break
        xid, begun = sent.popleft()
        session._reply(xid)
        latencies.append(time.monotonic() - begun)
    session.close()
    return len(latencies), sorted(latencies)


class Trio:
    """Three voters, `java` of them Java and the others zkprobe."""

    def __init__(self, zkprobe, release, java):
        self.folder = tempfile.mkdtemp(prefix="zkprobe-bench-voter-")
        self.seats = [sid for sid in (1, 2, 3) if sid > java]
        arguments = ["up", "--json", "--release", release, "--voters", "3", "--set",
                     "snapCount=10000000"]
        if self.seats:
            arguments += ["--seat-free", ",".join(map(str, self.seats)), "--no-wait"]
        self.servers = {s["sid"]: s for s in json.loads(self._run(*arguments))["servers"]}
        self.voters = {}
        for sid in self.seats:
            config = pathlib.Path(self.servers[sid]["config"])
            (config.parent / "data" / "initialize").touch()
            self.voters[sid] = subprocess.Popen(
                [zkprobe, "join", "--config", str(config), "--accept-stall", "--quiet"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.leader = wait_until(self._leader, 60, "a leader serves")

    def _run(self, *arguments):
        return subprocess.run([str(ROOT / "scripts" / "zk-ensemble"), *arguments, "--dir",
                               self.folder + "/e"], check=True, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).stdout

    def _leader(self):
        servers = json.loads(self._run("status", "--json"))["servers"]
        return next((s for s in servers if s["role"] == "leader"), None)

    def followers(self):
        """Process ids."""
        if self.seats:
            return [voter.pid for voter in self.voters.values()]
        return [s["pid"] for s in self.servers.values() if s["sid"] != self.leader["sid"]]

    def close(self):
        for voter in self.voters.values():
            voter.kill()
            voter.wait()
        self._run("down")
        shutil.rmtree(self.folder, ignore_errors=True)


def measure(zkprobe, release, java, seconds):
    trio = Trio(zkprobe, release, java)
    try:
        write_for(trio.leader["client"], "/warm", seconds / 2)
        before = [cpu_seconds(pid) for pid in trio.followers()]
        writes, latencies = write_for(trio.leader["client"], "/run", seconds)
        after = [cpu_seconds(pid) for pid in trio.followers()]
        used = min(b - a for a, b in zip(before, after))
        return {"writes_per_s": round(writes / seconds), "p99_ms": round(
                    latencies[int(len(latencies) * 0.99)] * 1e3, 2),
                "follower_cpu_ms_per_1000": round(used * 1e6 / writes, 2),
                "follower_resident_KiB": max(resident_kib(pid) for pid in trio.followers())}
    finally:
        trio.close()


def bench_voter(zkprobe, options, hold):
    """One Java leader with two zkprobe followers against three Java servers."""
    ours, java = [], []
    for _ in range(3):
        ours.append(measure(zkprobe, options.release, 1, 8))
        java.append(measure(zkprobe, options.release, 3, 8))

    def middle(runs):
        return {key: sorted(run[key] for run in runs)[1] for key in runs[0]}
    result = {"1 Java leader, 2 zkprobe": middle(ours), "3 Java": middle(java)}
    a, b = result["1 Java leader, 2 zkprobe"], result["3 Java"]
    result["writes ratio"] = round(a["writes_per_s"] / b["writes_per_s"], 2)
    result["p99 ratio"] = round(a["p99_ms"] / b["p99_ms"], 2)
    result["cpu ratio"] = round(a["follower_cpu_ms_per_1000"] / b["follower_cpu_ms_per_1000"], 2)
    hold(result, {"at least as many writes": result["writes ratio"] >= 1,
                  "p99 no longer": result["p99 ratio"] <= 1,
                  "a third of the processor time": result["cpu ratio"] <= 0.34})
    return result
