"""What is run, in which order, and about how long it takes."""
import os
from dataclasses import dataclass

from zk_ensemble.errors import UsageError
from zk_ensemble.sources import release_key, release_of

PARTS = ("checks", "mixed", "rolling")
# As a release comes, and with two addresses for each server.
VARIANTS = ("default", "multi")
# About how long one takes on two cores, of a rolling upgrade one server; a zkprobe member is filled.
SECONDS = {"checks": 24, "mixed": 9, "rolling": 7}
SECONDS_FILLED = 7


@dataclass(frozen=True)
class Build:
    """One server's classes: what it is called here, and what zk-ensemble is told."""
    name: str
    release: str

    @property
    def has_multi(self):
        """Whether a server may have several addresses. Not where nothing is there to be started:
        that is one cell that says so."""
        try:
            return release_key(release_of(self.release)) >= (3, 6)
        except UsageError:
            return False


def builds(releases, folders):
    """The releases and then the builds of one's own, which are called by the name of their folder."""
    made = [Build(release, release) for release in releases]
    for folder in folders:
        path = os.path.abspath(folder)
        name = os.path.basename(path) or path
        if name in [build.name for build in made + [ZKPROBE]]:
            name = path
        made.append(Build(name, os.path.join(path, "")))
    return made


# A member that is no Java server: zkprobe join --config.
ZKPROBE = Build("zkprobe", "")


@dataclass(frozen=True)
class Job:
    """One cell of the mixed part, one column of the checks, or one whole upgrade."""
    part: str
    builds: tuple
    multi: bool = False

    @property
    def name(self):
        if self.part == "rolling":
            return f"upgrade from {self.builds[0].name} to {self.builds[-1].name}"
        return " ".join([build.name for build in self.builds] + (["multi"] if self.multi else []))

    @property
    def releases(self):
        """What zk-ensemble is told."""
        return [build.release for build in self.builds if build != ZKPROBE]

    @property
    def arguments(self):
        """What else it is told."""
        return ["--multi-address"] if self.multi else []

    @property
    def seconds(self):
        count = 3 * (len(self.builds) - 1) if self.part == "rolling" else 1
        return SECONDS[self.part] * count + (SECONDS_FILLED if ZKPROBE in self.builds else 0)


def pairs(builds):
    """Neighbours, the older with the majority, the newer with it, and one of each with a zkprobe
    member between them; then the oldest with the newest."""
    found = []
    couples = list(zip(builds, builds[1:]))
    if len(builds) > 2:
        couples.append((builds[0], builds[-1]))
    for older, newer in couples:
        found += [(older, older, newer), (older, newer, newer), (older, newer, ZKPROBE)]
    return found


def jobs(builds, parts, variants=VARIANTS):
    """All that is to be run."""
    made = []
    multi = [build for build in builds if build.has_multi]
    if "checks" in parts:
        for build in builds:
            made += [Job("checks", (build,))] if "default" in variants else []
            made += [Job("checks", (build,), True)] if "multi" in variants and build in multi else []
    if "mixed" in parts and "default" in variants:
        made += [Job("mixed", group) for group in pairs(builds)]
    if "mixed" in parts and "multi" in variants:
        made += [Job("mixed", group, True) for group in pairs(multi)]
    if "rolling" in parts and len(builds) > 1 and "default" in variants:
        made.append(Job("rolling", tuple(builds)))
    return made


def told(made):
    """What will run, and about how long."""
    count = {part: sum(1 for job in made if job.part == part) for part in PARTS}
    upgrades = sum(3 * (len(job.builds) - 1) for job in made if job.part == "rolling")
    multi = sum(1 for job in made if job.multi)
    members = sum(1 for job in made if ZKPROBE in job.builds)
    words = [f"{count['checks']} columns of checks",
             f"{count['mixed']} mixed ensembles ({members} with a zkprobe member)",
             f"a rolling upgrade in {upgrades} steps"]
    kept = [text for part, text in zip(PARTS, words) if count[part]]
    kept += [f"{multi} of all with several addresses"] if multi else []
    minutes = max(1, round(sum(job.seconds for job in made) / 60))
    return f"{', '.join(kept) or 'nothing'}; about {minutes} minute{'s' if minutes > 1 else ''}"
