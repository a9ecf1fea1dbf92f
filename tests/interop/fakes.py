"""Election ports that are no servers, or that behave as a test wants."""
import contextlib
import socket
import struct
import threading

LOOKING, FOLLOWING, LEADING, OBSERVING = range(4)


class FakeServer:
    """A port of this test: `serve(link)` runs for each link, in a thread of its own."""

    def __init__(self, serve=None, family=socket.AF_INET):
        self.listener = socket.socket(family)
        self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.listener.listen()
        self.links = []
        port = self.listener.getsockname()[1]
        self.address = f"[::1]:{port}" if family == socket.AF_INET6 else f"127.0.0.1:{port}"
        self.serve = serve
        self.threads = [threading.Thread(target=self.accept, daemon=True)] if serve else []
        for thread in self.threads:
            thread.start()

    def accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            self.links.append(link)
            with contextlib.suppress(OSError):
                self.serve(link)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)
        for link in self.links:
            link.close()


def vote(state, leader, config="server.1=127.0.0.1:2888:3888:participant\nversion=0"):
    body = struct.pack(">iqqqqii", state, leader, 0x100000001, 1, 1, 2, len(config))
    return struct.pack(">i", len(body) + len(config)) + body + config.encode()


def read_exactly(link, size):
    data = b""
    while len(data) < size:
        piece = link.recv(size - len(data))
        if not piece:
            raise OSError("end of stream")
        data += piece
    return data


def answers(state, leader, config):
    """What FakeServer serves: one vote to both questions of an asker."""
    def serve(link):
        link.sendall(vote(state, leader, config))
        read_exactly(link, 96)
        link.sendall(vote(state, leader, config))
    return serve
