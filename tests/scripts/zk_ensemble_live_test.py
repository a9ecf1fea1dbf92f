"""zk-ensemble and zk-client with real Java servers.

Needs java, and mvn or a cache that is filled. Run:
python3 -m unittest discover -s tests/scripts -p '*_test.py'
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from scripts_support import SCRIPTS, run
from zk_ensemble import ensemble, processes


class WithServers(unittest.TestCase):
    """A folder of its own, and no process left in the end."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = os.path.join(scratch.name, "e")
        self.addCleanup(self.assert_no_process)
        self.addCleanup(self.zk, "down")

    def assert_no_process(self):
        """No server of this folder lives."""
        self.assertEqual(processes.with_argument(f"-Dzkprobe.ensemble={self.folder}"), [])

    def zk(self, *words, code=0, **environment):
        """One verb of zk-ensemble on this folder."""
        done = run("zk-ensemble", *words, "--dir", self.folder, **environment)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def up(self, *words, **environment):
        """Starts an ensemble: its servers by id."""
        return self.by_id(self.zk("up", "--json", *words, **environment))

    def status(self):
        """The servers by id."""
        return self.by_id(self.zk("status", "--json"))

    @staticmethod
    def by_id(done):
        return {each["sid"]: each for each in json.loads(done.stdout)["servers"]}

    def until_roles(self, expected):
        """Waits until the roles, sorted, are these."""
        made = ensemble.Ensemble(self.folder)
        for _ in range(600):
            roles = sorted(made.role(each) for each in made.servers)
            if roles == sorted(expected):
                return
            made.wait_change(made.servers)
        self.fail(f"expected the roles {expected}, found {roles}")

    def client(self, *words, code=0, server=None):
        """One verb of zk-client; its lines."""
        addresses = ",".join(each["client"] for each in self.status().values()
                             if server in (None, each["sid"]))
        done = run("zk-client", "--server", addresses, *words)
        self.assertEqual(done.returncode, code, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]


class Life(WithServers):
    """Up, broken, mended, down."""

    def test_three_releases_and_an_observer_elect_and_elect_again(self):
        servers = self.up("--release", "3.4.14,3.8,3.9", "--voters", "3", "--observers", "1")
        self.assertEqual(sorted(each["role"] for each in servers.values()),
                         ["follower", "follower", "leader", "observer"])
        self.assertEqual(servers[1]["release"], "3.4.14")
        self.assertEqual(servers[4]["role"], "observer")
        leader = next(sid for sid, each in servers.items() if each["role"] == "leader")

        self.zk("kill", "leader")
        self.assertEqual(self.status()[leader]["role"], "down")
        self.zk("kill", str(leader), code=1)
        self.until_roles(["down", "follower", "leader", "observer"])
        self.zk("start", str(leader))
        self.assertEqual(self.status()[leader]["role"], "follower")

        self.assertIn("4 processes ended", self.zk("down").stderr)
        self.assert_no_process()
        self.assertIn("0 processes ended", self.zk("down").stderr)

    def test_a_paused_server_does_not_serve_until_resumed(self):
        self.up("--release", "3.9", "--voters", "3", "--set", "syncLimit=60")
        self.zk("pause", "1")
        self.assertEqual(self.status()[1]["role"], "not serving")
        self.zk("resume", "1")
        self.until_roles(["follower", "follower", "leader"])

    def test_a_filled_cache_needs_no_maven(self):
        self.up("--release", "3.9", "--voters", "1")
        self.zk("down")
        with tempfile.TemporaryDirectory() as programs:
            for program, path in (("java", shutil.which("java")), ("python3", sys.executable)):
                os.symlink(path, os.path.join(programs, program))
            servers = self.up("--release", "3.9", "--voters", "1", "--source", "maven",
                              PATH=programs)
        self.assertEqual(servers[1]["role"], "leader")

    def test_several_addresses_and_groups(self):
        for words in (["--multi-address"], ["--hierarchical"]):
            with self.subTest(words=words):
                servers = self.up("--release", "3.9", "--voters", "3", *words)
                self.assertIn("leader", [each["role"] for each in servers.values()])
                self.zk("down")


class Seats(WithServers):
    """Servers that are members but do not run."""

    def test_a_free_seat_is_listed_and_can_be_taken(self):
        servers = self.up("--release", "3.9", "--voters", "3", "--seat-free", "3")
        self.assertEqual((servers[3]["role"], servers[3]["pid"]), ("down", None))
        with open(servers[1]["config"], encoding="utf-8") as handle:
            self.assertIn("server.3=" + servers[3]["quorum"], handle.read())
        self.assertTrue(os.path.exists(servers[3]["config"]))
        self.zk("start", "3")
        self.assertEqual(self.status()[3]["role"], "follower")

    def test_one_of_three_is_looking(self):
        servers = self.up("--release", "3.4", "--voters", "3", "--only", "1", "--no-wait")
        self.assertTrue(ensemble.listens(servers[1]["election"]))
        self.until_roles(["looking", "down", "down"])


class BadEnds(WithServers):
    """What up does when it cannot or may not finish."""

    def test_a_timeout_names_the_server_and_shows_its_log(self):
        done = self.zk("up", "--release", "3.9", "--voters", "3", "--only", "2", "--timeout", "10",
                       code=3)
        self.assertIn("server 2 (3.9.6) is ", done.stderr)
        self.assertIn("Cannot open channel to 3", done.stderr)
        self.assert_no_process()

    def test_a_server_that_ends_is_named_at_once(self):
        done = self.zk("up", "--release", "3.9", "--voters", "1", "--set", "tickTime=abc", code=1)
        self.assertIn("server 1 (3.9.6) has ended", done.stderr)
        self.assertIn("NumberFormatException", done.stderr)

    def start_up(self):
        """An up that cannot finish, once its server is recorded."""
        child = subprocess.Popen(
            [os.path.join(SCRIPTS, "zk-ensemble"), "up", "--release", "3.9", "--voters", "3",
             "--only", "1", "--dir", self.folder], stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                if ensemble.Ensemble(self.folder).servers[0]["pid"]:
                    return child
            except ensemble.UsageError:
                pass
            processes.wait_any_end([(child.pid, processes.start_time(child.pid))], 0.1)
        child.kill()
        raise AssertionError("no server was started")

    def test_an_interrupted_up_leaves_no_process(self):
        for signum in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=signum):
                child = self.start_up()
                child.send_signal(signum)
                self.assertEqual(child.wait(60), 130)
                self.assert_no_process()

    def test_down_ends_what_a_killed_up_left(self):
        child = self.start_up()
        child.kill()
        child.wait(60)
        self.assertIn("1 processes ended", self.zk("down").stderr)

    def test_down_ends_servers_whose_folder_was_removed(self):
        self.up("--release", "3.9", "--voters", "1")
        shutil.rmtree(self.folder)
        self.assertIn("1 processes ended", self.zk("down").stderr)


class Client(WithServers):
    """zk-client on an old and a new release."""

    def test_writes_are_acknowledged_with_rising_zxids(self):
        self.up("--release", "3.4.14,3.9", "--voters", "2")
        made, = self.client("create", "/a", "hello", server=1)
        changed, = self.client("set", "/a", "world", server=2)
        self.assertGreater(int(changed["zxid"], 16), int(made["zxid"], 16))
        self.client("sync", "/a", server=1)
        read, = self.client("get", "/a", server=1)
        self.assertEqual(read["data"], "world")
        self.assertEqual(read["stat"]["czxid"], made["zxid"])
        self.assertEqual(read["stat"]["mzxid"], changed["zxid"])
        self.client("create", "/a", "again", code=1)

        written = self.client("load", "--count", "20", "--prefix", "/deep/er/n")
        zxids = [int(each["zxid"], 16) for each in written]
        self.assertEqual(zxids, sorted(set(zxids)))
        self.client("sync", "/")
        listed, = self.client("ls", "/deep/er")
        self.assertEqual(["/deep/er/" + name for name in listed["children"]],
                         [each["path"] for each in written])

        failed, = self.client("multi", "create:/b:1", "check:/a:77", code=1)
        self.assertEqual(failed["results"], ["OK", "BAD_VERSION"])
        done, = self.client("multi", "create:/b:1", "set:/b:2", "check:/b:1", "delete:/a")
        self.assertEqual(done["results"], ["/b", "ok", "ok", "ok"])
        self.client("sync", "/", server=1)
        self.client("stat", "/a", code=1)

    def test_an_ephemeral_node_lives_until_stdin_closes(self):
        servers = self.up("--release", "3.9", "--voters", "1")
        with subprocess.Popen(
                [os.path.join(SCRIPTS, "zk-client"), "--server", servers[1]["client"], "create",
                 "/e", "--ephemeral", "--hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as holder:
            session = json.loads(holder.stdout.readline())["session"]
            seen, = self.client("stat", "/e")
            self.assertEqual(seen["stat"]["ephemeral_owner"], session)
            holder.stdin.close()
            self.assertEqual(holder.wait(30), 0)
        self.client("stat", "/e", code=1)

    def test_reconfig_removes_and_adds_a_server(self):
        self.up("--release", "3.9", "--voters", "3", "--reconfig")
        config, = self.client("get", "/zookeeper/config")
        line = config["data"].splitlines()[0]
        self.assertTrue(line.startswith("server.1="))
        without, = self.client("reconfig", "--remove", "1", server=2)
        self.assertNotIn("server.1=", without["data"])
        again, = self.client("reconfig", "--add", line, server=2)
        self.assertIn(line, again["data"])

    def test_nobody_there_is_exit_code_3(self):
        done = run("zk-client", "--server", "127.0.0.1:1", "--timeout", "0.3", "ls", "/")
        self.assertEqual(done.returncode, 3)
        self.assertIn("127.0.0.1:1", done.stderr)


if __name__ == "__main__":
    unittest.main()
