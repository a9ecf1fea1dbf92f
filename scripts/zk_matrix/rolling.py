"""A rolling upgrade: three servers, one at a time stopped and started again with the next release on
its own directory, while a client writes and zkprobe watches.
"""
import subprocess
import time

from .results import Row
from .servers import Client, Ensemble, Program, Trouble, audited, same_trees, until, zkprobe

# Up to 3.4 a follower may keep a log and no snapshot, which 3.5 and later refuse to start on.
REFUSED = "No snapshot found, but there are log entries"
TRUST = "snapshot.trust.empty"
KNOWN = f"refuses a directory of 3.4 without a snapshot, starts with {TRUST}=true (ZOOKEEPER-3056)"


def order(ensemble):
    """Followers first, the leader last."""
    leader = ensemble.leader()
    return [sid for sid in sorted(ensemble.servers) if sid != leader] + [leader]


def start(ensemble, sid, build):
    """Starts a server with this release; True if it had to be told to trust its directory."""
    words = ["start", sid, "--release", build.release, "--source", ensemble.source]
    before = ensemble.log_size(sid)
    try:
        ensemble.run(*words, "--set", f"{TRUST}=")
        return False
    except Trouble:
        if REFUSED not in ensemble.log_from(sid, before):
            raise
    ensemble.run(*words, "--set", f"{TRUST}=true")
    return True


def leaders_seen(watch, after):
    """Whom zkprobe saw lead from record number `after` on, in order."""
    seen = []
    for record in watch.records()[after:]:
        if record.get("state") == "LEADING" and seen[-1:] != [record["leader"]]:
            seen.append(record["leader"])
    return seen


def gone_and_back(watch, after, address):
    """Whether zkprobe told, from record number `after` on, that a server went and came back."""
    reached = [record["reachable"] for record in watch.records()[after:]
               if record.get("address") == address]
    return False in reached and reached[-1]


def agree(program, ensemble):
    """Waits until zkprobe sees all three agree on one leader; its id."""
    def agreed():
        code, records, _ = zkprobe(program, "status", "--json", *ensemble.of("election"))
        leaders = {record.get("leader") for record in records}
        states = sorted(record.get("state", "") for record in records)
        if code == 0 and len(leaders) == 1 and states == ["FOLLOWING", "FOLLOWING", "LEADING"]:
            return leaders.pop()
        return None
    return until(agreed, 40, "zkprobe sees three servers that agree")


def step(program, ensemble, watch, sid, build, written):
    """Upgrades one server. Returns (verdict, what was seen)."""
    role, after = ensemble.role(sid), len(watch.lines)
    before = agree(program, ensemble)
    with Client(ensemble, f"/roll/s{len(watch.lines)}-{sid}-") as client:
        client.goes_on("a write before the stop")
        ensemble.run("stop", sid)
        client.goes_on(f"a write without server {sid}")
        trusted = start(ensemble, sid, build)
        client.goes_on(f"a write with server {sid} back")
    until(lambda: watch.ended() or gone_and_back(watch, after, ensemble.servers[sid]["election"]), 10,
          f"zkprobe status --watch tells that server {sid} went and came back")
    if watch.ended():
        raise Trouble(f"zkprobe status --watch ended: {watch.ended()}")
    written |= {path for _, path in client.written()}
    leader = agree(program, ensemble)
    ensemble.role(sid)  # what runs now
    asked, served = ensemble.servers[sid]["release"], ensemble.serves(sid)
    if not served.startswith(asked):
        raise Trouble(f"server {sid} says that it is {served}, not {asked}")
    lost = [len(written - paths) for paths in same_trees(program, ensemble)]
    if any(lost):
        raise Trouble(f"acknowledged writes are missing: {lost} of {len(written)} in servers 1 2 3")
    audited(program, ensemble)
    seen = [before]
    for one in leaders_seen(watch, after) + [leader]:
        seen += [one] if one != seen[-1] else []
    text = (f"{role}; leader {', then '.join(map(str, seen))}; {len(client.written())} writes, "
            f"longest pause {client.longest_pause():.1f} s; {len(written)} kept, none missing")
    return ("defect", f"{KNOWN}; {text}") if trusted else ("ok", text)


def run(program, builds, source):
    """Yields a Row for each server and release."""
    written = set()
    started = time.monotonic()
    first = builds[0]
    try:
        with Ensemble([first.release], source=source) as ensemble, \
                Program(program, "status", "--watch", "--json", "--interval", "250ms",
                        *ensemble.of("election")) as watch:
            for older, newer in zip(builds, builds[1:]):
                for sid in order(ensemble):
                    name, started = f"{older.name} -> {newer.name}, server {sid}", time.monotonic()
                    try:
                        verdict, text = step(program, ensemble, watch, sid, newer, written)
                    except (Trouble, subprocess.SubprocessError, OSError, ValueError) as trouble:
                        yield Row(name, "FAIL", time.monotonic() - started,
                                  f"{trouble}; the rest was not reached")
                        return
                    yield Row(name, verdict, time.monotonic() - started, text)
    except (Trouble, subprocess.SubprocessError, OSError, ValueError) as trouble:
        yield Row(f"{first.name} starts", "FAIL", time.monotonic() - started, str(trouble))
