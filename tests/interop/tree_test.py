#!/usr/bin/env python3
"""zkprobe's data tree against real servers: every kind of write a client can make, then digest,
paths, data, ACLs and stats as the servers have them.

One ensemble of 3.9 (digests) and one of 3.5.10 (none).
"""
import base64
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import tempfile
import unittest

import support
from support import ROOT, Ensemble, free_port, records, start_zkprobe, wait_until, zkprobe

LOADER = importlib.machinery.SourceFileLoader("zk_client", str(ROOT / "scripts" / "zk-client"))
zk_client = importlib.util.module_from_spec(importlib.util.spec_from_loader("zk_client", LOADER))
LOADER.exec_module(zk_client)

# A server shows the time of its own for these; the digest leaves them out too.
OF_EACH_SERVER = "/zookeeper/config"


def synced(record):
    return record.get("event") == "sync"


class Client:
    """One session that reads a whole tree."""

    def __init__(self, ensemble, sid):
        self.session = zk_client.Session([ensemble.servers[sid]["client"]], 40)
        self.last_zxid = 0

    def call(self, kind, body):
        zxid, reply = self.session.call(kind, body)
        self.last_zxid = zxid
        return reply

    def create(self, path, data="x"):
        self.call(zk_client.CREATE, zk_client.create_body(path, data))

    def node(self, path):
        reply = self.call(zk_client.GET, zk_client.buffer(path) + b"\0")
        data = reply.buffer()
        stat = reply.stat()
        reply = self.call(zk_client.GET_ACL, zk_client.buffer(path))
        acl = [(reply.take("i"), reply.string(), reply.string())
               for _ in range(max(0, reply.take("i")))]
        return {"data": data, "acl": acl, "stat": stat}

    def children(self, path):
        reply = self.call(zk_client.GET_CHILDREN, zk_client.buffer(path) + b"\0")
        return sorted(reply.string() for _ in range(max(0, reply.take("i"))))

    def tree(self, path="/", found=None):
        found = {} if found is None else found
        found[path] = self.node(path)
        for name in self.children(path):
            self.tree(path.rstrip("/") + "/" + name, found)
        return found


def our_tree(text):
    """{path: node} of `zkprobe tree --json`, in the form that Client reads, and the totals."""
    *nodes, totals = records(text)
    found = {}
    for node in nodes:
        data = node.get("data", "")
        data = data.encode() if data is not None else None
        if "data_base64" in node:
            data = base64.b64decode(node["data_base64"])
        found[node["path"]] = {
            "data": data,
            "acl": [(a["perms"], a["scheme"], a["id"]) for a in node["acl"]]
            or [(31, "world", "anyone")],
            "stat": {name: node[name] for name in ("czxid", "mzxid", "pzxid", "version",
                                                   "cversion", "aversion")}}
        found[node["path"]]["stat"]["data_length"] = node["data_bytes"]
        found[node["path"]]["stat"]["num_children"] = node["children"]
        found[node["path"]]["stat"]["ephemeral_owner"] = node.get("session", "0x0")
    return found, totals


def data_directory(server):
    """dataDir of the server's zoo.cfg."""
    for line in pathlib.Path(server["config"]).read_text().splitlines():
        if line.startswith("dataDir="):
            return line[len("dataDir="):]
    raise AssertionError(f"no dataDir in {server['config']}")


class TreeCase(unittest.TestCase):
    maxDiff = None

    def assert_same_tree(self, ours, theirs):
        self.assertEqual(sorted(ours), sorted(theirs))
        for path, node in theirs.items():
            stat = {name: value for name, value in node["stat"].items()
                    if name not in ("ctime", "mtime")}
            self.assertEqual(ours[path]["data"] or b"", node["data"] or b"", path)
            self.assertEqual(ours[path]["acl"], node["acl"], path)
            if path != OF_EACH_SERVER:
                self.assertEqual(ours[path]["stat"], stat, path)

    def write_everything(self, ensemble, sid, extended):
        def run(*arguments, fails=False):
            command = [str(ROOT / "scripts" / "zk-client"), "--server",
                       ensemble.servers[sid]["client"], *map(str, arguments)]
            result = subprocess.run(command, capture_output=True, text=True, timeout=60,
                                    stdin=subprocess.DEVNULL)
            self.assertEqual(result.returncode, 1 if fails else 0, result.stderr)

        run("create", "/a", "data")
        run("create", "/a/b", "")
        run("create", "/a/s-", "n", "--sequential")
        run("create", "/a/s-", "n", "--sequential")
        run("create", "/gone", "e", "--ephemeral")       # its session closes
        run("multi", "create2:/two:x")
        run("create", "/c", "", "--container")
        run("set", "/a", "longer than before")
        run("set", "/", "even the root")
        run("set", "/none", "x", fails=True)
        run("setacl", "/a", "world:anyone:rcd")
        run("setacl", "/two", "ip:127.0.0.1:rwcda")
        run("setacl", "/two", "world:anyone:rwcda")
        run("create", "/\u00fc\u6f22", "not ASCII: \u00e4")
        run("delete", "/a/b")
        run("multi", "create:/m:1", "set:/m:22", "check:/m:1", "create:/m/n:3", "delete:/m/n",
            "create2:/m2:x", "ephemeral:/m3:y", "container:/m4:z")
        run("multi", "create:/never:1", "check:/a:77", fails=True)
        # A quota, as the command line sets it, and writes that it counts.
        run("create", "/zookeeper/quota/a", "")
        run("create", "/zookeeper/quota/a/zookeeper_limits", "count=100,bytes=-1")
        run("create", "/zookeeper/quota/a/zookeeper_stats", "count=0,bytes=0")
        run("create", "/a/counted", "12345")
        run("delete", "/a/s-0000000001")
        if extended:
            run("create", "/t", "x", "--ttl", 3600000)
            run("multi", "ttl:/t2:3600000", "create:/t3:x")

    def assert_directories(self, ensemble, listing, digest):
        """Each server's files hold the tree that the leader sends."""
        expected, totals = our_tree(listing)
        for sid, server in ensemble.servers.items():
            directory = data_directory(server)
            # A follower writes the last transaction before it acknowledges it: all or a quorum.
            wait_until(lambda: records(zkprobe("tree", "--json", "--digest", directory,
                                               check=0).stdout)[0]["zxid"] == totals["zxid"],
                       20, f"server {sid} has all of it in its files")
            ours, found = our_tree(zkprobe("tree", "--json", directory, check=0).stdout)
            for path in (OF_EACH_SERVER, "/zookeeper/quota/a/zookeeper_stats"):
                ours.pop(path), expected.pop(path, None)
            self.assertEqual(ours, expected, sid)
            if digest:
                self.assertEqual(found["digest"], digest["digest"])

    def hash_log(self, ensemble, sid):
        """{zxid: digest} that the server's `hash` shows: of each 128th transaction."""
        found = {}
        for line in ensemble.four_letter_word(sid, "hash").splitlines():
            left, _, digest = line.partition(":")
            try:
                found[int(left.strip(), 16)] = digest.strip()
            except ValueError:
                continue
        return found


class Release39(TreeCase):
    def test_digests_listing_and_directory_are_those_of_the_servers(self):
        with Ensemble("3.9", "--reconfig", "--set", "extendedTypesEnabled=true",
                      voters=3) as ensemble:
            leader = ensemble.wait_leader()
            address = ensemble.election(leader)
            with start_zkprobe("join", "--json", "--digests", address) as join:
                join.wait_for(synced, 20, "in sync")
                self.write_everything(ensemble, leader, extended=True)
                ports = [free_port() for _ in range(3)]
                ensemble.client("reconfig", "--add", f"server.9=127.0.0.1:{ports[0]}:{ports[1]}:"
                                f"observer;127.0.0.1:{ports[2]}", sid=leader)
                client = Client(ensemble, leader)
                client.call(zk_client.CREATE, zk_client.create_body("/live", "mine", 1))
                # On to a transaction whose digest the server shows.
                number = 0
                while client.last_zxid % 128 != 0 or number < 10:
                    client.create(f"/n{number}")
                    number += 1
                zxid = client.last_zxid
                join.wait_for(lambda r: r.get("zxid") == hex(zxid) and r.get("committed"), 20,
                              "the last transaction")
                self.assertEqual(join.stop(), 0)
            self.assertEqual([r for r in join.records if r.get("event") == "digest"], [])
            summary = next(r for r in join.records if r.get("event") == "summary")
            self.assertGreater(summary["digests_compared"], 40)
            self.assertEqual(summary["digests_differing"], 0)

            digest = records(zkprobe("tree", "--json", "--digest", address, check=0).stdout)[0]
            self.assertEqual(int(digest["zxid"], 16), zxid)
            shown = wait_until(lambda: self.hash_log(ensemble, leader).get(zxid), 10, "hash")
            self.assertEqual(digest["digest"], f"0x{int(shown) & 0xffffffffffffffff:x}")

            listing = zkprobe("tree", "--json", address, check=0).stdout
            ours, totals = our_tree(listing)
            self.assertEqual(totals["digest"], digest["digest"])
            self.assert_same_tree(ours, client.tree())
            self.assertIn(b"count=3,bytes=", ours["/zookeeper/quota/a/zookeeper_stats"]["data"])
            part, below = our_tree(zkprobe("tree", "--json", "--path", "/a", address,
                                           check=0).stdout)
            self.assertEqual(part, {path: node for path, node in ours.items()
                                    if path == "/a" or path.startswith("/a/")})
            self.assertEqual(below["below"], "/a")
            missing = zkprobe("tree", "--path", "/nowhere", address, check=1)
            self.assertIn("/nowhere: no such node", missing.stderr)
            self.assert_directories(ensemble, listing, digest)
            client.session.drop()


class Release35(TreeCase):
    def test_listing_is_that_of_the_servers(self):
        with Ensemble("3.5.10", voters=3) as ensemble:
            leader = ensemble.wait_leader()
            self.write_everything(ensemble, leader, extended=False)
            client = Client(ensemble, leader)
            client.call(zk_client.CREATE, zk_client.create_body("/live", "mine", 1))
            listing = zkprobe("tree", "--json", ensemble.election(leader), check=0).stdout
            ours, _ = our_tree(listing)
            self.assert_same_tree(ours, client.tree())
            self.assert_directories(ensemble, listing, None)
            client.session.drop()


class WithoutServers(unittest.TestCase):
    def test_wrong_usage_is_said_in_one_line(self):
        with tempfile.TemporaryDirectory() as empty:
            for arguments in ([], ["/no/such/directory"], [empty], [":"], ["--path"]):
                result = zkprobe("tree", *arguments, check=2)
                self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)

    def test_an_address_where_nobody_listens_is_unreachable(self):
        result = zkprobe("tree", "--timeout", "500ms", f"127.0.0.1:{free_port()}", check=3)
        self.assertIn("nobody answered within 500 ms", result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)


if __name__ == "__main__":
    support.main()
