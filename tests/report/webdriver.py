"""A little of WebDriver (W3C), with the standard library alone: chromedriver and a headless Chromium."""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"ArrowDown": "\ue015", "ArrowUp": "\ue013", "PageDown": "\ue00f", "PageUp": "\ue00e", "Home": "\ue011",
        "End": "\ue010", "Tab": "\ue004", "Enter": "\ue007", "Space": " "}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"]


def find(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError("none of these is installed: " + ", ".join(names))


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="zkprobe-browser-")
        self.driver = subprocess.Popen([find("chromedriver"), "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.session = None
        for line in self.driver.stdout:
            match = re.search(r"on port ([1-9]\d*)", line)
            if match:
                self.base = "http://127.0.0.1:" + match.group(1)
                break
        else:
            raise RuntimeError("chromedriver did not start")
        options = {"binary": find("chromium", "chromium-browser", "google-chrome"),
                   "args": FLAGS + ["--user-data-dir=" + self.folder]}
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = made["sessionId"]

    def close(self):
        try:
            if self.session:
                self.call("DELETE", f"/session/{self.session}")
        finally:
            self.driver.terminate()
            self.driver.wait(10)
            self.driver.stdout.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def do(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def command(self, name, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def open(self, path):
        self.do("POST", "/url", {"url": pathlib.Path(path).resolve().as_uri()})

    def size(self, width, height, mobile=False):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def scheme(self, name):
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def run(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def all(self, selector):
        return [one[ELEMENT] for one in self.do("POST", "/elements", {"using": "css selector", "value": selector})]

    def one(self, selector):
        return self.do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, element):
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", {ELEMENT: element})
        self.do("POST", f"/element/{element}/click", {})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def keys(self, *names):
        actions = []
        for name in names:
            key = KEYS.get(name, name)
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def logs(self):
        return self.do("POST", "/se/log", {"type": "browser"})

    def until(self, what, script, *arguments, seconds=5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(script, *arguments)
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError("not seen: " + what)

    def screenshot(self, path, full=False):
        made = self.command("Page.captureScreenshot", captureBeyondViewport=full)
        pathlib.Path(path).write_bytes(base64.b64decode(made["data"]))

    def pdf(self, path):
        made = self.command("Page.printToPDF", printBackground=True)
        pathlib.Path(path).write_bytes(base64.b64decode(made["data"]))
