"""Servers of two releases elect, lose their leader, elect again, and take it back.

With a zkprobe member there are two Java servers and zkprobe, whose vote and acknowledgement each of
them needs as soon as the other is gone.
"""
from .plan import ZKPROBE
from .servers import Client, Ensemble, Program, Trouble, audited, same_trees, until

SEAT = 3
# Several addresses in a zoo.cfg are refused unless the system property allows them, as in Java.
MULTI = ["-Dzookeeper.multiAddress.enabled=true"]


def run(program, job, source):
    """What was seen."""
    if ZKPROBE in job.builds:
        return with_zkprobe(program, job, source)
    with Ensemble(job.releases, *job.arguments, source=source) as ensemble:
        first = ensemble.leader()
        ensemble.run("kill", first)
        second = ensemble.leader(but=first)
        ensemble.run("start", first, "--no-wait")
        ensemble.wait_role(first)
        audited(program, ensemble)
        return f"leader {first} ({ensemble.servers[first]['release']}), then {second} " \
               f"({ensemble.servers[second]['release']}), {first} joined again"


def follows(voter, leader, after=0):
    """Waits until zkprobe follows this leader and is in sync with it."""
    def synced():
        if voter.ended():
            raise Trouble(f"zkprobe ended: {voter.ended()}")
        records = voter.records()[after:]
        at = next((number for number, record in enumerate(records)
                   if record.get("event") == "state" and record["to"] == "FOLLOWING"
                   and record["leader"] == leader), None)
        return at is not None and any(record.get("event") == "sync" for record in records[at:])
    until(synced, 60, f"zkprobe follows server {leader}")


def write(program, ensemble, prefix, sids):
    """A client writes, and every write is in the directories of these servers; how many."""
    with Client(ensemble, prefix) as client:
        client.goes_on("a write with zkprobe")
    written = {path for _, path in client.written()}
    lost = [len(written - paths) for paths in same_trees(program, ensemble, sids)]
    if any(lost):
        raise Trouble(f"acknowledged writes are missing: {lost} of {len(written)} in servers {sids}")
    return len(written)


def with_zkprobe(program, job, source):
    """Two Java servers and zkprobe in the third seat."""
    with Ensemble(job.releases, "--seat-free", str(SEAT), "--set", "tickTime=500", *job.arguments,
                  source=source) as ensemble:
        first = ensemble.leader()
        second = next(sid for sid in ensemble.servers if sid not in (first, SEAT))
        with Program(program, "join", "--json", "--config", ensemble.servers[SEAT]["config"],
                     "--ensemble", ensemble.directory, *(MULTI if job.multi else [])) as voter:
            follows(voter, first)
            count = write(program, ensemble, "/all/n", [first, second, SEAT])
            # The other server leads by zkprobe's vote, and writes by its acknowledgement.
            after = len(voter.lines)
            ensemble.run("kill", first)
            ensemble.leader(but=first)
            follows(voter, second, after)
            count += write(program, ensemble, "/two/n", [second, SEAT])
            ensemble.run("start", first, "--no-wait")
            ensemble.wait_role(first)
            audited(program, ensemble)
            same_trees(program, ensemble)
        if voter.process.returncode != 0:
            raise Trouble(f"zkprobe ended with exit {voter.process.returncode}: {voter.ended()}")
        return (f"leader {first} ({ensemble.servers[first]['release']}), then {second} "
                f"({ensemble.servers[second]['release']}) by zkprobe's vote, {first} joined again; "
                f"{count} writes in zkprobe's directory, its digest equal")
