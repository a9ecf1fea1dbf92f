#!/usr/bin/env python3
"""The page of scripts/matrix in a headless Chromium, as wide as a phone and as a desk."""
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]
from webdriver import Browser  # noqa: E402
from zk_matrix import page  # noqa: E402
from zk_matrix.results import Results, Row  # noqa: E402


def results():
    """As many columns as the whole matrix has, a build that did not start, and long words."""
    names = [f"3.{line}.10{more}" for line in range(4, 10) for more in ("", " multi")]
    made = Results([*names, "broken"])
    record = {"result": "pass", "title": "a title", "expected": "e", "observed": "o", "ms": 1}
    made.columns = {name: {"greeting_address_refused": record} for name in names}
    made.columns["broken"] = "Could not find or load main class " + "org.apache.zookeeper." * 6
    made.rows["mixed"].append(Row("3.4.14 3.9 zkprobe multi", "FAIL", 23, "no leader " * 30))
    made.rows["rolling"].append(Row("3.4.14 -> 3.5.10, server 1", "defect", 6, "trust." * 40))
    return made


class Page(unittest.TestCase):
    def setUp(self):
        self.browser = Browser()
        self.addCleanup(self.browser.close)

    def test_nothing_but_the_table_of_checks_is_wider_than_the_screen(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "matrix.html")
            path.write_text(page.page(results()), encoding="utf-8")
            for width in (360, 1280):
                self.browser.size(width, 800, mobile=width == 360)
                self.browser.open(path)
                wide = self.browser.run("return document.documentElement.scrollWidth")
                self.assertLessEqual(wide, width)
                self.assertEqual(self.browser.run(
                    "return getComputedStyle(document.querySelector('.wide')).overflowX"), "auto")
            self.assertEqual(self.browser.logs(), [])


if __name__ == "__main__":
    unittest.main()
