"""Free loopback ports that no other ensemble of this user holds.

Ports come from below the range that the kernel gives to outgoing
connections: otherwise a client's socket may take the port of a killed server
before that server is started again. The folders of ensembles are listed in
the cache; an ensemble holds its ports while its ensemble.json says "up".
"""

import contextlib
import fcntl
import json
import os
import random
import socket

FIRST, LAST = 20000, 31999


@contextlib.contextmanager
def locked(path):
    """Holds an exclusive lock on a file for the length of a with block."""
    with open(path, "a", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _outgoing_range():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as handle:
            low, high = handle.read().split()
            return range(int(low), int(high) + 1)
    except OSError:
        return range(32768, 61000)


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))
            return True
        except OSError:
            return False


def _held_by(folder):
    """The ports of an ensemble that is up; empty if it is down or gone."""
    try:
        with open(os.path.join(folder, "ensemble.json"), encoding="utf-8") as handle:
            state = json.load(handle)
        return set(state["ports"]) if state["up"] else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextlib.contextmanager
def reserve(cache, folder, count):
    """Yields `count` free ports. The block must write folder/ensemble.json,
    which is what holds the ports once the block ends."""
    register = os.path.join(cache, "ensembles.json")
    with locked(os.path.join(cache, "ports.lock")):
        try:
            with open(register, encoding="utf-8") as handle:
                folders = json.load(handle)
        except (OSError, ValueError):
            folders = []
        held = {}
        for other in folders:
            if other != folder and _held_by(other):
                held[other] = _held_by(other)
        taken = set().union(*held.values())
        outgoing = _outgoing_range()
        pool = [p for p in range(FIRST, LAST + 1) if p not in taken]
        safe = [p for p in pool if p not in outgoing]
        if len(safe) >= 1000:
            pool = safe
        random.shuffle(pool)
        chosen = []
        while pool and len(chosen) < count:
            port = pool.pop()
            if _is_free(port):
                chosen.append(port)
        if len(chosen) < count:
            raise OSError(f"no {count} free ports between {FIRST} and {LAST}")
        new = register + ".new"
        with open(new, "w", encoding="utf-8") as handle:
            json.dump(sorted(set(held) | {folder}), handle)
        os.replace(new, register)
        yield chosen
