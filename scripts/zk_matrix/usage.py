"""What is wrong with a request is said before any server starts."""
import os

from zk_ensemble.errors import UsageError
from zk_ensemble.sources import full_release, is_folder, release_key

from .servers import zkprobe


def builds(made):
    """Releases are numbers, and builds of one's own are folders that are there."""
    for build in made:
        if not is_folder(build.release):
            release_key(full_release(build.release))
        elif not os.path.isdir(build.release):
            raise UsageError(f"--server {build.release}: expected a folder with a build, found none")


def patterns(program, named):
    """Each of --only fits a check."""
    for pattern in named:
        code, records, stderr = zkprobe(program, "check", "--list", "--json", "--only", pattern)
        if code != 0:
            raise UsageError(stderr[:200] or f"zkprobe: exit {code}")
        if not records:
            raise UsageError(f"--only {pattern}: expected the name of a check, found none that fits "
                             "(zkprobe check --list has them)")


def jobs(made, options):
    """Something is to be run."""
    if not made:
        raise UsageError(f"nothing to run: --releases {options.releases} has nothing for "
                         f"--parts {','.join(options.parts)} with --variants "
                         f"{','.join(options.variants)} (mixed and rolling need two builds, rolling "
                         "the variant default, multi 3.6 or later)")


def files(paths):
    """Each can be written."""
    for path in filter(None, paths):
        try:
            with open(path, "a", encoding="utf-8"):
                pass
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
