"""What came out of the matrix: text, JUnit, JSON."""
import json
from dataclasses import asdict, dataclass
import xml.sax.saxutils

SHORT = {"pass": "ok", "fail": "FAIL", "known_defect": "defect", "skip": "-"}


@dataclass(frozen=True)
class Row:
    """One ensemble, or one step of an upgrade. verdict: ok, defect or FAIL."""
    name: str
    verdict: str
    seconds: float
    text: str


def table(rows):
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                     for row in rows) + "\n"


class Results:
    """The cells. A column of checks is {check: record}, or the trouble that there was."""

    def __init__(self, names):
        self.names = names
        self.columns = {}
        self.rows = {"mixed": [], "rolling": []}

    def checks(self):
        names = {name for column in self.columns.values() if isinstance(column, dict)
                 for name in column}
        return sorted(names)

    def cell(self, release, check):
        column = self.columns.get(release)
        if not isinstance(column, dict):
            return "?"
        record = column.get(check)
        return SHORT[record["result"]] if record else "-"

    def verdicts(self):
        """Every cell's verdict; a server that did not start is one FAIL."""
        found = [row.verdict for rows in self.rows.values() for row in rows]
        for column in self.columns.values():
            found += [SHORT[record["result"]] for record in column.values()] \
                if isinstance(column, dict) else ["FAIL"]
        return found

    def failed(self):
        return "FAIL" in self.verdicts()

    def summary(self):
        found = self.verdicts()
        return (f"{len(found)} cells: {found.count('ok')} ok, {found.count('defect')} known defects, "
                f"{found.count('FAIL')} failed, {found.count('-')} not for the release")

    def text(self):
        parts = []
        if self.columns:
            rows = [["CHECK", *self.names]]
            rows += [[check, *(self.cell(name, check) for name in self.names)]
                     for check in self.checks()]
            parts.append(table(rows) + "".join(f"{line}\n" for line in self.troubles()))
        heads = {"mixed": "SERVERS 1 2 3", "rolling": "ROLLING UPGRADE"}
        for part, rows in self.rows.items():
            if rows:
                parts.append(table([[heads[part], "RESULT", "SECONDS", ""]] + [
                    [row.name, row.verdict, f"{row.seconds:.0f}", row.text] for row in rows]))
        return "\n".join([*parts, self.summary() + "\n"])

    def troubles(self):
        """A line for each server that did not start and each check that failed."""
        for name, column in self.columns.items():
            if not isinstance(column, dict):
                yield f"{name}: {column}"
                continue
            for check, record in column.items():
                if record["result"] == "fail":
                    yield (f"{name} {check}: expected {record['expected']}, found "
                           f"{record['observed']}")

    def json(self):
        rows = {part: [asdict(row) for row in rows] for part, rows in self.rows.items()}
        return json.dumps({"checks": self.columns, **rows}) + "\n"

    def junit(self):
        quote = xml.sax.saxutils.quoteattr
        out = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]

        def suite(name, cases):
            out.append(f"  <testsuite name={quote(name)}>")
            for kind, case, seconds, verdict, text in cases:
                tag = {"FAIL": "failure", "-": "skipped", "defect": "skipped"}.get(verdict)
                inner = f"><{tag} message={quote(text)}/></testcase>" if tag else "/>"
                out.append(f"    <testcase classname={quote(kind)} name={quote(case)} "
                           f"time=\"{seconds:.3f}\"{inner}")
            out.append("  </testsuite>")
        for name, column in self.columns.items():
            if isinstance(column, dict):
                suite("checks " + name, [
                    (name, check, record["ms"] / 1000, SHORT[record["result"]],
                     f"expected {record['expected']}, found {record['observed']}")
                    for check, record in sorted(column.items())])
            else:
                suite("checks " + name, [(name, "starts", 0, "FAIL", column)])
        for part, title in (("mixed", "mixed ensembles"), ("rolling", "rolling upgrade")):
            if self.rows[part]:
                suite(title, [(part, row.name, row.seconds, row.verdict, row.text)
                              for row in self.rows[part]])
        return "\n".join([*out, "</testsuites>", ""])
