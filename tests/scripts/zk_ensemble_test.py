"""zk-ensemble without Java: what it writes, what it refuses, whom it signals.

Run: python3 -m unittest discover -s tests/scripts -p '*_test.py'
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

from scripts_support import run
from zk_ensemble import config, ensemble, ports, processes, sources
from zk_ensemble.errors import Failed, UsageError


def plan(voters, observers=0, release="3.9.6"):
    """A plan of servers that nobody starts."""
    return [dict(sid=sid, release=release, source="maven", prepared="/nowhere",
                 observer=sid > voters, seat_free=False)
            for sid in range(1, voters + observers + 1)]


def options(**changes):
    """The options of a plain ensemble, with changes."""
    return dict(dict(set={}, java_opts=[], hierarchical=False, multi_address=False,
                     reconfig=False, host="127.0.0.1"), **changes)


class InFolder(unittest.TestCase):
    """A cache and an ensemble's folder of its own."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = os.path.join(scratch.name, "e")
        self.cache = os.path.join(scratch.name, "cache")
        before = os.environ.get("ZKPROBE_CACHE")
        os.environ["ZKPROBE_CACHE"] = self.cache
        self.addCleanup(lambda: os.environ.pop("ZKPROBE_CACHE") if before is None
                        else os.environ.__setitem__("ZKPROBE_CACHE", before))

    def read(self, *parts):
        """A file of the ensemble's folder."""
        with open(os.path.join(self.folder, *parts), encoding="utf-8") as handle:
            return handle.read()

    def sleeper(self, *arguments):
        """A process that does nothing until it is ended: (pid, pid_start)."""
        child = subprocess.Popen([sys.executable, "-c", "input()", *arguments],
                                 stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(child.wait)
        self.addCleanup(child.stdin.close)
        self.addCleanup(child.kill)
        return child.pid, processes.start_time(child.pid)


class ZooCfg(InFolder):
    """What is written for the servers."""

    def test_names_every_server_and_its_own_client_port(self):
        made = ensemble.create(self.folder, plan(3), options())
        text = self.read("2", "zoo.cfg").splitlines()
        for server in made.servers:
            quorum_port = server["quorum"].rpartition(":")[2]
            election_port = server["election"].rpartition(":")[2]
            line = f"server.{server['sid']}=127.0.0.1:{quorum_port}:{election_port}"
            self.assertIn(line, text)
        self.assertIn("clientPort=" + made.servers[1]["client"].rpartition(":")[2], text)
        self.assertEqual(self.read("2", "data", "myid"), "2\n")

    def test_marks_an_observer_in_its_line_and_in_its_own_file(self):
        ensemble.create(self.folder, plan(1, observers=1), options())
        self.assertRegex(self.read("1", "zoo.cfg"), r"server\.2=.*:observer\n")
        self.assertIn("peerType=observer\n", self.read("2", "zoo.cfg"))
        self.assertNotIn("peerType", self.read("1", "zoo.cfg"))

    def test_set_replaces_a_default_and_adds_a_key(self):
        ensemble.create(self.folder, plan(1), options(set={"tickTime": "500", "extra": "a=b"}))
        text = self.read("1", "zoo.cfg")
        self.assertIn("tickTime=500\n", text)
        self.assertNotIn("tickTime=1000", text)
        self.assertIn("extra=a=b\n", text)

    def test_multi_address_gives_two_pairs_of_ports_per_server(self):
        made = ensemble.create(self.folder, plan(3), options(multi_address=True))
        self.assertRegex(self.read("1", "zoo.cfg"),
                         r"server\.1=127\.0\.0\.1:\d+:\d+\|127\.0\.0\.1:\d+:\d+\n")
        self.assertIn("-Dzookeeper.multiAddress.enabled=true",
                      made.jvm_options(made.servers[0]))

    def test_a_host_is_named_as_it_was_asked_for(self):
        made = ensemble.create(self.folder, plan(1), options(host="::1"))
        text = self.read("1", "zoo.cfg")
        self.assertRegex(text, r"server\.1=\[::1\]:\d+:\d+\n")
        self.assertIn("clientPortAddress=::1\n", text)
        self.assertRegex(made.servers[0]["client"], r"^\[::1\]:\d+$")
        ipv4 = "-Djava.net.preferIPv4Stack=true"
        self.assertNotIn(ipv4, made.jvm_options(made.servers[0]))
        made = ensemble.create(self.folder + "2", plan(1), options(host="localhost"))
        self.assertRegex(made.servers[0]["election"], r"^localhost:\d+$")
        self.assertIn(ipv4, made.jvm_options(made.servers[0]))

    def test_reconfig_names_the_client_address_in_the_server_line_alone(self):
        ensemble.create(self.folder, plan(1, observers=1), options(reconfig=True))
        text = self.read("1", "zoo.cfg")
        self.assertRegex(text, r"server\.1=127\.0\.0\.1:\d+:\d+:participant;127\.0\.0\.1:\d+\n")
        self.assertRegex(text, r"server\.2=127\.0\.0\.1:\d+:\d+:observer;127\.0\.0\.1:\d+\n")
        self.assertIn("reconfigEnabled=true\n", text)
        self.assertNotIn("clientPort", text)

    def test_groups_are_three_and_as_even_as_can_be(self):
        expected = {1: ["1"], 2: ["1", "2"], 3: ["1", "2", "3"], 5: ["1:2", "3:4", "5"],
                    9: ["1:2:3", "4:5:6", "7:8:9"]}
        for count, groups in expected.items():
            lines = config.group_lines(list(range(1, count + 1)))
            self.assertEqual([line.partition("=")[2] for line in lines if "group" in line], groups)
            self.assertEqual(lines[-count:], [f"weight.{sid}=1" for sid in range(1, count + 1)])

    def test_observers_are_in_no_group(self):
        ensemble.create(self.folder, plan(3, observers=1), options(hierarchical=True))
        self.assertNotIn("weight.4", self.read("1", "zoo.cfg"))


class Ports(InFolder):
    """Who holds which port."""

    def test_two_ensembles_share_no_port(self):
        first = ensemble.create(self.folder, plan(9), options())
        second = ensemble.create(self.folder + "2", plan(9), options())
        self.assertEqual(len(set(first.state["ports"] + second.state["ports"])), 54)

    def test_ports_are_held_until_down(self):
        made = ensemble.create(self.folder, plan(1), options())
        self.assertEqual(ports._held_by(self.folder), set(made.state["ports"]))
        made.down()
        self.assertEqual(ports._held_by(self.folder), set())

    def test_ports_of_a_removed_folder_are_held_by_nobody(self):
        self.assertEqual(ports._held_by(self.folder), set())

    def test_no_port_is_one_that_the_kernel_gives_to_outgoing_connections(self):
        outgoing = range(21000, 33000)
        with unittest.mock.patch.object(ports, "_outgoing_range", lambda: outgoing):
            made = ensemble.create(self.folder, plan(9), options())
        self.assertFalse([port for port in made.state["ports"] if port in outgoing])

    def test_a_port_in_use_is_not_chosen(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            self.assertFalse(ports._is_free(holder.getsockname()[1]))


class Processes(InFolder):
    """A recorded process and nobody else is signalled."""

    def test_a_process_is_known_by_its_start_time_as_well(self):
        pid, begun = self.sleeper()
        self.assertTrue(processes.alive(pid, begun))
        self.assertFalse(processes.alive(pid, begun + 1))
        self.assertFalse(processes.alive(None, None))

    def test_a_process_that_ended_before_it_was_recorded_is_not_alive(self):
        pid, begun = self.sleeper()
        processes.send(pid, begun, signal.SIGKILL)
        processes.wait_gone([(pid, begun)], 20)
        self.assertFalse(processes.alive(pid, None))

    def test_a_reused_id_is_not_signalled(self):
        pid, begun = self.sleeper()
        self.assertFalse(processes.send(pid, begun - 1, signal.SIGKILL))
        self.assertFalse(processes.wait_gone([(pid, begun)], 0.1))
        self.assertTrue(processes.send(pid, begun, signal.SIGKILL))
        self.assertTrue(processes.wait_gone([(pid, begun)], 20))

    def test_down_spares_a_process_that_took_over_a_recorded_id(self):
        pid, begun = self.sleeper()
        made = ensemble.create(self.folder, plan(1), options())
        made.servers[0].update(pid=pid, pid_start=begun - 1)
        made.save()
        self.assertEqual(made.down(), 0)
        self.assertTrue(processes.alive(pid, begun))

    def test_down_finds_a_server_that_was_never_recorded(self):
        made = ensemble.create(self.folder, plan(1), options())
        pid, begun = self.sleeper(made.marker())
        self.assertEqual(made.down(), 1)
        self.assertTrue(processes.wait_gone([(pid, begun)], 20))

    def test_kill_says_that_a_server_is_not_running(self):
        made = ensemble.create(self.folder, plan(2), options())
        with self.assertRaisesRegex(Failed, "server 2 is not running"):
            made.signal("2", signal.SIGKILL)


FAKE_DOCKER = """\
#!/bin/sh
# Stands for an engine with one container, whose process is ours to start.
echo "$*" >> "$FAKE/calls"
case "$1" in
  run) echo $$ > "$FAKE/pid"; exec cat "$FAKE/fifo" ;;
  inspect) cat "$FAKE/pid" ;;
  kill) kill -s "$3" "$(cat "$FAKE/pid")" ;;
  ps) echo container ;;
esac
"""


class Containers(InFolder):
    """How docker is asked. No engine: this says nothing about the image itself."""

    def setUp(self):
        super().setUp()
        fake = tempfile.mkdtemp(dir=os.path.dirname(self.folder))
        os.mkfifo(os.path.join(fake, "fifo"))
        self.calls = os.path.join(fake, "calls")
        program = os.path.join(fake, "docker")
        with open(program, "w", encoding="utf-8") as handle:
            handle.write(FAKE_DOCKER)
        os.chmod(program, 0o755)
        changed = {"FAKE": fake, "PATH": fake + ":" + os.environ["PATH"]}
        patch = unittest.mock.patch.dict(os.environ, changed)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_container_is_started_recorded_signalled_and_removed(self):
        source, image = sources.prepare("docker", "3.9.6")
        self.assertEqual((source, image), ("docker", "zookeeper:3.9.6"))
        entries = plan(1)
        entries[0].update(source=source, prepared=image)
        made = ensemble.create(self.folder, entries, options())
        made.start([1])
        self.assertTrue(made.running(made.servers[0]))
        made.signal("1", signal.SIGKILL)
        self.assertFalse(made.running(made.servers[0]))
        made.start([1])
        self.assertEqual(made.down(), 1)
        with open(self.calls, encoding="utf-8") as handle:
            calls = handle.read()
        self.assertRegex(calls, r"run --rm .* --network host .* zookeeper:3\.9\.6\n")
        self.assertIn(f"ps -aq --filter label=zkprobe.ensemble={self.folder}\n", calls)
        self.assertIn("rm -f container\n", calls)


class Folder(InFolder):
    """Whose folder it is."""

    def test_ensemble_json_says_what_zkprobe_verifies(self):
        ensemble.create(self.folder, plan(2), options())
        state = json.loads(self.read("ensemble.json"))
        self.assertEqual(state["tool"], "zk-ensemble")
        for entry in state["servers"]:
            self.assertLessEqual({"sid", "pid", "pid_start", "election", "quorum", "client"},
                                 set(entry))

    def test_a_folder_of_something_else_is_left_alone(self):
        os.mkdir(self.folder)
        precious = os.path.join(self.folder, "precious")
        with open(precious, "w", encoding="utf-8"):
            pass
        with self.assertRaisesRegex(UsageError, "no ensemble here"):
            ensemble.create(self.folder, plan(1), options())
        self.assertTrue(os.path.exists(precious))

    def test_a_folder_in_use_is_refused(self):
        made = ensemble.create(self.folder, plan(1), options())
        made.servers[0]["pid"], made.servers[0]["pid_start"] = self.sleeper()
        made.save()
        with self.assertRaisesRegex(UsageError, "use down first"):
            ensemble.create(self.folder, plan(1), options())

    def test_a_folder_that_is_down_starts_afresh(self):
        ensemble.create(self.folder, plan(3), options()).down()
        old = os.path.join(self.folder, "1", "data", "version-2")
        os.mkdir(old)
        ensemble.create(self.folder, plan(2), options())
        self.assertFalse(os.path.exists(old))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "3")))

    def test_start_after_down_is_refused(self):
        made = ensemble.create(self.folder, plan(1), options())
        made.down()
        with self.assertRaisesRegex(UsageError, "use up"):
            made.start([1])


class Reseated(InFolder):
    """What a server is started with next time."""

    def test_another_release_and_a_line_that_comes_and_goes(self):
        made = ensemble.create(self.folder, plan(3), options())
        before = self.read("2", "zoo.cfg")
        made.reseat(2, ("3.8.7", "maven", "/elsewhere"), [("a.b", "1"), ("tickTime", "500")])
        self.assertEqual([each["release"] for each in made.servers], ["3.9.6", "3.8.7", "3.9.6"])
        text = self.read("2", "zoo.cfg")
        self.assertIn("a.b=1\n", text)
        self.assertIn("tickTime=500\n", text)
        self.assertNotIn("tickTime=1000\n", text)
        made.reseat(2, None, [("a.b", ""), ("tickTime", "1000")])
        self.assertEqual(sorted(self.read("2", "zoo.cfg").splitlines()),
                         sorted(before.splitlines()))
        self.assertEqual(made.servers[1]["prepared"], "/elsewhere")

    def test_a_running_server_is_left_alone(self):
        made = ensemble.create(self.folder, plan(1), options())
        made.servers[0]["pid"], made.servers[0]["pid_start"] = self.sleeper()
        made.save()
        with self.assertRaisesRegex(Failed, "end it first"):
            made.reseat(1, None, [("a", "b")])


class Releases(InFolder):
    """Names of releases, and the cache of their jars."""

    def test_a_line_stands_for_its_newest_release(self):
        self.assertEqual(sources.full_release("3.4"), "3.4.14")
        self.assertEqual(sources.full_release("3.5.0-alpha"), "3.5.0-alpha")

    def test_releases_are_ordered_by_number(self):
        ordered = ["3.3.6", "3.4.2", "3.4.14", "3.5.0-alpha", "3.5.10", "3.9.6"]
        self.assertEqual(sorted(reversed(ordered), key=sources.release_key), ordered)
        with self.assertRaisesRegex(UsageError, "expected a form like"):
            sources.release_key("newest")

    def test_the_cache_is_filled_once(self):
        filled = []

        def fill(jars):
            filled.append(jars)
            with open(os.path.join(jars, "a.jar"), "w", encoding="utf-8"):
                pass

        for _ in range(2):
            place = sources._filled("maven/9.9.9", fill)
        self.assertEqual(len(filled), 1)
        self.assertEqual(os.listdir(place), ["a.jar"])

    def test_a_failed_filling_leaves_nothing(self):
        def fill(jars):
            with open(os.path.join(jars, "half.jar"), "w", encoding="utf-8"):
                pass
            raise Failed("no network")

        with self.assertRaises(Failed):
            sources._filled("maven/9.9.9", fill)
        self.assertFalse(os.path.exists(os.path.join(self.cache, "maven", "9.9.9")))
        self.assertFalse([name for name in os.listdir(self.cache) if name.startswith("filling")])

    def test_what_maven_says_is_said_where_the_neighbour_fails_too(self):
        with unittest.mock.patch.object(sources.Maven, "_mvn",
                                        side_effect=[["first"], ["no route to host"]]), \
                unittest.mock.patch.object(sources, "need_program"), \
                unittest.mock.patch.object(sources, "say"):
            with self.assertRaisesRegex(Failed, "cannot fetch ZooKeeper 3.9.6\nno route to host"):
                sources.Maven().prepare("3.9.6")


class OwnBuilds(InFolder):
    """Folders with a build of one's own."""

    def made(self, *names):
        """The folder with these empty files."""
        for name in names:
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8"):
                pass
        return os.path.join(self.folder, "")

    def names(self):
        """What is on the class path, without the folder."""
        return [os.path.relpath(jar, self.folder)
                for jar in sources.class_path(self.folder).split(":")]

    def test_a_distribution_of_3_4_and_one_of_today(self):
        folder = self.made("zookeeper-3.4.14.jar", "lib/log4j.jar", "contrib/other.jar")
        self.assertEqual(sources.own_build(folder), "3.4.14")
        self.assertEqual(self.names(), ["zookeeper-3.4.14.jar", "lib/log4j.jar"])
        os.unlink(os.path.join(folder, "zookeeper-3.4.14.jar"))
        self.made("lib/zookeeper-3.9.9.jar", "lib/zookeeper-jute-3.9.9.jar",
                  "lib/zookeeper-prometheus-metrics-3.9.9.jar")
        self.assertEqual(sources.own_build(folder), "3.9.9")

    def test_a_source_tree_without_its_tests(self):
        target = "zookeeper-server/target/"
        folder = self.made(target + "zookeeper-3.10.0-SNAPSHOT.jar", target + "lib/netty.jar",
                           target + "zookeeper-3.10.0-SNAPSHOT-tests.jar",
                           "zookeeper-jute/target/zookeeper-jute-3.10.0-SNAPSHOT.jar")
        self.assertEqual(sources.release_of(folder), "3.10.0-SNAPSHOT")
        self.assertEqual(sources.release_key(sources.release_of(folder)), (3, 10, 0))
        self.assertEqual(len(self.names()), 3)

    def test_a_jar_that_says_itself_what_it_is(self):
        folder = self.made("lib/zookeeper.jar")
        with self.assertRaisesRegex(UsageError, "zookeeper.jar: "):
            sources.own_build(folder)
        with zipfile.ZipFile(os.path.join(folder, "lib", "zookeeper.jar"), "w") as jar:
            jar.writestr("META-INF/MANIFEST.MF", "A: b\r\nImplementation-Version: 3.8.9\r\n")
        self.assertEqual(sources.own_build(folder), "3.8.9")

    def test_a_folder_without_a_server_is_refused(self):
        folder = self.made("lib/zookeeper-jute-3.9.9.jar")
        with self.assertRaisesRegex(UsageError, r"found no zookeeper-\*\.jar"):
            sources.own_build(folder)


class CommandLine(InFolder):
    """What the command line refuses, with which exit code."""

    def refused(self, *words):
        """The complaint about these words."""
        done = run("zk-ensemble", *words, "--dir", self.folder)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(self.folder))
        return done.stderr

    def test_help_shows_examples(self):
        for words in (["--help"], ["up", "--help"]):
            done = run("zk-ensemble", *words)
            self.assertEqual(done.returncode, 0)
            self.assertIn("examples:", done.stdout)

    def test_refuses_what_no_server_can_do(self):
        base = ["up", "--voters", "3", "--release"]
        self.assertIn("needs 3.6 or later", self.refused(*base, "3.9,3.5.10", "--multi-address"))
        self.assertIn("needs 3.5 or later", self.refused(*base, "3.4", "--reconfig"))
        self.assertIn("the ids are 1 to 3", self.refused(*base, "3.9", "--seat-free", "4"))
        self.assertIn("4 releases for 3", self.refused(*base, "3.4,3.5,3.6,3.7"))
        self.assertIn("at least one voter", self.refused("up", "--voters", "0", "--release", "3.9"))
        self.assertIn("key=value", self.refused(*base, "3.9", "--set", "tickTime"))

    def test_a_folder_without_an_ensemble_is_named(self):
        self.assertIn("no ensemble here", self.refused("status"))

    def test_down_is_content_where_nothing_is(self):
        self.assertEqual(run("zk-ensemble", "down", "--dir", self.folder).returncode, 0)

    def test_status_and_env_of_servers_that_do_not_run(self):
        entries = plan(3)
        entries[2]["seat_free"] = True
        made = ensemble.create(self.folder, entries, options())
        told = json.loads(run("zk-ensemble", "status", "--json", "--dir", self.folder).stdout)
        self.assertEqual([each["role"] for each in told["servers"]], ["down"] * 3)
        shown = run("zk-ensemble", "env", ZK_DIR=self.folder).stdout
        first, second, third = (each["election"] for each in made.servers)
        self.assertIn(f"export ZK_ELECTION={first},{second}\n", shown)
        self.assertIn(f"export ZK_FREE_ELECTION={third}\n", shown)


if __name__ == "__main__":
    unittest.main()
