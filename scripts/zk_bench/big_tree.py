"""A follower with an empty directory takes a snapshot of a million nodes from a Java leader: time from
SNAP to UPTODATE and resident memory of zkprobe, beside a Java follower in the same seat, and the
smallest heap with which a Java server survives the same.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from zk_bench.soak import ROOT, wait_until

NODES = 1_000_000
BATCH = 250_000  # what store_tool holds in memory at once
HEAPS = range(128, 769, 32)  # MiB
GIVE_UP_S = 90


def peak_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1))


def build_tree(folder):
    """A directory with one snapshot of NODES nodes, and its epochs."""
    tool = os.environ.get("STORE_TOOL") or ROOT / "build" / "release" / "tests" / "store_tool"
    if not os.access(tool, os.X_OK):
        raise SystemExit(f"{tool} is not built: cmake --build --preset release --target store_tool")
    steps = [["create", folder, "3.9"]]
    steps += [["append", folder, "3.9", str(BATCH)]] * (NODES // BATCH)
    steps += [["snapshot", folder, "3.9"]]
    for step in steps:
        subprocess.run([str(tool), *step], check=True, stdout=subprocess.DEVNULL)
    kept = sorted((pathlib.Path(folder) / "version-2").glob("snapshot.*"),
                  key=lambda path: int(path.suffix[1:], 16))
    return [kept[-1], *(pathlib.Path(folder) / "version-2").glob("*Epoch")]


class BigEnsemble:
    """Seats 1 and 2 are Java servers with the tree, seat 3 is free."""

    def __init__(self, release):
        self.release = release
        self.folder = tempfile.mkdtemp(prefix="zkprobe-bench-tree-")

    def start(self, files):
        arguments = ["--release", self.release, "--voters", "3", "--seat-free", "1,2,3", "--no-wait",
                     "--java-opt=-Xmx1g", "--set", "initLimit=100"]
        servers = json.loads(self._run("up", "--json", *arguments))["servers"]
        self.seat = next(server for server in servers if server["sid"] == 3)
        for server in servers[:2]:
            data = pathlib.Path(server["config"]).parent / "data" / "version-2"
            data.mkdir(parents=True)
            for file in files:
                shutil.copy(file, data)
        self._run("start", "1", "--no-wait")
        self._run("start", "2", "--timeout", "300")

    def _run(self, verb, *arguments):
        if verb != "classpath":
            arguments = [*arguments, "--dir", self.folder + "/e"]
        return subprocess.run([str(ROOT / "scripts" / "zk-ensemble"), verb, *arguments],
                              check=True, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).stdout

    def empty_seat(self):
        data = pathlib.Path(self.seat["config"]).parent / "data"
        shutil.rmtree(data / "version-2", ignore_errors=True)
        (data / "zkprobe.filling").unlink(missing_ok=True)

    def zkprobe(self, program):
        """(seconds from SNAP to UPTODATE, peak KiB), measured when the seat is taken."""
        self.empty_seat()
        out = pathlib.Path(self.folder) / "zkprobe.out"
        with open(out, "w", encoding="utf-8") as file, subprocess.Popen(
                [program, "join", "--json", "--config", self.seat["config"], "--accept-stall"],
                stdout=file, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as peer:
            try:
                wait_until(lambda: '"to":"FOLLOWING"' in out.read_text(), GIVE_UP_S, "zkprobe follows")
                records = [json.loads(line) for line in out.read_text().splitlines()]
                took = next(r["ms"] for r in records if r["event"] == "sync" and r["kind"] == "SNAP")
                return took / 1e3, peak_kib(peer.pid)
            finally:
                peer.kill()

    def java(self, heap_mib):
        """The same of a Java server with that heap; nothing where it does not get there."""
        self.empty_seat()
        classpath = self._run("classpath", "--release", self.release).strip()
        out = pathlib.Path(self.folder) / "java.out"
        logging = pathlib.Path(self.seat["config"]).parent
        with open(out, "w", encoding="utf-8") as file, subprocess.Popen(
                ["java", f"-Xmx{heap_mib}m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
                 "-cp", f"{logging}:{classpath}",
                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", self.seat["config"]],
                stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as server:
            try:
                until = time.monotonic() + GIVE_UP_S
                while time.monotonic() < until and server.poll() is None:
                    took = between(out.read_text(errors="replace"))
                    if took is not None:
                        return took, peak_kib(server.pid)
                    time.sleep(0.2)
                return None
            finally:
                server.kill()

    def close(self):
        subprocess.run([str(ROOT / "scripts" / "zk-ensemble"), "down", "--dir", self.folder + "/e"],
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


def between(log):
    """Seconds from the SNAP packet to UPTODATE in a Java server's log."""
    times = []
    for text in ("Getting a snapshot from leader", "Learner received UPTODATE message"):
        found = re.search(rf"^(\S+ \S+?),(\d+) .*{text}", log, re.M)
        if not found:
            return None
        at = datetime.datetime.strptime(found.group(1), "%Y-%m-%d %H:%M:%S")
        times.append(at.timestamp() + int(found.group(2)) / 1e3)
    return times[1] - times[0]


def smallest_heap(ensemble, say):
    """MiB, by halving HEAPS; nothing where none is enough."""
    low, high = 0, len(HEAPS)
    while low < high:
        middle = (low + high) // 2
        survives = ensemble.java(HEAPS[middle]) is not None
        say(f"a Java follower with {HEAPS[middle]} MiB of heap " +
            ("survives" if survives else "does not"))
        if survives:
            high = middle
        else:
            low = middle + 1
    return HEAPS[low] if low < len(HEAPS) else None


def bench_tree(zkprobe, options, hold, say):
    """A snapshot of a million nodes taken from a Java leader, beside a Java follower."""
    ensemble = BigEnsemble(options.release)
    try:
        with tempfile.TemporaryDirectory(prefix="zkprobe-bench-tree-") as folder:
            say(f"writing a tree of {NODES} nodes")
            ensemble.start(build_tree(folder))
        ours = [ensemble.zkprobe(zkprobe) for _ in range(3)]
        java = [ensemble.java(1024) for _ in range(3)]
        if None in java:
            raise SystemExit("the Java follower did not follow with 1 GiB of heap")
        heap = smallest_heap(ensemble, say)
    finally:
        ensemble.close()
    seconds = [sorted(took for took, _ in runs)[1] for runs in (ours, java)]
    peak = max(kib for _, kib in ours)
    result = {"SNAP to UPTODATE s": {"zkprobe": round(seconds[0], 2), "Java": round(seconds[1], 2)},
              "ratio": round(seconds[1] / seconds[0], 1),
              "zkprobe peak MiB": round(peak / 1024), "smallest Java heap MiB": heap}
    hold(result, {"half of the smallest heap": heap is not None and peak / 1024 <= heap / 2})
    return result
