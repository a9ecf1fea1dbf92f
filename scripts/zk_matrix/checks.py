"""zkprobe check against one server of a release."""
from .servers import Ensemble, Trouble, zkprobe


def run(program, job, source, only):
    """{check: its record}"""
    with Ensemble(job.releases, *job.arguments, source=source) as ensemble:
        server = ensemble.servers[1]
        patterns = [word for pattern in only for word in ("--only", pattern)]
        code, records, stderr = zkprobe(program, "check", server["election"], "--client",
                                        server["client"], "--sid", "1", "--json", "--intrusive",
                                        *patterns, seconds=300)
        if not records or "passed" not in records[-1]:
            raise Trouble(stderr[:200] or f"zkprobe: exit {code}")
        return {record["id"]: record for record in records[:-1]}
