"""Servers of two releases elect, lose their leader, elect again, and take it back."""
from .servers import Ensemble, audited


def run(program, builds, source):
    """What was seen."""
    with Ensemble([build.release for build in builds], source=source) as ensemble:
        first = ensemble.leader()
        ensemble.run("kill", first)
        second = ensemble.leader(but=first)
        ensemble.run("start", first, "--no-wait")
        ensemble.wait_role(first)
        audited(program, ensemble)
        return f"leader {first} ({ensemble.servers[first]['release']}), then {second} " \
               f"({ensemble.servers[second]['release']}), {first} joined again"
