#!/usr/bin/env python3
"""zkprobe as a voter that counts: it keeps what it acknowledges in ZooKeeper's own files, and no
acknowledged write is lost with it, whoever dies and whichever directory is wiped.
"""
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402
from seats import FAST, Voter, acknowledged, data_dir, digest, paths  # noqa: E402


class Ensembles(unittest.TestCase):
    """What every release does: filled, needed for the quorum, killed and back."""

    def check_release(self, release):
        with support.Ensemble(release, "--seat-free", 3, *FAST) as ensemble:
            ensemble.client("load", "--count", 20, "--prefix", "/before/n")
            with Voter(ensemble, 3) as voter:
                voter.synced()
                self.assertTrue(any("filled first" in note for note in voter.notes()))
                leader = ensemble.wait_leader()
                follower = next(s for s in (1, 2) if s != leader)
                # From here on no write is acknowledged without zkprobe.
                ensemble.kill(follower)
                ensemble.client("load", "--count", 20, "--prefix", "/alone/n", sid=leader)
                # Killed in the middle of writes, and started again: the client's writes go on.
                client = ensemble.start_client("load", "--count", 200, "--prefix", "/kill/n",
                                               "--retry", sid=leader)
                with client:
                    client.wait_for(lambda r: r.get("path", "").endswith("20"), 30, "20 writes")
                    voter.kill()
                    with Voter(ensemble, 3) as again:
                        again.synced()
                        client.process.wait(60)
                        ensemble.start(follower)
                        support.wait_until(lambda: ensemble.role(follower) == "follower", 40,
                                           "the follower is back")
                        self.assertFalse(any("filled first" in n for n in again.notes()))
                        live = digest(ensemble.election(leader))
                        support.wait_until(lambda: digest(data_dir(ensemble, 3)) == live, 20,
                                           "the same tree in zkprobe's directory")
                        self.assertEqual(again.stop(), 0)
                    missing = set(acknowledged(client)) - paths(data_dir(ensemble, 3))
                    self.assertEqual(missing, set())
                    self.assertEqual(len(acknowledged(client)), 200 - sum(
                        1 for r in client.records if r.get("lost")))

    def test_3_5_10(self):
        self.check_release("3.5.10")

    def test_3_8(self):
        self.check_release("3.8")

    def test_3_9(self):
        self.check_release("3.9")


class Stale(unittest.TestCase):
    """The decisive case: writes that the dead leader and zkprobe alone have."""

    def test_a_stale_server_does_not_win_with_our_vote(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as ensemble:
            ensemble.client("create", "/first")
            with Voter(ensemble, 3) as voter:
                voter.synced()
                leader = ensemble.wait_leader()
                stale = next(s for s in (1, 2) if s != leader)
                ensemble.kill(stale)
                ensemble.client("load", "--count", 10, "--prefix", "/w/n", sid=leader)
                ensemble.kill(leader)
                before = len(voter.records)
                ensemble.start(stale, wait=False)
                # It asks for zkprobe's vote with less than what was acknowledged.
                self.abstains(voter, stale, before)
                self.assertEqual(ensemble.role(stale), "")

                # The same with zkprobe's directory wiped: what it had acknowledged it has forgotten.
                voter.kill()
                shutil.rmtree(ensemble.data(3))
                with Voter(ensemble, 3) as wiped:
                    wiped.wait_for(lambda r: "waits for a leader" in r.get("text", ""), 20,
                                   "zkprobe waits to be filled")
                    support.wait_until(
                        lambda: support.zkprobe("status", "--json", ensemble.election(stale))
                        .stdout.count("LOOKING") > 0, 20, "the stale server looks for a leader")
                    self.assertEqual(ensemble.role(stale), "")
                    # The leader is back: everything is there, and zkprobe is filled from it.
                    ensemble.start(leader, wait=False)
                    ensemble.wait_leader()
                    wiped.synced()
                    self.assertEqual(ensemble.client("ls", "/w").count("n0000"), 10)

    def abstains(self, voter, stale, after):
        """zkprobe is asked to vote for the stale server and says that it does not."""
        support.wait_until(
            lambda: any(r.get("event") == "report" and "abstain" in str(r)
                        for r in list(voter.records)[after:]), 40,
            f"zkprobe abstains from server {stale}")

    def test_a_java_server_goes_on_from_our_directory(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as ensemble:
            with Voter(ensemble, 3) as voter:
                voter.synced()
                leader = ensemble.wait_leader()
                stale = next(s for s in (1, 2) if s != leader)
                ensemble.kill(stale)
                ensemble.client("load", "--count", 10, "--prefix", "/w/n", sid=leader)
                ensemble.kill(leader)
                ensemble.start(stale, wait=False)
                self.assertEqual(voter.stop(), 1)  # no leader is known
            # The way out that README gives: a Java server on zkprobe's directory.
            ensemble.start(3, wait=False)
            self.assertEqual(ensemble.wait_leader(), 3)
            self.assertEqual(ensemble.client("ls", "/w", sid=3).count("n0000"), 10)
            # And back: the seat is zkprobe's again, on what Java wrote.
            ensemble.client("create", "/java-was-here", sid=3)
            ensemble.start(leader)
            ensemble.kill(3)
            ensemble.wait_leader(but=3)
            with Voter(ensemble, 3) as voter:
                voter.synced()
                self.assertFalse(any("filled first" in note for note in voter.notes()))
                live = digest(ensemble.election(ensemble.wait_leader()))
                support.wait_until(lambda: digest(data_dir(ensemble, 3)) == live, 20,
                                   "the same tree")


class AtTheBeginningOfAnEpoch(unittest.TestCase):
    """Filled before the epoch has a transaction, by a snapshot at a zxid that is none's."""

    def test_the_other_server_leads_when_nothing_was_written(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as ensemble:
            leader = ensemble.wait_leader()
            other = next(s for s in (1, 2) if s != leader)
            with Voter(ensemble, 3) as voter:
                voter.synced()
                self.assertTrue(any("up to 0x100000000" in note for note in voter.notes()))
                voter.wait_for(lambda r: r.get("event") == "txn" and r["committed"], 10,
                               "a transaction that nobody has written")
                before = len(voter.records)
                ensemble.kill(leader)
                self.assertEqual(ensemble.wait_leader(but=leader, timeout=30), other)
                voter.synced(before, 30)


class Rolling(unittest.TestCase):
    """Five members, two of them zkprobe, restarted one after another while a client writes."""

    def check_release(self, release, *arguments, told=("--zkprobe-seats", 4)):
        with support.Ensemble(release, "--seat-free", "4,5", *FAST, *arguments,
                              voters=5) as ensemble, \
                contextlib.ExitStack() as stack:
            # Four Java voters of five bear one failure by themselves, three none.
            voters = {4: stack.enter_context(Voter(ensemble, 4, consent=[]))}
            voters[4].synced()
            second = support.zkprobe("join", "--config", ensemble.servers[5]["config"], *told,
                                     check=2)
            self.assertIn("declines to lead, as is server 4: with the other 3 voters alone the "
                          "ensemble bears no failure", second.stderr)
            voters[5] = stack.enter_context(Voter(ensemble, 5, ["--accept-stall"]))
            voters[5].synced()
            client = stack.enter_context(ensemble.start_client(
                "load", "--count", 100000, "--rate", 100, "--prefix", "/roll/n", "--retry", sid=1))
            for sid in (4, 1, 5, 2, 3):
                count = len(acknowledged(client))
                support.wait_until(lambda: len(acknowledged(client)) > count + 20, 60,
                                   f"writes go on before {sid} is restarted")
                if sid in voters:
                    self.assertEqual(voters[sid].stop(), 0)
                    voters[sid] = stack.enter_context(Voter(ensemble, sid, ["--accept-stall"]))
                    voters[sid].synced()
                else:
                    ensemble.stop(sid)
                    ensemble.start(sid)
            count = len(acknowledged(client))
            support.wait_until(lambda: len(acknowledged(client)) > count + 20, 60,
                               "writes go on at the end")
            client.stop()
            live = digest(ensemble.election(ensemble.wait_leader()))
            for sid in ensemble.servers:
                support.wait_until(lambda: digest(data_dir(ensemble, sid)) == live, 30,
                                   f"the tree of server {sid}")
                self.assertEqual(set(acknowledged(client)) - paths(data_dir(ensemble, sid)), set())

    def test_3_5_10(self):
        self.check_release("3.5.10")

    def test_3_8(self):
        self.check_release("3.8")

    def test_3_9(self):
        """Its members' lines name client ports, so that zkprobe finds the other one itself."""
        self.check_release("3.9", "--reconfig", told=())


class Monitored(unittest.TestCase):
    """The client port, and an observer that keeps its state."""

    def test_monitoring_is_answered_and_clients_are_closed(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as ensemble:
            with Voter(ensemble, 3) as voter:
                voter.synced()
                leader = ensemble.wait_leader()
                self.assertEqual(ensemble.four_letter_word(3, "ruok"), "imok")
                self.assertEqual(ensemble.four_letter_word(3, "isro"), "rw")
                self.assertIn("Mode: follower", ensemble.four_letter_word(3, "srvr"))
                self.assertIn("serverId=3", ensemble.four_letter_word(3, "conf"))
                ensemble.client("load", "--count", 5, "--prefix", "/m/n", sid=leader)

                def nodes(sid):
                    lines = ensemble.four_letter_word(sid, "mntr").splitlines()
                    return next((line for line in lines if "znode_count" in line), None)
                support.wait_until(lambda: nodes(3) == nodes(leader) is not None, 10,
                                   "the same count of nodes")
                with self.assertRaises(subprocess.CalledProcessError):
                    ensemble.client("create", "/no", sid=3, timeout=20)
                support.wait_until(lambda: any("client" in note for note in voter.notes()), 10,
                                   "a line about the client")

    def test_an_observer_resumes_with_a_diff(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as ensemble:
            address = ensemble.election(ensemble.wait_leader())
            kept = ensemble.directory + "/kept"
            ensemble.client("load", "--count", 5, "--prefix", "/a/n")
            arguments = ["join", "--json", "--until", "synced", "--data-dir", kept, address]
            first = support.zkprobe(*arguments, check=0)
            self.assertIn("SNAP", [r["kind"] for r in support.records(first.stdout)
                                   if r.get("event") == "sync"])
            ensemble.client("load", "--count", 5, "--prefix", "/b/n")
            second = support.zkprobe(*arguments, check=0)
            syncs = [r for r in support.records(second.stdout) if r.get("event") == "sync"]
            self.assertEqual([r["kind"] for r in syncs], ["DIFF"])
            self.assertEqual(digest(kept), digest(address))


class Reconfigured(unittest.TestCase):
    """The members change while zkprobe follows."""

    def voters_of(self, ensemble, sid):
        return ensemble.client("get", "/zookeeper/config", sid=sid).count("participant")

    def line(self, ensemble, sid, role):
        server = ensemble.servers[sid]
        port = [server[each].rsplit(":", 1)[1] for each in ("quorum", "election")]
        return f"server.{sid}=127.0.0.1:{port[0]}:{port[1]}:{role};{server['client']}"

    def test_the_voter_is_removed_added_made_an_observer_and_promoted(self):
        with support.Ensemble("3.9", "--reconfig", "--seat-free", 3, *FAST) as ensemble:
            with Voter(ensemble, 3) as voter:
                voter.synced()
                leader = ensemble.wait_leader()
                # Removed and added again it goes on following, as in Java.
                for role, state in ((None, None), ("participant", None),
                                    ("observer", "OBSERVING"), ("participant", "FOLLOWING")):
                    before = len(voter.records)
                    if role is None:
                        ensemble.client("reconfig", "--remove", 3, sid=leader)
                    else:
                        ensemble.client("reconfig", "--add", self.line(ensemble, 3, role),
                                        sid=leader)
                    ensemble.client("create", f"/after{before}", sid=leader)
                    voter.wait_for(lambda r: r.get("path") == f"/after{before}" and r["committed"],
                                   40, f"zkprobe follows after it became {role}")
                    states = [r["to"] for r in list(voter.records)[before:]
                              if r.get("event") == "state"]
                    self.assertEqual(states[-1] if states else None, state)
                self.assertEqual(voter.stop(), 0)
            self.assertTrue(any(p.startswith("/after") for p in paths(data_dir(ensemble, 3))))
            self.files_as_java_writes_them(ensemble, leader)
            with Voter(ensemble, 3) as voter:
                voter.synced()
                version = self.version_in_force(ensemble, leader)
                support.wait_until(lambda: f"version={version}" in ensemble.four_letter_word(
                    3, "conf"), 10, "the next start has that configuration")
                self.assertFalse(any("not kept" in note for note in voter.notes()))
                self.assertEqual(voter.stop(), 0)
            ensemble.start(3)  # and a Java server's
            self.assertEqual(ensemble.role(3), "follower")

    def version_in_force(self, ensemble, sid):
        text = json.loads(ensemble.client("get", "/zookeeper/config", sid=sid))["data"]
        return text.rsplit("version=", 1)[1]

    def files_as_java_writes_them(self, ensemble, leader):
        """zoo.cfg names the members of now, whose file is that of a Java server byte for byte."""
        version = self.version_in_force(ensemble, leader)
        ours, java = (pathlib.Path(ensemble.servers[sid]["config"]) for sid in (3, leader))

        def dynamic(config):
            return config.with_name(f"{config.name}.dynamic.{version}")
        self.assertEqual(dynamic(ours).read_bytes(), dynamic(java).read_bytes())

        def keys(config):
            lines = config.read_text().splitlines()
            return {key: value for key, value in (line.split("=", 1) for line in lines)
                    if key != "dataDir"}
        own = keys(ours)
        self.assertEqual(own["dynamicConfigFile"], str(dynamic(ours)))
        self.assertEqual(own, {**keys(java), "dynamicConfigFile": str(dynamic(ours))})
        self.assertIn("server.1=", ours.with_name(ours.name + ".bak").read_text())
        self.assertFalse(ours.with_name(ours.name + ".dynamic.next").exists())

    def test_a_promotion_that_is_learnt_from_votes_counts(self):
        """An observer's zoo.cfg, a configuration that made it a voter meanwhile."""
        with support.Ensemble("3.9", "--reconfig", "--seat-free", 3, *FAST) as ensemble:
            leader = ensemble.wait_leader()
            config = pathlib.Path(ensemble.servers[3]["config"])
            dynamic = [line for line in config.read_text().splitlines()]
            other = [line.replace(":participant", ":observer") if line.startswith("server.3=")
                     else line for line in dynamic]
            self.assertNotEqual(other, dynamic)
            observer = pathlib.Path(ensemble.directory) / "observer.cfg"
            observer.write_text("\n".join(other + ["peerType=observer"]) + "\n")
            kept = ensemble.directory + "/kept"
            ensemble.client("reconfig", "--add", self.line(ensemble, 3, "participant"), sid=leader)
            with support.start_zkprobe("join", "--json", "--config", observer, "--data-dir",
                                       kept) as probe:
                probe.wait_for(lambda r: "made us a participant" in r.get("text", ""), 30,
                               "zkprobe learns its role")
                probe.wait_for(lambda r: "the seat is taken" in r.get("text", ""), 40,
                               "an empty directory is filled before it votes")
                probe.wait_for(lambda r: r.get("event") == "state" and r["to"] == "FOLLOWING", 30,
                               "it follows as a voter")
                ensemble.kill(next(s for s in (1, 2) if s != leader))
                ensemble.client("create", "/needs-zkprobe", sid=leader)
                self.assertIn("/needs-zkprobe", paths(kept))

    def test_the_leader_is_removed_and_zkprobe_designated(self):
        with support.Ensemble("3.9", "--reconfig", "--seat-free", 3, *FAST) as ensemble:
            with Voter(ensemble, 3) as voter:
                voter.synced()
                leader = ensemble.wait_leader()
                other = next(s for s in (1, 2) if s != leader)
                ensemble.client("create", "/before", sid=other)
                try:
                    ensemble.client("reconfig", "--remove", leader, sid=other)
                except subprocess.CalledProcessError:
                    pass  # the server that is asked may go LOOKING before it answers
                support.wait_until(lambda: ensemble.role(other) == "leader", 60,
                                   "the Java server that is left leads")
                ensemble.client("create", "/after", sid=other)
                voter.wait_for(lambda r: r.get("path") == "/after", 40, "zkprobe follows it")


if __name__ == "__main__":
    support.main()
