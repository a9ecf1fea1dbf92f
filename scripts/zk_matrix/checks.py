"""zkprobe check against one server of a release, and against its leader what the learner port is for."""
from .servers import Ensemble, Trouble, zkprobe


def only(names):
    return [word for name in names for word in ("--only", name)]


def play(program, server, sid, patterns):
    """{check: its record}, of one server."""
    code, records, stderr = zkprobe(program, "check", server["election"], "--client",
                                    server["client"], "--learner", server["quorum"], "--sid", sid,
                                    "--json", "--intrusive", *only(patterns), seconds=300)
    if not records or "passed" not in records[-1]:
        raise Trouble(stderr[:200] or f"zkprobe: exit {code}")
    return {record["id"]: record for record in records[:-1]}


def leader(program, ensemble):
    """Who says that it leads."""
    _, records, stderr = zkprobe(program, "status", "--json", *ensemble.of("election"))
    leading = {record["address"] for record in records if record.get("state") == "LEADING"}
    for sid, server in ensemble.servers.items():
        if server["election"] in leading:
            return sid
    raise Trouble(stderr[:200] or "nobody leads")


def for_leaders(program, found):
    """Those of these checks that only a leader can be asked for."""
    _, records, _ = zkprobe(program, "check", "--list", "--json")
    return [record["id"] for record in records
            if "learner-port" in record["needs"] and record["id"] in found]


def run(program, job, source, patterns):
    """{check: its record}: of server 1, and of the leader where only a leader can be asked."""
    with Ensemble(job.releases, *job.arguments, source=source) as ensemble:
        found = play(program, ensemble.servers[1], 1, patterns)
        wanted = for_leaders(program, found)
        sid = leader(program, ensemble) if wanted else 1
        if sid != 1:
            found.update(play(program, ensemble.servers[sid], sid, wanted))
        return found
