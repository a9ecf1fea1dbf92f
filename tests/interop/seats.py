"""What the tests of seats share: zkprobe on a seat of an ensemble's zoo.cfg, and what it says there.
"""
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
