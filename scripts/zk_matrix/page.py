"""One HTML page that needs nothing but itself."""
import html

KINDS = {"ok": "ok", "FAIL": "bad", "?": "bad", "defect": "known"}
TITLES = {
    "mixed": ("Together", "servers 1 2 3",
              "Three servers elect, lose their leader, elect again, and take it back."),
    "rolling": ("Rolling upgrade", "step",
                "One server at a time is stopped and started again with the next release on its own "
                "directory, while a client writes and zkprobe watches."),
}

STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto; }
th, td { padding: .2em .7em; text-align: left; border-bottom: 1px solid #8884; }
.ok { color: #1a7f37; } .bad { color: #d1242f; font-weight: bold; } .known { color: #9a6700; }
"""


def cell(text, title=""):
    return (f'<td class="{KINDS.get(text, "")}" title="{html.escape(title)}">'
            f"{html.escape(text)}</td>")


def checks(results):
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in results.names)
    rows = ""
    for check in results.checks():
        rows += f"<tr><th>{html.escape(check)}</th>"
        for name in results.names:
            column = results.columns.get(name)
            record = column.get(check) if isinstance(column, dict) else None
            rows += cell(results.cell(name, check),
                         f"{record['title']}: {record['observed']}" if record else str(column))
        rows += "</tr>\n"
    return f"<table><tr><th>check</th>{heads}</tr>\n{rows}</table>\n"


def section(part, rows):
    title, head, what = TITLES[part]
    lines = "".join(f"<tr><th>{html.escape(row.name)}</th>{cell(row.verdict)}"
                    f"<td>{row.seconds:.0f}</td><td>{html.escape(row.text)}</td></tr>\n"
                    for row in rows)
    return (f"<h2>{title}</h2>\n<p>{what}</p>\n<table><tr><th>{head}</th><th></th><th>seconds</th>"
            f"<th></th></tr>\n{lines}</table>\n")


def page(results):
    body = checks(results) if results.columns else ""
    body += "".join(section(part, rows) for part, rows in results.rows.items() if rows)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>ZooKeeper releases on the wire</title>
<style>
{STYLE}</style>
<h1>ZooKeeper releases on the wire</h1>
<p>ok: it does what is right. defect: it does what it is known for. -: not for this release.
Point at a cell for what was seen.</p>
{body}</html>
"""
