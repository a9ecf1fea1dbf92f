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
:root { color-scheme: light dark; --line: #8884; --ok: #1a7f37; --bad: #d1242f; --known: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --bad: #ff7b72; --known: #d29922; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5em auto; max-width: 76em; padding: 0 1em;
  overflow-wrap: anywhere; }
ul { padding-left: 1.2em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 1.6em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5em 0; }
th, td { padding: .25em .7em; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody th { font-weight: normal; }
.checks th, .checks td, .rows th, .rows td:nth-child(-n+3) { white-space: nowrap; }
.checks tbody th { position: sticky; left: 0; background: Canvas; }
td.number { text-align: right; }
.ok { color: var(--ok); } .bad { color: var(--bad); font-weight: bold; } .known { color: var(--known); }
@media (max-width: 40em) {
  body { font-size: 14px; } th, td { padding: .25em .45em; }
  .rows thead { display: none; } .rows, .rows tbody { display: block; }
  .rows tr { display: flex; flex-wrap: wrap; border-bottom: 1px solid var(--line); padding: .3em 0; }
  .rows th, .rows td { border: 0; padding: 0 .7em 0 0; }
  .rows tbody th { font-weight: bold; } .rows td:last-child { flex-basis: 100%; }
  .rows td.number::after { content: " s"; }
}
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
    troubles = "".join(f'<li class="bad">{html.escape(line)}</li>\n' for line in results.troubles())
    return (f'<div class="wide"><table class="checks"><thead><tr><th>check</th>{heads}</tr></thead>'
            f"<tbody>\n{rows}</tbody></table></div>\n" + (f"<ul>{troubles}</ul>\n" if troubles else ""))


def section(part, rows):
    title, head, what = TITLES[part]
    lines = "".join(f"<tr><th>{html.escape(row.name)}</th>{cell(row.verdict)}"
                    f'<td class="number">{row.seconds:.0f}</td>'
                    f"<td>{html.escape(row.text)}</td></tr>\n"
                    for row in rows)
    return (f'<h2>{title}</h2>\n<p>{what}</p>\n<table class="rows"><thead><tr><th>{head}</th>'
            f"<th>result</th><th>seconds</th><th>seen</th></tr></thead><tbody>\n{lines}</tbody></table>\n")


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
?: it did not start. Point at a cell for what was seen.</p>
<p>{html.escape(results.summary())}.</p>
{body}</html>
"""
