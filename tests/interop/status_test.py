#!/usr/bin/env python3
"""`zkprobe status` against real Java servers of four releases, and against ports that are none."""
import contextlib
import os
import pathlib
import re
import socket
import struct
import subprocess
import time
import unittest

import support
from fakes import FakeServer, answers, read_exactly, vote
from support import Ensemble, records, start_zkprobe, wait_until, zkprobe

STATES = {"leader": "LEADING", "follower": "FOLLOWING", "observer": "OBSERVING"}
FORMS = {"3.4.14": "40"}  # every later release answers with version 2
ASKER = 0x7FFFFFFFFFFF7A6B
ROUND = re.compile(r"n\.round:0x([0-9a-f]+)|0x([0-9a-f]+) \(n\.round\)")


def status(*arguments, check=None, timeout=60):
    return records(zkprobe("status", "--json", *arguments, check=check, timeout=timeout).stdout)


def configuration(server):
    """The keys of a server's zoo.cfg."""
    lines = pathlib.Path(server["config"]).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def version_folder(server):
    return pathlib.Path(configuration(server)["dataDir"]) / "version-2"


def current_epoch(server):
    return int((version_folder(server) / "currentEpoch").read_text())


def sockets_of(server):
    """How many sockets the server has open."""
    count = 0
    folder = f"/proc/{server['pid']}/fd"
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
    return count


def files_of(server):
    """Every file beside the log and the log of transactions, with its bytes."""
    config = pathlib.Path(server["config"])
    paths = [path for path in config.parent.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in paths
            if path.suffix != ".log" and not path.name.startswith("log.")}


def without_time(record):
    return {key: value for key, value in record.items() if key not in ("t", "rtt_ms")}


class OneRelease:
    """What must hold for every release; the ensemble has three voters and an observer."""

    release = None

    @classmethod
    def setUpClass(cls):
        cls.ensemble = Ensemble(cls.release, voters=3, observers=1)
        cls.ensemble.__enter__()
        cls.addClassCleanup(cls.ensemble.__exit__)

    def wait_until_all_serve(self):
        wait_until(lambda: all(self.ensemble.role(sid) for sid in self.ensemble.servers), 60,
                   "all servers serve")

    def zxid(self, sid):
        text = self.ensemble.four_letter_word(sid, "srvr")
        return int(re.search(r"^Zxid: 0x([0-9a-f]+)", text, re.M).group(1), 16)

    def write_in_this_epoch(self, path):
        """A learner's `srvr` shows the new epoch with the first transaction in it."""
        self.ensemble.client("create", path, "x")
        epoch = self.zxid(self.ensemble.leader()) >> 32
        wait_until(lambda: all(self.zxid(sid) >> 32 == epoch for sid in self.ensemble.servers
                               if self.ensemble.role(sid)), 30, "everyone has the transaction")

    def check_against_the_servers(self, answers, sids):
        leader = self.ensemble.leader()
        for sid, answer in zip(sids, answers):
            with self.subTest(sid=sid):
                self.assertEqual(answer["address"], self.ensemble.election(sid))
                self.assertTrue(answer["reachable"])
                self.assertEqual(answer["state"], STATES[self.ensemble.role(sid)])
                self.assertEqual(answer["leader"], leader)
                self.assertEqual(answer["format"], FORMS.get(self.release, "v2"))
                self.assertEqual(int(answer["peer_epoch"], 16),
                                 current_epoch(self.ensemble.servers[sid]))
                self.assertEqual(int(answer["peer_epoch"], 16), self.zxid(sid) >> 32)
                self.assertGreater(answer["rtt_ms"], 0)

    def test_1_answers_agree_with_srvr_files_and_logs(self):
        self.wait_until_all_serve()
        self.write_in_this_epoch("/first")
        sids = sorted(self.ensemble.servers)
        answers = status(*self.ensemble.elections(), check=0)
        self.check_against_the_servers(answers, sids)
        rounds = {int(first or second, 16)
                  for first, second in ROUND.findall(self.ensemble.log_text(sids[0]))}
        self.assertEqual(int(answers[0]["election_epoch"], 16), max(rounds))
        self.assertEqual(answers[0]["zxid"], "0x0", "the leader's log was empty")
        if self.release in FORMS:
            self.assertNotIn("servers", answers[0])
            return
        for answer in answers:
            members = {member["sid"]: member for member in answer["servers"]}
            self.assertEqual(sorted(members), sids)
            for sid, member in members.items():
                server = self.ensemble.servers[sid]
                address = member["addresses"][0]
                self.assertEqual(f"{address['host']}:{address['election_port']}",
                                 server["election"])
                self.assertEqual(f"{address['host']}:{address['quorum_port']}", server["quorum"])
                self.assertEqual(member["role"], "observer" if sid == 4 else "participant")

    def test_2_text_has_one_line_for_each_server_and_a_verdict(self):
        result = zkprobe("status", *self.ensemble.elections(), check=0)
        lines = result.stdout.splitlines()
        for line, sid in zip(lines[1:], sorted(self.ensemble.servers)):
            self.assertRegex(line, rf"^{re.escape(self.ensemble.election(sid))} +"
                                   rf"{STATES[self.ensemble.role(sid)]} +{self.ensemble.leader()} ")
        self.assertRegex(lines[-1], r"^Server \d leads in epoch 0x[0-9a-f]+; all 4 agree\.$")
        self.assertNotIn("\x1b", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_3_many_askers_at_once_all_get_answers(self):
        command = [support.zkprobe_path(), "status", "--json", *self.ensemble.elections()]
        for _ in range(3):
            askers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True) for _ in range(4)]
            for asker in askers:
                output, errors = asker.communicate(timeout=60)
                self.assertEqual(asker.returncode, 0, output + errors)
                self.assertEqual(len(records(output)), 4)

    def test_4_a_question_leaves_the_server_as_it_was(self):
        servers = self.ensemble.servers
        self.wait_until_all_serve()
        before = {sid: (files_of(server), sockets_of(server), self.errors(sid))
                  for sid, server in servers.items()}
        for _ in range(5):
            status(*self.ensemble.elections(), check=0)
        for sid, server in servers.items():
            files, sockets, errors = before[sid]
            self.assertEqual(files_of(server), files)
            # Earlier links of this test may have been closing when they were counted.
            wait_until(lambda server=server, sockets=sockets: sockets_of(server) <= sockets, 10,
                       f"server {sid} has no more than {sockets} sockets")
            self.assertEqual(self.errors(sid), errors)

    def errors(self, sid):
        return [line for line in self.ensemble.log_text(sid).splitlines() if " ERROR " in line]

    def test_5_a_watcher_prints_one_line_for_each_change(self):
        with start_zkprobe("status", "--watch", "--interval", "50ms", "--timeout", "2s", "--json",
                           *self.ensemble.elections()) as watcher:
            addresses = self.ensemble.elections()
            for address in addresses:
                watcher.wait_for(lambda r, a=address: r["address"] == a, 20, f"a line of {address}")
            questions = self.questions(1)
            wait_until(lambda: self.questions(1) > questions + 5, 30, "five more questions")
            self.assertEqual(len(watcher.records), 4, "nothing changed, nothing is printed")

            old = self.ensemble.leader()
            self.ensemble.kill(old)
            watcher.wait_for(lambda r: r["address"] == self.ensemble.election(old)
                             and not r["reachable"], 30, "the dead leader's line")
            new = self.ensemble.wait_leader(but=old)
            for sid in set(self.ensemble.servers) - {old}:
                watcher.wait_for(lambda r, s=sid: r["address"] == self.ensemble.election(s)
                                 and r.get("state") in STATES.values() and r["leader"] == new, 30,
                                 f"server {sid} follows {new}")
            for address in addresses:
                lines = [without_time(r) for r in watcher.records if r["address"] == address]
                for one, next_one in zip(lines, lines[1:]):
                    self.assertNotEqual(one, next_one)
            self.assertEqual(watcher.stop(), 1, "one server is dead")
            self.assertEqual(watcher.errors, [])
        self.ensemble.start(old)
        self.wait_until_all_serve()

    def questions(self, sid):
        return self.ensemble.log_text(sid).count("Received connection request")

    def test_6_the_answer_is_fresh(self):
        """A server repeats its last answer to an id; the new state is shown all the same."""
        self.write_in_this_epoch("/fresh")
        old = self.ensemble.leader()
        survivors = sorted(set(self.ensemble.servers) - {old})
        before = status(*self.ensemble.elections(), check=0)
        self.assertEqual({answer["leader"] for answer in before}, {old})
        self.ensemble.kill(old)
        new = self.ensemble.wait_leader(but=old)
        wait_until(lambda: all(self.ensemble.role(sid) for sid in survivors), 60,
                   "the survivors serve")
        self.write_in_this_epoch("/fresher")
        answers = status(*map(self.ensemble.election, survivors), check=0)
        self.check_against_the_servers(answers, survivors)
        for answer in answers:
            self.assertEqual(answer["leader"], new)
            self.assertEqual(int(answer["peer_epoch"], 16), int(before[0]["peer_epoch"], 16) + 1)
            self.assertEqual(int(answer["zxid"], 16) >> 32, int(before[0]["peer_epoch"], 16))
        mixed = status(*self.ensemble.elections(), check=1)
        self.assertEqual([answer["reachable"] for answer in mixed],
                         [sid != old for sid in sorted(self.ensemble.servers)])


class Release3414(OneRelease, unittest.TestCase):
    release = "3.4.14"


class Release3510(OneRelease, unittest.TestCase):
    release = "3.5.10"


class Release38(OneRelease, unittest.TestCase):
    release = "3.8"


class Release39(OneRelease, unittest.TestCase):
    release = "3.9"


class Looking(unittest.TestCase):
    """Asked by name and on IPv6, too."""

    HOSTS = {"3.4.14": "localhost", "3.5.10": "::1", "3.8": "127.0.0.1", "3.9": "localhost"}

    def test_a_server_that_is_alone_is_looking(self):
        for release in support.RELEASES:
            host = self.HOSTS[release]
            with self.subTest(release=release, host=host), \
                    Ensemble(release, "--only", 1, "--no-wait", "--host", host,
                             voters=3) as ensemble:
                def answer():
                    found = status(ensemble.election(1))[0]
                    return found if found.get("state") == "LOOKING" else None
                # Until the election has begun, a server answers with its vote of the start.
                found = wait_until(answer, 30, "LOOKING")
                self.assertEqual(found["leader"], 1)
                self.assertEqual(found["peer_epoch"], "0x0")
                status(ensemble.election(1), check=1)
                result = zkprobe("status", ensemble.election(1), check=1)
                self.assertIn("No leader: 1 server is LOOKING.", result.stdout)


class Ports(unittest.TestCase):
    """Ports that are no servers, or servers that behave in one chosen way."""

    def test_a_closed_port_is_unreachable(self):
        address = f"127.0.0.1:{support.free_port()}"
        answer, = status(address, check=3)
        self.assertFalse(answer["reachable"])
        self.assertIn("Connection refused", answer["error"])
        text = zkprobe("status", address, check=3).stdout
        self.assertIn("No server answered.", text)

    def test_a_silent_port_ends_with_the_timeout(self):
        with FakeServer() as silent:
            start = time.monotonic()
            answer, = status("--timeout", "400ms", silent.address, check=3)
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(answer["error"], "connected, but no answer within 400 ms")

    def test_an_old_answer_alone_is_no_answer(self):
        with FakeServer(lambda link: link.sendall(vote(2, 1))) as stale:
            answer, = status("--timeout", "400ms", stale.address, check=3)
            self.assertIn("no fresh answer within 400 ms", answer["error"])

    def test_a_repeated_old_answer_is_thrown_away(self):
        questions = []

        def serve(link):
            link.sendall(vote(2, 1))
            questions.append(read_exactly(link, 52))
            link.sendall(vote(1, 3))
            questions.append(read_exactly(link, 44))
            link.sendall(vote(1, 3))
        with FakeServer(serve) as server:
            answer, = status(server.address, check=0)
            self.assertEqual((answer["state"], answer["leader"]), ("FOLLOWING", 3))
            self.assertEqual(struct.unpack(">q", questions[0][:8])[0], ASKER)

    def test_a_port_that_closes_each_link_is_given_up(self):
        with FakeServer(lambda link: link.shutdown(socket.SHUT_RDWR)) as server:
            answer, = status(server.address, check=3)
            self.assertIn("closed the link 8 times", answer["error"])
            self.assertEqual(len(server.links), 8)

    def test_bytes_that_are_no_vote_are_named(self):
        with FakeServer(lambda link: link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
            answer, = status(server.address, check=3)
            self.assertIn("at byte 0", answer["error"])
            self.assertIn("48545450", answer["error"])

    def test_an_ensemble_with_the_askers_id_is_refused(self):
        config = f"server.{ASKER}=127.0.0.1:2888:3888:participant\nversion=0"
        with FakeServer(lambda link: link.sendall(vote(2, ASKER, config))) as server:
            answer, = status(server.address, check=3)
            self.assertIn(str(ASKER), answer["error"])

    def test_two_leaders_and_different_configurations_do_not_hold(self):
        def leading(sid):
            def serve(link):
                link.sendall(vote(2, sid))
                read_exactly(link, 96)
                link.sendall(vote(2, sid))
            return serve
        with FakeServer(leading(1)) as one, FakeServer(leading(2)) as two:
            status(one.address, check=0)
            result = zkprobe("status", one.address, two.address, check=1)
            self.assertIn("2 servers say that they lead", result.stdout)

    def test_leaders_of_two_ensembles_with_one_id_are_two(self):
        lists = [f"server.3=127.0.0.1:{port}:{port + 1}:participant\nversion=0" for port in (2888, 3888)]
        with FakeServer(answers(2, 3, lists[0])) as one, FakeServer(answers(2, 3, lists[1])) as two:
            result = zkprobe("status", one.address, two.address, check=1)
        self.assertIn("2 servers say that they lead; different configurations of version 0x0: server 3 is"
                      " 127.0.0.1:2888:2889:participant", result.stdout)
        self.assertEqual(result.stdout.count("Configuration: "), 2)

    def test_output_that_is_lost_does_not_hold(self):
        with FakeServer(answers(2, 3, "server.3=127.0.0.1:2888:3888:participant\nversion=0")) as server:
            for arguments in (["status", server.address], ["status", "--json", server.address],
                              ["status", "--watch", server.address], ["--help"], ["--version"],
                              ["join", "--until", "elected", server.address],
                              ["ensemble", "--voters", "1", "--until", "elected"]):
                with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                    result = subprocess.run([support.zkprobe_path(), *arguments], stdout=full, text=True,
                                            stderr=subprocess.PIPE, timeout=30, check=False)
                    self.assertEqual(result.returncode, 1, result.stderr)
                    self.assertIn("standard output", result.stderr)

    def test_ipv6_and_names_are_asked(self):
        def serve(link):
            link.sendall(vote(1, 3))
            read_exactly(link, 96)
            link.sendall(vote(1, 3))
        with FakeServer(serve, socket.AF_INET6) as six, FakeServer(serve) as four:
            answers = status(six.address, four.address.replace("127.0.0.1", "localhost"), check=0)
            self.assertEqual([a["state"] for a in answers], ["FOLLOWING", "FOLLOWING"])

    def test_a_name_without_an_address_is_unreachable(self):
        answer, = status("no-such-host.invalid", check=3)
        self.assertIn("no-such-host.invalid:3888", answer["error"])

    def test_wrong_usage_ends_with_two_and_one_line(self):
        for arguments in ([], ["a:b:c:d]"], ["h:0"], ["h:65536"], ["", "h"], ["h,"],
                          ["h", "--timeout", "5"], ["h", "--interval", "1s"], ["h", "--what"],
                          ["h", "--emulate", "4.0"]):
            with self.subTest(arguments=arguments):
                result = zkprobe("status", *arguments, check=2)
                self.assertEqual(result.stdout, "")
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertTrue(result.stderr.startswith("zkprobe: status: "))

    def test_a_closed_pipe_ends_a_watcher_to_whom_nothing_changes(self):
        with FakeServer(answers(2, 3, "server.3=127.0.0.1:2888:3888:participant\nversion=0")) as server:
            watcher = subprocess.Popen([support.zkprobe_path(), "status", "--watch", server.address],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            watcher.stdout.readline()
            watcher.stdout.close()
            self.assertEqual(watcher.wait(30), 0)
            self.assertEqual(watcher.stderr.read(), "")
            watcher.stderr.close()

    def test_a_closed_pipe_ends_a_watcher_quietly(self):
        states = []

        def serve(link):
            link.sendall(vote(1, len(states)))  # each answer is a change
            states.append(1)
            read_exactly(link, 96)
            link.sendall(vote(1, len(states)))
        with FakeServer(serve) as server:
            watcher = subprocess.Popen(
                [support.zkprobe_path(), "status", "--watch", "--interval", "10ms", server.address],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            watcher.stdout.readline()
            watcher.stdout.close()
            self.assertEqual(watcher.wait(30), 0)
            self.assertEqual(watcher.stderr.read(), "")
            watcher.stderr.close()


if __name__ == "__main__":
    support.main()
