#!/usr/bin/env python3
"""Checks what keeps the tree small and finished: no file over 500 lines, a test file for each
source file, no left-over marks, no test that skips itself.

usage: tidy.py SOURCE-FOLDER
"""
import pathlib
import re
import sys

MAX_LINES = 500
MARKS = re.compile("|".join(["TO" + "DO", "FIX" + "ME", r"\bXX" + r"X\b", r"\bHA" + r"CK\b",
                             "DISABLED" + "_", "GTEST_" + "SKIP", "skip" + "Test", r"unittest\.skip"]))
CODE = {".cpp", ".hpp", ".py", ".lua", ".java", ".sh", ""}


def code_files(source):
    for top in ("src", "tools", "tests", "scripts"):
        for path in sorted((source / top).rglob("*")):
            if path.is_file() and path.suffix in CODE and "__pycache__" not in path.parts:
                yield path


def main():
    source = pathlib.Path(sys.argv[1])
    problems = []
    count = 0
    for path in code_files(source):
        count += 1
        lines = path.read_text().splitlines()
        if len(lines) > MAX_LINES:
            problems.append(f"{path}: {len(lines)} lines, more than {MAX_LINES}")
        for number, line in enumerate(lines, 1):
            if MARKS.search(line):
                problems.append(f"{path}:{number}: left over: {line.strip()}")
    for path in sorted((source / "src").rglob("*.cpp")):
        relative = path.relative_to(source / "src")
        test = source / "tests" / relative.with_name(relative.stem + "_test.cpp")
        if not test.exists():
            problems.append(f"{path}: no {test.relative_to(source)}")
    print("\n".join(problems) or f"{count} files are tidy")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
