"""One ensemble: its folder, its ensemble.json, and what can be done to it.

ensemble.json records every server with its process id and the start time of
that process. zkprobe reads it before it does anything destructive.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from . import config, ports, processes, sources
from .errors import Failed, TimedOut, UsageError
from .sources import say

MAIN_CLASS = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
HEAP_MB = 96
NOISE = re.compile(r"^\s+at |Processing (srvr|stat) command|(Accepted|Closed) socket connection")
SERVING = ("leader", "follower", "observer", "standalone")


def ask(address, word="srvr", seconds=1.0):
    """A four letter word's answer; None if the port is closed or silent.

    The socket stays open until the server closes it: 3.3.0 does not answer a
    client that has closed its half.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as link:
            link.settimeout(seconds)
            link.sendall(word.encode())
            text = b""
            while chunk := link.recv(4096):
                text += chunk
    except OSError:
        return None
    return text.decode(errors="replace")


def listens(address):
    """Whether a socket listens there, read from /proc so that no one is disturbed."""
    port = int(address.rpartition(":")[2])
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as handle:
                rows = [line.split() for line in handle][1:]
        except OSError:
            continue
        if any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows):
            return True
    return False


def tail(path, lines=15):
    """The last lines of a log, indented; without stack frames, and without the lines
    that our own asking caused."""
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            said = [line for line in handle if not NOISE.search(line)]
        return "".join("    " + line for line in said[-lines:]).rstrip()
    except OSError:
        return "    (no log)"


class Ensemble:
    """The ensemble in a folder. Raises UsageError if there is none."""

    def __init__(self, folder, state=None):
        self.folder = os.path.abspath(folder)
        self.path = os.path.join(self.folder, "ensemble.json")
        self.state = state
        if state is None:
            self.load()

    # --- the folder ---

    def load(self):
        """Reads ensemble.json anew."""
        try:
            with open(self.path, encoding="utf-8") as handle:
                self.state = json.load(handle)
            if self.state["tool"] != "zk-ensemble":
                raise ValueError("not written by zk-ensemble")
            if os.path.realpath(self.state["dir"]) != os.path.realpath(self.folder):
                raise ValueError(f"it is a copy of that of {self.state['dir']}")
        except FileNotFoundError:
            raise UsageError(f"{self.folder}: no ensemble here (no ensemble.json)") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{self.path}: cannot be read: {error}") from None

    def save(self):
        """Writes ensemble.json whole or not at all."""
        new = self.path + ".new"
        with open(new, "w", encoding="utf-8") as handle:
            json.dump(self.state, handle, indent=1)
        os.replace(new, self.path)

    def lock(self):
        """Held while processes are started or ended and recorded."""
        if not os.path.isdir(self.folder):
            return contextlib.nullcontext()  # removed by hand: nothing to record in
        return ports.locked(os.path.join(self.folder, "lock"))

    @property
    def servers(self):
        """The entries of ensemble.json, in order of id."""
        return self.state["servers"]

    def server(self, sid):
        """The entry of one id. "leader" is the id that leads now."""
        if sid == "leader":
            for each in self.servers:
                if self.role(each) == "leader":
                    return each
            raise Failed("no server leads")
        for each in self.servers:
            if str(each["sid"]) == str(sid):
                return each
        known = ", ".join(str(each["sid"]) for each in self.servers)
        raise UsageError(f"no server {sid} in {self.folder}; it has {known}")

    # --- processes ---

    def marker(self):
        """The argument that every server of this folder carries."""
        return f"-Dzkprobe.ensemble={self.folder}"

    def jvm_options(self, server):
        """The options of one server's JVM."""
        options = self.state["options"]
        home = os.path.dirname(server["config"])
        words = [f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                 self.marker(),
                 "-Dzookeeper.preAllocSize=1024", "-Dzookeeper.jmx.log4j.disable=true",
                 f"-Dlog4j.configuration=file:{home}/log4j.properties",
                 f"-Dlogback.configurationFile={home}/logback.xml"]
        if options["host"] != "::1":
            words.append("-Djava.net.preferIPv4Stack=true")
        if options["multi_address"]:
            # Several addresses are refused unless the system property says so.
            words.append("-Dzookeeper.multiAddress.enabled=true")
        if options["reconfig"]:
            words.append("-Dzookeeper.skipACL=yes")
        return words + options["java_opts"]

    def command(self, server):
        """The words that start one server."""
        jvm = self.jvm_options(server)
        home = os.path.dirname(server["config"])
        if server["source"] != "docker":
            return ["java"] + jvm + ["-cp", sources.class_path(server["prepared"]), MAIN_CLASS,
                                     server["config"]]
        return ["docker", "run", "--rm", "--name", server["container"], "--network", "host",
                "--user", f"{os.getuid()}:{os.getgid()}", "-v", f"{home}:{home}",
                "--label", f"zkprobe.ensemble={self.folder}",
                "-e", f"ZOOCFGDIR={home}", "-e", f"ZOO_CONF_DIR={home}",
                "-e", f"ZOO_DATA_DIR={server['data']}", "-e", f"ZOO_LOG_DIR={home}",
                "-e", f"ZOO_MY_ID={server['sid']}", "-e", f"ZK_SERVER_HEAP={HEAP_MB}",
                "-e", "JVMFLAGS=" + " ".join(jvm), server["prepared"]]

    def running(self, server):
        """Whether the recorded process of a server lives."""
        return processes.alive(server["pid"], server["pid_start"])

    def start(self, sids):
        """Starts these servers and records their processes."""
        with self.lock():
            self.load()
            if not self.state["up"]:
                raise UsageError(f"{self.folder}: the ensemble is down; use up")
            for server in (self.server(sid) for sid in sids):
                if self.running(server):
                    raise Failed(f"server {server['sid']} runs already, process {server['pid']}")
                with open(server["log"], "ab") as log:
                    child = subprocess.Popen(self.command(server), stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log, start_new_session=True,
                                             cwd=os.path.dirname(server["config"]))
                pid = child.pid
                if server["source"] == "docker":
                    pid = self.container_pid(server, child)
                child.returncode = 0  # it outlives this script: Python need not wait for it
                server["pid"], server["pid_start"] = pid, processes.start_time(pid)
                self.save()

    def reseat(self, sid, build=None, settings=()):
        """What a server is started with next time, on the directory that it has.

        build: (release, source, prepared) of another release; settings: (key, value) lines that are
        added to its zoo.cfg. Raises Failed while the server runs.
        """
        with self.lock():
            self.load()
            server = self.server(sid)
            if self.running(server):
                raise Failed(f"server {server['sid']} runs, process {server['pid']}; end it first")
            if build:
                server["release"], server["source"], server["prepared"] = build
                if server["source"] == "docker":
                    server["container"] = f"zkprobe-{os.getpid()}-{server['sid']}"
                self.save()
            if settings:
                config.set_keys(server["config"], settings)

    @staticmethod
    def container_pid(server, child):
        """The id of the server's process as the host sees it."""
        end = time.monotonic() + 30
        while time.monotonic() < end and child.poll() is None:
            shown = sources.docker("inspect", "-f", "{{.State.Pid}}", server["container"])
            if shown.returncode == 0 and shown.stdout.strip() not in ("", "0"):
                return int(shown.stdout)
            processes.wait_any_end([(child.pid, processes.start_time(child.pid))], 0.1)
        raise Failed(f"the container of server {server['sid']} did not start\n"
                     + tail(server["log"]))

    def wipe(self, sid):
        """Takes away what a server that is not running wrote into its data folder."""
        server = self.server(sid)
        if self.running(server):
            raise Failed(f"server {server['sid']} runs, process {server['pid']}")
        history = os.path.join(server["data"], "version-2")
        if os.path.isdir(history):
            shutil.rmtree(history)

    def signal(self, sid, signum):
        """Sends a signal to one server. For SIGKILL and SIGTERM waits for its end."""
        server = self.server(sid)
        pid = (server["pid"], server["pid_start"])
        if server["source"] == "docker":
            sent = self.running(server) and sources.docker(
                "kill", "-s", str(int(signum)), server["container"]).returncode == 0
        else:
            sent = processes.send(*pid, signum)
        if not sent:
            raise Failed(f"server {server['sid']} is not running")
        if signum in (signal.SIGKILL, signal.SIGTERM) and not processes.wait_gone([pid], 20):
            raise TimedOut(f"server {server['sid']}, process {pid[0]}, did not end in 20 s")

    def down(self):
        """Ends every server, recorded or not, and gives the ports back."""
        with self.lock():
            try:
                self.load()
            except UsageError:
                self.state = None  # the processes are found all the same
            recorded = [(each["pid"], each["pid_start"]) for each in self.servers
                        if self.running(each)] if self.state else []
            if self.state and any(each["source"] == "docker" for each in self.servers):
                label = f"label=zkprobe.ensemble={self.folder}"
                for name in sources.docker("ps", "-aq", "--filter", label).stdout.split():
                    sources.docker("rm", "-f", name)
            ending = set(recorded + processes.with_argument(self.marker()))
            for pid, pid_start in ending:
                # A container's process may be another user's: docker has removed it.
                with contextlib.suppress(PermissionError):
                    processes.send(pid, pid_start, signal.SIGKILL)
            if not processes.wait_gone(ending, 20):
                raise TimedOut(f"processes of {self.folder} did not end in 20 s: "
                               + ", ".join(str(pid) for pid, _ in ending))
            if self.state:
                for each in self.servers:
                    each["pid"] = each["pid_start"] = None
                self.state["up"] = False
                self.save()
        return len(ending)

    # --- roles ---

    def role(self, server):
        """leader, follower, observer or standalone as srvr says; looking; not
        serving (no answer); down (no process)."""
        if not self.running(server):
            return "down"
        answer = ask(server["client"])
        for line in (answer or "").splitlines():
            if line.startswith("Mode:"):
                return line.split()[1]
        return "looking" if answer and "not currently serving" in answer else "not serving"

    def wait_serving(self, sids, seconds, need_leader):
        """Waits until each of these answers srvr with a role, and one leads."""
        begun, seen = time.monotonic(), {}
        while True:
            wanted = [self.server(sid) for sid in sids]
            for server in wanted:
                role = self.role(server)
                if role in SERVING and seen.get(server["sid"]) != role:
                    say(f"server {server['sid']} ({server['release']}) is {role} "
                        f"after {time.monotonic() - begun:.1f} s")
                seen[server["sid"]] = role
                if role == "down":
                    raise Failed(f"server {server['sid']} ({server['release']}) has ended; its log "
                                 f"{server['log']} says\n" + tail(server["log"]))
            idle = [each for each in wanted if seen[each["sid"]] not in SERVING]
            if not idle and (not need_leader or set(seen.values()) & {"leader", "standalone"}):
                return
            if time.monotonic() - begun > seconds:
                if not idle:
                    raise TimedOut(f"no server led in {seconds:g} s")
                raise TimedOut("\n".join(
                    f"server {each['sid']} ({each['release']}) is {seen[each['sid']]} after "
                    f"{seconds:g} s; its log {each['log']} says\n" + tail(each["log"])
                    for each in idle))
            self.wait_change(wanted)

    def wait_listening(self, sids, seconds):
        """Waits until the election port of each of these accepts connections."""
        end = time.monotonic() + seconds
        for server in (self.server(sid) for sid in sids):
            while not listens(server["election"]):
                if not self.running(server):
                    raise Failed(f"server {server['sid']} has ended; its log says\n"
                                 + tail(server["log"]))
                if time.monotonic() > end:
                    raise TimedOut(f"server {server['sid']} does not listen on "
                                   f"{server['election']}\n" + tail(server["log"]))
                self.wait_change([server])

    @staticmethod
    def wait_change(servers):
        """A tenth of a second, or less if a process ends."""
        processes.wait_any_end([(each["pid"], each["pid_start"]) for each in servers
                                if each["pid"]], 0.1)


def clear_folder(folder):
    """Makes the folder of an ensemble that is down empty again."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
        return
    if os.listdir(folder) in ([], ["lock"]):
        return
    old = Ensemble(folder)
    if any(old.running(each) for each in old.servers):
        raise UsageError(f"{folder}: an ensemble runs here; use down first")
    old.down()
    for each in old.servers:
        shutil.rmtree(os.path.join(folder, str(each["sid"])), ignore_errors=True)


def create(folder, plan, options):
    """Writes the folder of a new ensemble; no process is started.

    plan: one entry per server: sid, observer, release, source, prepared, seat_free.
    """
    folder = os.path.abspath(folder)
    clear_folder(folder)
    links = 2 if options["multi_address"] else 1
    host = f"[{options['host']}]" if ":" in options["host"] else options["host"]
    with ports.reserve(sources.cache_folder(), folder, len(plan) * (1 + 2 * links)) as free:
        script = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                              "zk-ensemble")
        state = {"tool": "zk-ensemble", "script": script, "dir": folder, "up": True,
                 "ports": list(free),
                 "options": options, "servers": []}

        def address():
            return f"{host}:{free.pop(0)}"

        for each in plan:
            home = os.path.join(folder, str(each["sid"]))
            quorum = [address() for _ in range(links)]
            election = [address() for _ in range(links)]
            container = None
            if each["source"] == "docker":
                container = f"zkprobe-{os.getpid()}-{each['sid']}"
            state["servers"].append(dict(
                each, client=address(), quorum=quorum[0], election=election[0], quorum_all=quorum,
                election_all=election, pid=None, pid_start=None, container=container,
                config=os.path.join(home, "zoo.cfg"), data=os.path.join(home, "data"),
                log=os.path.join(home, "server.log")))
        for server in state["servers"]:
            config.write_files(server, state["servers"], options)
        made = Ensemble(folder, state)
        made.save()
    return made
