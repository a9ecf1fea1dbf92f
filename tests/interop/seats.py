"""What the tests of seats share: zkprobe on a seat of an ensemble's zoo.cfg, and what it says there.
"""
import signal

import support

# Java, too, allows several addresses by a system property alone.
MULTI = ["-Dzookeeper.multiAddress.enabled=true"]
FAST = ["--set", "tickTime=500"]


def config_of(ensemble, sid):
    return ensemble.servers[sid]["config"]


def join(ensemble, sid, *arguments):
    """A zkprobe voter in this seat, declining unless told otherwise."""
    return support.start_zkprobe("join", "--json", "--config", config_of(ensemble, sid),
                                 "--election-only", *arguments)


def electable(ensemble, sid, *arguments):
    return join(ensemble, sid, "--electable", "--ensemble", ensemble.directory, *arguments)


def is_state(record, state, leader=None):
    return (record.get("event") == "state" and record["to"] == state
            and leader in (None, record["leader"]))


def later(probe, predicate, after, what, timeout=30):
    """The first record from number `after` on that satisfies."""
    return support.wait_until(
        lambda: next((r for r in list(probe.records)[after:] if predicate(r)), None), timeout, what)


def settled(probe, leader, after=0):
    """Waits until zkprobe has heard `leader` say that it leads."""
    later(probe, lambda r: r.get("event") == "epoch" and r["leader"] == leader, after,
          f"zkprobe hears from leader {leader}")


def follows(probe, leader, after=0):
    """Waits for a change to FOLLOWING `leader`."""
    later(probe, lambda r: is_state(r, "FOLLOWING", leader), after, f"zkprobe follows {leader}")


def agreed(*addresses):
    """The answers of these, if they agree."""
    result = support.zkprobe("status", "--json", *addresses)
    return support.records(result.stdout) if result.returncode == 0 else []


def voters(ensemble, *free):
    """The ids at which Java servers sit."""
    return [sid for sid in sorted(ensemble.servers) if sid not in free]


class Voter(support.Background):
    """A zkprobe voter in the free seat `sid`, with the files of its dataDir."""

    def __init__(self, ensemble, sid, consent=None):
        self.ensemble, self.sid = ensemble, sid
        super().__init__(support.zkprobe_path(), "join", "--json", "--config",
                         ensemble.servers[sid]["config"],
                         *(["--ensemble", ensemble.directory] if consent is None else consent))

    def synced(self, after=0, timeout=40):
        """Waits until it is in sync with a leader as a follower."""
        def found():
            records = list(self.records)[after:]
            follows = next((i for i, r in enumerate(records) if r.get("event") == "state"
                            and r["to"] == "FOLLOWING"), None)
            return follows is not None and any(r.get("event") == "sync"
                                               for r in records[follows:])
        try:
            support.wait_until(found, timeout, f"zkprobe follows in seat {self.sid}")
        except AssertionError as problem:
            tail = "\n".join(map(str, list(self.records)[-12:] + self.errors[-12:]))
            raise AssertionError(f"{problem}\n{tail}") from None

    def kill(self):
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def notes(self):
        return [r["text"] for r in list(self.records) if r.get("event") == "note"]


def digest(target, *arguments):
    """The digest of a tree: a directory's, or that of an ensemble."""
    result = support.zkprobe("tree", "--json", "--digest", str(target), *arguments, check=0)
    return support.records(result.stdout)[-1]["digest"]


def paths(target):
    """All paths of a directory's tree."""
    result = support.zkprobe("tree", "--json", str(target), check=0)
    return {r["path"] for r in support.records(result.stdout) if "path" in r}


def acknowledged(client):
    return [r["path"] for r in list(client.records) if "zxid" in r]


def data_dir(ensemble, sid):
    return ensemble.data(sid).parent
