"""`zkprobe capture` on the loopback interface, with an election of `zkprobe ensemble`: what it prints
is what `zkprobe decode` prints from the file that it wrote.

Capturing needs root (CAP_NET_RAW); refusals are tried as the user nobody. Environment: ZKPROBE_BIN.
"""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest


def records(text):
    return [json.loads(line) for line in text.splitlines()]


class Live(unittest.TestCase):
    maxDiff = 3000

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="zkprobe-live-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        cls.program = os.environ["ZKPROBE_BIN"]

    @contextlib.contextmanager
    def capture(self, *options, ready=True):
        """A running capture whose standard output goes to a file; it is ready when it says so."""
        with open(self.folder / "out", "w+") as out:
            process = subprocess.Popen([self.program, "capture", *map(str, options)], stdout=out,
                                       stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
            try:
                if ready:
                    line = process.stderr.readline()
                    self.assertIn("capturing on", line)
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
                process.stderr.close()

    def printed(self):
        return (self.folder / "out").read_text()

    def elect(self):
        """An election of three in one process; its election ports."""
        result = subprocess.run([self.program, "ensemble", "--voters", "3", "--until", "elected",
                                 "--timeout", "60s"], capture_output=True, text=True, timeout=90,
                                stdin=subprocess.DEVNULL)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", result.stdout.splitlines()[0])}

    def stop(self, process, how=signal.SIGINT):
        process.send_signal(how)
        _, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, error)
        return error

    def decode(self, capture, *options):
        result = subprocess.run([self.program, "decode", "--json", str(capture), *options],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        return records(result.stdout)

    def elections(self, seen, ports):
        """Kinds of what was said on these ports."""
        return {record["kind"] for record in seen
                if int(record["dst"].rsplit(":", 1)[1]) in ports}

    def test_what_is_printed_is_what_the_file_holds(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        for interface, how in (("lo", signal.SIGINT), ("any", signal.SIGTERM)):
            with self.subTest(interface):
                kept = self.folder / f"{interface}.pcapng"
                with self.capture("-i", interface, "--json", "--write", kept) as process:
                    ports = self.elect()
                    error = self.stop(process, how)
                live = records(self.printed())
                self.assertEqual(self.elections(live, ports), {"initial", "notification"})
                self.assertEqual(live, self.decode(kept))
                count, dropped = re.search(r"(\d+) packets captured, (\d+) dropped", error).groups()
                self.assertEqual(int(dropped), 0, error)
                tshark = subprocess.run(["tshark", "-n", "-r", str(kept), "-T", "fields", "-e",
                                         "frame.number"], capture_output=True, text=True, timeout=60)
                self.assertEqual(tshark.returncode, 0, tshark.stderr)
                self.assertEqual(tshark.stdout.split()[-1], count)

    def test_the_file_and_the_output_can_be_read_meanwhile(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        kept = self.folder / "growing.pcapng"
        with self.capture("-i", "lo", "--write", kept) as process:
            ports = self.elect()
            for _ in range(600):  # until the greetings stand in both
                if "greeting" in self.printed() and self.elections(self.decode(kept), ports):
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
            self.assertIn("greeting", self.printed())
            self.assertIn("initial", self.elections(self.decode(kept), ports))
            self.stop(process)

    def send(self, megabytes):
        """So much over one connection of this process; its port."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            with socket.create_connection(listener.getsockname()) as sender:
                receiver, _ = listener.accept()
                with receiver:
                    for _ in range(megabytes * 16):
                        sender.sendall(bytes(65536))
                        left = 65536
                        while left:
                            left -= len(receiver.recv(left))
            return listener.getsockname()[1]

    def test_packets_that_came_while_nobody_took_them_are_counted(self):
        """The capture is stopped while more comes than the kernel's buffer of 16 MiB holds."""
        if os.geteuid() != 0:
            return self.refused(self.program)
        kept = self.folder / "dropped.pcapng"
        with self.capture("-i", "lo", "--summary", "--json", "--write", kept) as process:
            process.send_signal(signal.SIGSTOP)
            self.send(48)
            process.send_signal(signal.SIGCONT)
            said_at_once = process.stderr.readline()
            error = said_at_once + self.stop(process)
        dropped = int(re.search(r"(\d+) packets captured, (\d+) dropped", error)[2])
        self.assertGreater(dropped, 0)
        said = re.findall(r"(\d+) packets dropped: they came faster than taken", error)
        self.assertEqual(sum(map(int, said)), dropped, error)
        (summary,) = records(self.printed())
        self.assertGreater(summary["packets"], 0)
        # The file ends with it: tshark reads the statistics of its interface.
        seen = subprocess.run(["tshark", "-n", "-r", str(kept), "-q", "-z", "io,stat,0"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(seen.returncode, 0, seen.stderr)

    def test_a_filter_and_a_time_limit(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        with self.capture("-i", "lo", "--filter", "udp port 1", "--for", "300ms",
                          "--summary", "--json") as process:
            self.elect()
            _, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, error)
        (summary,) = records(self.printed())
        self.assertEqual(summary["packets"], 0)
        self.assertIn("0 packets captured, 0 dropped", error)

    def test_a_filter_that_cannot_be_read_is_named(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        with self.capture("-i", "lo", "--filter", "no such filter", ready=False) as process:
            _, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 2)
        self.assertRegex(error, r"filter 'no such filter': ")
        self.assertEqual(len(error.splitlines()), 1, error)

    def test_the_packets_do_not_go_among_the_messages(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        with self.capture("-i", "lo", "--write", "-", ready=False) as process:
            _, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 2)
        self.assertIn("--write: expected the name of a file, found '-'", error)

    def test_an_unknown_interface_is_answered_with_those_that_there_are(self):
        with self.capture("-i", "nowhere7", ready=False) as process:
            _, error = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 2)
        self.assertRegex(error, r"no interface 'nowhere7': there are .*\blo\b")

    def refused(self, program, **user):
        result = subprocess.run([str(program), "capture", "-i", "lo"], capture_output=True,
                                text=True, timeout=30, stdin=subprocess.DEVNULL, **user)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("lo: capturing needs the privilege CAP_NET_RAW", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_without_the_privilege_it_says_which_one_is_missing(self):
        if os.geteuid() != 0:
            return self.refused(self.program)
        nobody = pwd.getpwnam("nobody")
        program = shutil.copy(self.program, self.folder / "zkprobe")  # where nobody may read
        self.refused(program, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[],
                     cwd=self.folder)


if __name__ == "__main__":
    unittest.main()
