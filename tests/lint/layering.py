#!/usr/bin/env python3
"""Checks that every file includes only what its layer may see (the table in src/README.md).

usage: layering.py SOURCE-FOLDER
"""
import pathlib
import re
import sys

# A folder sees itself and what stands here. Two folders of one row never see each other.
ROWS = [
    ["base"],
    ["wire"],
    ["quorum"],
    ["election", "learner", "replica", "capture"],
    ["peer", "analysis"],
    ["audit"],
    ["net", "store", "pcap"],
    ["conformance", "report"],
]
# The only places that may include what is not ours. Everything else of that kind is refused.
FOREIGN = {
    "boost/": lambda path: path.as_posix().endswith("net/asio.hpp"),
    "spdlog/": lambda path: path.parts[-2] in ("net", "zkprobe"),
    "nlohmann/": lambda path: path.parts[-2] in ("report", "zkprobe"),
    "CLI/": lambda path: path.parts[-2] == "zkprobe",
    "pcap/": lambda path: path.parts[-2] == "pcap",
    "openssl/": lambda path: path.parts[-2] == "net",
    "sys/": lambda path: path.parts[-2] in ("net", "store", "pcap", "zkprobe"),
    "netinet/": lambda path: path.parts[-2] in ("net", "zkprobe"),
    "arpa/": lambda path: path.parts[-2] in ("net", "zkprobe"),
    "unistd.h": lambda path: path.parts[-2] in ("net", "store", "pcap", "zkprobe"),
    "thread": lambda path: path.parts[-2] in ("net", "store"),
    "mutex": lambda path: path.parts[-2] in ("net", "store"),
    "fstream": lambda path: path.parts[-2] in ("store", "zkprobe"),
    "iostream": lambda path: path.parts[-2] == "zkprobe",
    "random": lambda path: path.parts[-2] in ("net", "zkprobe"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def allowed_layers():
    below = []
    table = {}
    for row in ROWS:
        for name in row:
            table[name] = set(below) | {name}
        below += row
    return table


def problems_of(path, layer, table):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        if quote == '"':
            other = target.split("/")[0]
            if other not in table:
                yield f"{path}:{number}: {target}: write includes from src/"
            elif other not in table[layer]:
                yield f"{path}:{number}: {layer} must not include {target}"
            continue
        for prefix, permitted in FOREIGN.items():
            if (target == prefix or (prefix.endswith("/") and target.startswith(prefix))) and not permitted(path):
                yield f"{path}:{number}: <{target}> is not for this file"


def main():
    source = pathlib.Path(sys.argv[1])
    table = allowed_layers()
    problems = []
    count = 0
    for path in sorted((source / "src").rglob("*.[ch]pp")):
        layer = path.relative_to(source / "src").parts[0]
        if layer not in table:
            problems.append(f"{path}: the folder {layer} is in no row of the table")
            continue
        count += 1
        problems += problems_of(path, layer, table)
    for path in sorted((source / "tools").rglob("*.[ch]pp")):
        count += 1
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r'\s*#\s*include\s*<boost/', line):
                problems.append(f"{path}:{number}: Asio comes through net/asio.hpp")
    print("\n".join(problems) or f"{count} files keep to their layers")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
