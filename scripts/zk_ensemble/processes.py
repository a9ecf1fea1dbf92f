"""Processes known by id and start time, so that a reused id is never signalled.

The start time is field 22 of /proc/PID/stat: clock ticks since the machine
booted. Two processes can share an id, but not both.
"""

import os
import select
import signal
import time


def start_time(pid):
    """The start time of a live process in clock ticks; None if it is gone.

    A zombie counts as gone: it holds no port and no file.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def alive(pid, pid_start):
    """Whether the process recorded as (pid, pid_start) still runs."""
    return None not in (pid, pid_start) and start_time(pid) == pid_start


def send(pid, pid_start, signum):
    """Signals the recorded process. Returns False if it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except (ProcessLookupError, TypeError):
        return False
    try:
        # The handle is held, so the id cannot be reused between look and signal.
        if start_time(pid) != pid_start:
            return False
        signal.pidfd_send_signal(handle, signum)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def wait_gone(pids, seconds):
    """Waits until every (pid, pid_start) has ended; False when time runs out."""
    end = time.monotonic() + seconds
    for pid, pid_start in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not alive(pid, pid_start):
                continue
            left = max(0, end - time.monotonic())
            if not select.select([handle], [], [], left)[0]:
                return False
        finally:
            os.close(handle)
    return True


def wait_any_end(pids, seconds):
    """Waits at most that long, and less if one of the processes ends."""
    handles = []
    for pid, pid_start in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if alive(pid, pid_start):
            handles.append(handle)
        else:
            os.close(handle)
    select.select(handles, [], [], seconds)
    for handle in handles:
        os.close(handle)


def with_argument(argument):
    """Own processes that carry exactly this argument: [(pid, pid_start)]."""
    found, blank = _scan(os.listdir("/proc"), argument)
    if blank:
        # A process shows no arguments for a moment while it is being started.
        select.select([], [], [], 0.05)
        found += _scan(blank, argument)[0]
    return found


def _scan(names, argument):
    """(those that carry the argument, those that show no arguments at all)."""
    found, blank = [], []
    for name in names:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            if os.stat(f"/proc/{name}").st_uid != os.geteuid():
                continue
            begun = start_time(int(name))
            with open(f"/proc/{name}/cmdline", "rb") as line:
                words = line.read().split(b"\0")
            if words == [b""]:
                os.readlink(f"/proc/{name}/exe")  # the kernel's own threads have none
                blank.append(name)
        except OSError:
            continue
        if begun is not None and argument.encode() in words:
            found.append((int(name), begun))
    return found, blank
