#!/usr/bin/env python3
"""Checks that the pure layers need no clock, randomness, socket, thread, file or log.

Reads the undefined symbols of each layer's static library.
usage: purity.py SOURCE-FOLDER BUILD-FOLDER
"""
import pathlib
import re
import subprocess
import sys

PURE = ["base", "wire", "quorum", "election", "learner", "replica", "capture", "peer", "analysis",
        "audit"]
IMPURE = re.compile(
    r"^(clock_gettime|gettimeofday|time|clock|nanosleep|usleep|sleep|rand|srand|random|getrandom"
    r"|socket|connect|bind|listen|accept4?|recv(from|msg)?|send(to|msg)?|poll|select|epoll_\w+"
    r"|getaddrinfo|gethostbyname|pthread_create|pthread_mutex_lock|open(64)?|openat|fopen(64)?"
    r"|read|write|close|printf|puts|putchar|fputs|fprintf|fwrite|getenv|stdout|stderr|stdin"
    r"|std::chrono::_V2::\w+::now\(\)|std::random_device.*|std::thread.*|std::cout|std::cerr"
    r"|std::basic_[io]?fstream.*|std::filesystem.*|spdlog::.*|boost::.*)$"
)


def undefined_symbols(library):
    output = subprocess.run(["nm", "-C", "-u", str(library)], capture_output=True, text=True,
                            check=True).stdout
    for line in output.splitlines():
        match = re.match(r"\s+U\s+(.*)$", line)
        if match:
            yield match.group(1).split("@")[0]


def main():
    source, build = (pathlib.Path(argument) for argument in sys.argv[1:3])
    problems = []
    layers = [layer for layer in PURE if (source / "src" / layer).is_dir()]
    for layer in layers:
        library = build / "src" / f"libzkprobe_{layer}.a"
        if not library.exists():
            problems.append(f"{library}: not built")
            continue
        for symbol in sorted(set(undefined_symbols(library))):
            if IMPURE.match(symbol):
                problems.append(f"{layer} needs {symbol}")
    print("\n".join(problems) or f"{len(layers)} layers are pure: {' '.join(layers)}")
    return 1 if problems or not layers else 0


if __name__ == "__main__":
    sys.exit(main())
