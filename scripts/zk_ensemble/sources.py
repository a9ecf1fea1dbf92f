"""Where a server's classes come from: Maven, a Docker image, or Debian's package.

Each source answers `prepare(release)` with what a start needs: a folder of
jars, or the name of an image. Jars are kept in the cache, so that a second
start needs no network. A folder of the cache is filled beside its place and
then renamed, under a lock: it is whole or not there.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

from .errors import Failed, UsageError
from .ports import locked

# The newest release of each line, and what a line's name stands for.
NEWEST = {"3.3": "3.3.6", "3.4": "3.4.14", "3.5": "3.5.10", "3.6": "3.6.4",
          "3.7": "3.7.2", "3.8": "3.8.7", "3.9": "3.9.6"}

# A repository may lack the parent of a release's description, and then Maven
# cannot tell what the release depends on. Its neighbour's dependencies serve.
NEIGHBOUR = {"3.9.6": "3.9.5", "3.8.7": "3.8.6"}

DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8"

DEBIAN_PACKAGES = ["libzookeeper-java", "liblog4j1.2-java", "libslf4j-java", "libnetty-java",
                   "libdropwizard-metrics-java", "libsnappy-java", "libcommons-cli-java",
                   "libcommons-io-java"]


def say(text):
    """One line of progress, on standard error."""
    print(f"zk-ensemble: {text}", file=sys.stderr, flush=True)


def full_release(name):
    """"3.9" is the newest 3.9.x known here; anything else stands for itself."""
    return NEWEST.get(name, name)


def release_key(release):
    """(3, 5, 0) for "3.5.0-alpha": releases in order."""
    try:
        return tuple(int(part) for part in release.partition("-")[0].split("."))
    except ValueError:
        raise UsageError(f"release {release!r}: expected a form like 3.9.5 or 3.9") from None


def cache_folder():
    """The cache: ZKPROBE_CACHE, or zkprobe in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.abspath(os.environ.get("ZKPROBE_CACHE") or os.path.join(home, "zkprobe"))
    os.makedirs(path, exist_ok=True)
    return path


def _tail(text, lines=6):
    return [line[:400] for line in text.splitlines() if line.strip()][-lines:]


def need_program(program, package):
    """Installs Debian's package if the program is missing and we may."""
    if shutil.which(program):
        return
    hint = f"{program} is missing: install the package {package}"
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        raise Failed(hint)
    say(f"installing the package {package}, because {program} is missing")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", package]):
        done = subprocess.run(sudo + quiet + words, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0 or not shutil.which(program):
        raise Failed("\n".join([f"cannot install the package {package}"] + _tail(done.stdout)))


def _filled(name, fill):
    """The cache folder `name`, filled by fill(folder) the first time."""
    cache = cache_folder()
    place = os.path.join(cache, name)
    with locked(os.path.join(cache, "jars.lock")):
        if not os.path.isdir(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="filling-") as work:
                jars = os.path.join(work, "jars")
                os.mkdir(jars)
                fill(jars)
                os.rename(jars, place)
    return place


# Where jars lie: in a folder of jars, in an unpacked distribution, in a source tree that was built
# with Maven or, up to 3.5, with Ant.
PLACES = ("", "lib", "zookeeper-server/target", "zookeeper-jute/target", "zookeeper-server/target/lib",
          "build", "build/lib")
NO_SERVER = re.compile(r"-(tests?|sources|javadoc)\.jar$")


def class_path(folder):
    """Every jar of a folder, by place and name."""
    return ":".join(jar for place in PLACES
                    for jar in sorted(glob.glob(os.path.join(folder, place, "*.jar")))
                    if not NO_SERVER.search(jar))


def is_folder(release):
    """Whether this names a folder with a build of one's own, and no release."""
    return "/" in release


def own_build(folder):
    """The release of the build in a folder, by its zookeeper-X.jar or what that jar says of itself."""
    jars = [jar for jar in class_path(folder).split(":")
            if re.match(r"zookeeper(-\d.*)?\.jar$", os.path.basename(jar))]
    if not jars:
        raise UsageError(f"{folder}: expected an unpacked distribution, a source tree with built jars "
                         "or a folder of jars, found no zookeeper-*.jar")
    named = re.match(r"zookeeper-(\d.*)\.jar$", os.path.basename(jars[0]))
    if named:
        return named.group(1)
    try:
        with zipfile.ZipFile(jars[0]) as jar:
            manifest = jar.read("META-INF/MANIFEST.MF").decode(errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UsageError(f"{jars[0]}: {error}") from None
    told = re.search(r"(?m)^(?:Implementation|Bundle)-Version: (\d\S*)", manifest)
    if not told:
        raise UsageError(f"{jars[0]}: expected Implementation-Version in its manifest")
    return told.group(1)


def release_of(name):
    """The full release that a word of --release stands for: 3.9, 3.9.6, or a folder."""
    return own_build(name) if is_folder(name) else full_release(name)


class Maven:
    """Jars of one release, with run-time dependencies and a logger."""
    name = "maven"

    def prepare(self, release):
        """Fills the cache for this release. Raises Failed if Maven cannot serve it."""
        need_program("java", "default-jre-headless")
        return _filled(f"maven/{release}", lambda jars: self._fill(release, jars))

    def _fill(self, release, jars):
        need_program("mvn", "maven")
        say(f"fetching ZooKeeper {release} with mvn")
        error = self._copy_all(release, jars)
        if error and release in NEIGHBOUR:
            near = NEIGHBOUR[release]
            say(f"{release} is not whole there; its own jars, with the dependencies of {near}")
            error = self._copy_all(near, jars)
            for artifact in ("zookeeper", "zookeeper-jute"):
                error = error or self._copy_one(artifact, release, jars)
                if not error:
                    os.unlink(os.path.join(jars, f"{artifact}-{near}.jar"))
        if error:
            raise Failed("\n".join([f"mvn cannot fetch ZooKeeper {release}"] + error))

    def _copy_all(self, release, jars):
        extra = [("org.slf4j", "slf4j-log4j12", "1.7.30"), ("log4j", "log4j", "1.2.17")]
        if release_key(release) >= (3, 9):
            extra = [("ch.qos.logback", "logback-classic", "1.3.15")]
        elif release_key(release) >= (3, 8):
            extra = [("ch.qos.logback", "logback-classic", "1.2.13")]
        if release_key(release) >= (3, 6):
            # The server needs these two, but declares them as provided.
            extra += [("io.dropwizard.metrics", "metrics-core", "4.1.12.1"),
                      ("org.xerial.snappy", "snappy-java", "1.1.10.5")]
        wanted = extra + [("org.apache.zookeeper", "zookeeper", release)]
        items = "".join(
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency>" for group, artifact, version in wanted)
        pom = os.path.join(os.path.dirname(jars), "pom.xml")
        with open(pom, "w", encoding="utf-8") as handle:
            handle.write("<project><modelVersion>4.0.0</modelVersion><groupId>zkprobe</groupId>"
                         "<artifactId>jars</artifactId><version>1</version>"
                         f"<packaging>pom</packaging><dependencies>{items}</dependencies>"
                         "</project>")
        return self._mvn(["-f", pom, f"{DEPENDENCY_PLUGIN}:copy-dependencies",
                          f"-DoutputDirectory={jars}", "-DincludeScope=runtime"])

    def _copy_one(self, artifact, release, jars):
        return self._mvn([f"{DEPENDENCY_PLUGIN}:copy", f"-DoutputDirectory={jars}",
                          f"-Dartifact=org.apache.zookeeper:{artifact}:{release}"])

    @staticmethod
    def _mvn(words):
        """Runs mvn. Returns None, or what it complained of."""
        done = subprocess.run(["mvn", "-B", "-q", "-U"] + words, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, cwd="/")
        if done.returncode == 0:
            return None
        text = re.sub("\x1b\\[[0-9;]*m", "", done.stdout)  # mvn colours even a pipe
        errors = [line for line in text.splitlines() if line.startswith("[ERROR] ")]
        return [line[8:400] for line in errors[:1]] or _tail(text)


class Debian:
    """Jars out of Debian's packages, unpacked into the cache: nothing is
    installed and no service is started."""
    name = "debian"

    def prepare(self, release):
        """Fills the cache with the one release that Debian has."""
        need_program("java", "default-jre-headless")
        return _filled(f"debian/{release}", lambda jars: self._fill(release, jars))

    def _fill(self, release, jars):
        if not shutil.which("apt-get"):
            raise Failed("apt-get is missing: this is not Debian")
        shown = subprocess.run(["apt-cache", "show", "--no-all-versions", "libzookeeper-java"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               check=False).stdout
        version = next((line.split()[1] for line in shown.splitlines()
                        if line.startswith("Version:")), "none")
        if version.partition("-")[0] != release:
            raise Failed(f"Debian's zookeeper is {version}, not {release}")
        work = os.path.dirname(jars)
        say(f"fetching Debian's ZooKeeper {version}")
        got = subprocess.run(["apt-get", "download", "-q"] + DEBIAN_PACKAGES, cwd=work, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if got.returncode != 0:
            raise Failed("\n".join(["apt-get cannot download it"] + _tail(got.stdout)))
        for package in glob.glob(os.path.join(work, "*.deb")):
            subprocess.run(["dpkg", "-x", package, os.path.join(work, "root")], check=True)
        # One copy of each jar, under its unversioned name. netty-all.jar is empty there,
        # so that netty's parts are listed one by one.
        share = os.path.join(work, "root/usr/share/java")
        keep = ("zookeeper", "zookeeper-jute", "log4j-1.2", "slf4j-api", "slf4j-log4j12",
                "metrics-core", "snappy-java", "commons-cli", "commons-io")
        names = [f"{stem}.jar" for stem in keep] + sorted(
            os.path.basename(path) for path in glob.glob(os.path.join(share, "netty-*.jar"))
            if not re.search(r"-all|-\d", os.path.basename(path)))
        for name in names:
            path = os.path.join(share, name)
            if os.path.exists(path):
                shutil.copy(os.path.realpath(path), os.path.join(jars, name))


class Docker:
    """The official image, one container per server on the host's network.

    The container reads the same zoo.cfg at the same path as any other server
    of the ensemble; ZOOCFGDIR and the ZOO_ variables are the image's own.
    """
    name = "docker"

    def prepare(self, release):
        """Fetches the image, unless it is here. Raises Failed without an engine."""
        if not shutil.which("docker") or docker("info").returncode != 0:
            raise Failed("no Docker engine answers")
        image = f"zookeeper:{release}"
        if docker("image", "inspect", image).returncode != 0:
            say(f"fetching the image {image}")
            pulled = docker("pull", "-q", image)
            if pulled.returncode != 0:
                raise Failed("\n".join([f"cannot fetch the image {image}"] + _tail(pulled.stdout)))
        return image


def docker(*words):
    """Runs docker with its output in one string."""
    return subprocess.run(["docker"] + list(words), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


SOURCES = {"maven": Maven, "docker": Docker, "debian": Debian}


def prepare(source, release):
    """(name of the source, what it prepared). "auto" takes the first that serves; a folder is its
    own source, "server"."""
    if is_folder(release):
        need_program("java", "default-jre-headless")
        return "server", os.path.abspath(release)
    if source != "auto":
        return source, SOURCES[source]().prepare(release)
    reasons = []
    for name, kind in SOURCES.items():
        try:
            return name, kind().prepare(release)
        except Failed as failed:
            reasons.append(f"{name}: {failed}")
    raise Failed("\n".join([f"no source serves ZooKeeper {release}"] + reasons))
