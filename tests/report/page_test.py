#!/usr/bin/env python3
"""Clicks through the page of `zkprobe report` in a headless Chromium, as an operator would.

ZKPROBE_BIN names the program; with ZKPROBE_SHOTS=FOLDER screenshots are left there.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from webdriver import Browser  # noqa: E402

FIXTURES = HERE.parent.parent / "fixtures" / "pcap"
ZKPROBE = os.environ.get("ZKPROBE_BIN", str(HERE.parent.parent / "build" / "dev" / "zkprobe"))
SHOTS = os.environ.get("ZKPROBE_SHOTS")
READY = "return document.body && document.body.dataset.ready"


def ipv4(payload, src, dst, sport, dport, seq, ack, flags):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, bytes(src), bytes(dst))
    return head + tcp


class Capture:
    """A capture of one connection, 2 -> 1, with raw IP packets."""

    def __init__(self, path, dialler=2):
        self.out = open(path, "wb")
        self.out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        self.time = 0
        self.seq = [1000, 5000]
        self.hosts = [(10, 0, 0, dialler), (10, 0, 0, 1)]
        self.ports = [40000 + dialler, 3888]
        for side, flags in ((0, 2), (1, 18)):
            self.packet(side, b"", flags)
            self.seq[side] += 1

    def packet(self, side, payload, flags=16):
        other = 1 - side
        raw = ipv4(payload, self.hosts[side], self.hosts[other], self.ports[side], self.ports[other], self.seq[side],
                   self.seq[other], flags)
        self.out.write(struct.pack("<IIII", 1_700_000_000 + self.time // 1_000_000, self.time % 1_000_000, len(raw), len(raw)))
        self.out.write(raw)
        self.time += 200
        self.seq[side] += len(payload)

    def greet(self, sid, address):
        text = address.encode()
        self.packet(0, struct.pack(">qqi", -65536, sid, len(text)) + text)

    def vote(self, side, leader, round_, config=b"", state=0):
        body = struct.pack(">iqqqqii", state, leader, 0, round_, 0, 2, len(config)) + config
        self.packet(side, struct.pack(">i", len(body)) + body)

    def close(self):
        self.out.close()


class VerbTest(unittest.TestCase):
    def report(self, *arguments):
        return subprocess.run([ZKPROBE, "report", *arguments], capture_output=True, text=True, timeout=60)

    def test_without_an_output_it_says_what_to_do(self):
        made = self.report(str(FIXTURES / "3.9.3-a-cold.pcap"))
        self.assertEqual(made.returncode, 2)
        self.assertEqual(made.stdout, "")
        self.assertEqual(made.stderr.count("\n"), 1)
        for word in ("-o PAGE.html", "--text", "--json"):
            self.assertIn(word, made.stderr)

    def test_an_unreadable_file_and_an_unwritable_page_are_one_line(self):
        for arguments in (["/nowhere.pcap", "--text"], [str(FIXTURES / "3.9.3-a-cold.pcap"), "-o", "/nowhere/page.html"]):
            made = self.report(*arguments)
            self.assertEqual(made.returncode, 2)
            self.assertEqual(made.stderr.count("\n"), 1, made.stderr)
            self.assertIn("/nowhere", made.stderr)

    def test_a_window_keeps_what_is_inside_of_it(self):
        made = self.report(str(FIXTURES / "3.9.3-f-reconfig.pcap"), "--json", "--from", "10s", "--to", "16s")
        report = json.loads(made.stdout)
        self.assertGreater(report["left_out"]["outside"], 100)
        self.assertEqual([e["leader"] for e in report["elections"]], [3])

    def test_a_capture_that_ends_in_a_packet_is_told_up_to_there(self):
        whole = (FIXTURES / "3.9.3-a-cold.pcap").read_bytes()
        made = subprocess.run([ZKPROBE, "report", "-", "--text"], input=whole[:-7], capture_output=True, timeout=60)
        self.assertEqual(made.returncode, 1)
        self.assertIn(b"ELECTION 1", made.stdout)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="zkprobe-page-")
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def page(self, capture):
        path = pathlib.Path(self.folder.name) / (pathlib.Path(capture).name + ".html")
        made = subprocess.run([ZKPROBE, "report", str(capture), "-o", str(path)], capture_output=True, text=True, timeout=60)
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def show(self, capture, width=1280, height=900):
        path = self.page(capture)
        self.browser.size(width, height, width < 500)
        self.browser.open(path)
        self.browser.until("the page", READY)
        return path

    def tearDown(self):
        errors = [entry["message"] for entry in self.browser.logs() if entry["level"] == "SEVERE"]
        self.assertEqual(errors, [])

    def shot(self, name, full=True):
        if SHOTS:
            self.browser.screenshot(pathlib.Path(SHOTS) / (name + ".png"), full)

    def test_nothing_comes_from_outside(self):
        path = self.show(FIXTURES / "3.9.3-a-cold.pcap")
        self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').length"), 0)
        text = path.read_text()
        self.assertIsNone(re.search(r"""(src|href)\s*=\s*["'](?!#|data:)""", text.split('<script type="application/json"')[0]))
        self.assertIn("default-src 'none'", text)

    def test_findings_lead_to_the_messages_that_prove_them(self):
        self.show(FIXTURES / "3.5.10-j-wildcard.pcap")
        b = self.browser
        self.assertIn("note", b.text("#verdict"))
        self.assertEqual(b.run("return document.querySelectorAll('#findings-list details[data-id=wildcard_address]').length"), 3)
        proof = b.one("details[data-id=wildcard_address] ul.proof button")
        packet = re.search(r"#(\d+)", b.run("return arguments[0].textContent", {"element-6066-11e4-a52e-4f735466cecf": proof})).group(1)
        b.click(proof)
        b.until("the message", "return document.activeElement.classList.contains('diagram')")
        self.assertIn(f"packet #{packet} ", b.run("return document.activeElement.parentElement.querySelector('.detail').textContent"))
        self.assertIn("0.0.0.0", b.run("return document.activeElement.parentElement.querySelector('.detail').textContent"))
        self.shot("wildcard-desktop")

    def test_keys_move_through_the_messages(self):
        self.show(FIXTURES / "3.9.3-a-cold.pcap")
        b = self.browser
        b.run("document.querySelector('.diagram').focus()")
        place = "return document.querySelector('.detail .faint').textContent"
        self.assertIn("Message 1 of ", b.run(place))
        b.keys("ArrowDown", "ArrowDown")
        self.assertIn("Message 3 of ", b.run(place))
        active = b.run("const d = document.querySelector('.diagram'); const o = document.getElementById(d.getAttribute('aria-activedescendant'));"
                       "return [o.getAttribute('role'), o.getAttribute('aria-selected'), o.getAttribute('aria-posinset')]")
        self.assertEqual(active, ["option", "true", "3"])
        b.keys("ArrowUp", "End")
        last = re.search(r"Message (\d+) of (\d+)", b.run(place))
        self.assertEqual(last.group(1), last.group(2))
        b.keys("Home")
        self.assertIn("Message 1 of ", b.run(place))
        # With the messages of the serving ensemble there are more.
        b.click(b.one(".tools input"))
        more = re.search(r"of (\d+)", b.run(place)).group(1)
        self.assertGreater(int(more), int(last.group(2)))

    def test_the_first_stop_of_the_tab_key_skips_to_the_findings(self):
        self.show(FIXTURES / "3.9.3-a-cold.pcap")
        b = self.browser
        b.keys("Tab")
        self.assertEqual(b.run("return document.activeElement.className"), "skip")
        b.keys("Enter")
        b.until("the findings", "return document.activeElement.id === 'findings'")
        stops = []
        for _ in range(12):
            b.keys("Tab")
            stops.append(b.run("return document.activeElement.tagName + '.' + document.activeElement.className"))
        self.assertIn("SUMMARY.", stops)
        self.assertIn("INPUT.", stops)
        self.assertIn("DIV.diagram", stops)

    def test_a_phone_shows_everything_without_scrolling_sideways(self):
        for name in ("3.9.3-a-cold.pcap", "3.8.0-e-hier.pcap"):
            self.show(FIXTURES / name, 360, 740)
            wide = self.browser.run("return document.documentElement.scrollWidth")
            self.assertLessEqual(wide, 360, name)
            small = self.browser.run("return [...document.querySelectorAll('p,li,td,summary,button')].filter(e => e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 12).length")
            self.assertEqual(small, 0)
            if name.startswith("3.9.3"):  # three servers stand side by side
                self.assertTrue(self.browser.run("const d = document.querySelector('.diagram'); return d.scrollWidth <= d.clientWidth"))
            self.shot("phone-" + name.split("-")[-1])

    def test_light_and_dark_differ_and_can_be_read(self):
        self.show(FIXTURES / "3.4.13+3.8.0+3.9.6-g-mixed.pcap")
        seen = {}
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            seen[scheme] = self.browser.run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
            numbers = [[int(n) / 255 for n in re.findall(r"\d+", colour)[:3]] for colour in seen[scheme]]
            lights = [sum(w * (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), rgb)) for rgb in numbers]
            self.assertGreater((max(lights) + 0.05) / (min(lights) + 0.05), 7)
            self.shot("mixed-" + scheme)
        self.assertNotEqual(seen["light"], seen["dark"])
        self.browser.scheme("light")

    def test_every_election_opens_and_prints(self):
        self.show(FIXTURES / "3.4.13+3.8.0+3.9.6-g-mixed.pcap")
        b = self.browser
        self.assertEqual(len(b.all("details.election")), 3)
        for summary in b.all("details.election:not([open]) > summary"):
            b.click(summary)
        b.until("three diagrams", "return document.querySelectorAll('.diagram .row').length > 0 && document.querySelectorAll('.diagram').length === 3")
        self.assertIn("changes its mind", b.text("#election-1 .lines"))
        self.assertIn("joined leader 3", b.text("#election-3 summary"))
        b.run("window.dispatchEvent(new Event('beforeprint'))")
        shown = b.run("return [...document.querySelectorAll('.diagram')].map(d => d.querySelectorAll('.row').length)")
        self.assertTrue(all(n > 10 for n in shown), shown)
        if SHOTS:
            b.pdf(pathlib.Path(SHOTS) / "mixed.pdf")

    def test_hostile_names_stay_text(self):
        path = pathlib.Path(self.folder.name) / "hostile <img src=x onerror=window.hit=1>.pcap"
        capture = Capture(path)
        hostile = "</script><script>window.hit=1</script><!--"
        capture.greet(2, hostile + ":3888")
        config = ("server.1=<b onclick='window.hit=1'>x</b>:2888:3888:participant\nserver.2=\"><svg/onload=window.hit=1>:2888:3888:participant\n"
                  "version=0").encode()
        capture.vote(0, 2, 1, config)
        capture.vote(1, 1, 1, config)
        capture.vote(1, 2, 1, config)
        capture.packet(0, struct.pack(">i", 60) + b"</script><img src=x onerror=window.hit=1>".ljust(60, b"!"))
        capture.close()
        page = self.show(path)
        b = self.browser
        b.run("for (const d of document.querySelectorAll('details')) d.open = true")
        b.until("the diagram", "return document.querySelectorAll('.diagram .row').length > 0")
        self.assertFalse(b.run("return window.hit === 1"))
        self.assertEqual(b.run("return document.querySelectorAll('script').length"), 2)
        self.assertEqual(b.run("return document.querySelectorAll('img, b').length"), 0)
        self.assertIn("hostile <img", b.text("h1"))
        self.assertEqual(page.read_text().count("</script>"), 2)
        self.assertIn("</script><script>", b.run("return document.querySelector('.rows').innerHTML && [...document.querySelectorAll('.row')].map(r => r.getAttribute('aria-label')).join()"))

    def test_ten_thousand_messages_open_at_once(self):
        path = pathlib.Path(self.folder.name) / "large.pcap"
        capture = Capture(path)
        capture.greet(2, "10.0.0.2:3888")
        for i in range(10_000):
            capture.vote(i % 2, 1 + (i // 2) % 2, 1 + i // 4)
        capture.close()
        page = self.page(path)
        self.browser.size(1280, 900)
        before = time.monotonic()
        self.browser.open(page)
        ready = int(self.browser.until("the page", READY))
        whole = time.monotonic() - before
        rows = len(self.browser.all(".diagram .row"))
        print(f"10,000 messages: {page.stat().st_size} bytes, ready after {ready} ms, {whole * 1000:.0f} ms in all, {rows} rows drawn", file=sys.stderr)
        self.assertLess(ready, 2000)
        self.assertLess(rows, 200)
        self.browser.run("document.querySelector('.diagram').focus()")
        self.browser.keys("End")
        self.assertRegex(self.browser.text(".detail"), r"Message (1\d{4}|9\d{3}) of ")


if __name__ == "__main__":
    unittest.main()
