"use strict";
// The page of a report. Everything is written with textContent and attributes: nothing of a capture
// is ever read as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const ROW = 34;          // pixels of a message in the diagram
  const NARROW = window.innerWidth < 560;
  const LEFT = NARROW ? 64 : 74;  // of the column of times
  const PRINTED = 400;     // messages of one election on paper
  const PAPER = 660;       // pixels of its width
  let printing = false;
  const PAGE = window.innerWidth < 560 ? 20 : 100;   // connections shown at once
  const KIND = { looking: 0, following: 1, leading: 2, observing: 3, greeting: 4, packet: 6, gap: 7, malformed: 8 };
  const BROADCAST = /^(PING|PROPOSAL|ACK|COMMIT|INFORM|REQUEST|SYNC|REVALIDATE|COMMITANDACTIVATE|INFORMANDACTIVATE) /;
  const DASHES = ["", "7 3", "2 3", "10 3 2 3", "4 2", "12 4", "1 4", "6 2 1 2"];

  const el = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const svg = (name, attributes = {}, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== "") made.textContent = text;
    return made;
  };
  const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;
  const duration = (ms) => ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
  const clock = (t) => t.slice(11, 26);
  const first = Date.parse(data.first.slice(0, 23) + "Z") * 1000 + Number(data.first.slice(23, 26));
  const at = (us) => {  // the time of day of a message
    const whole = first + us;
    return new Date(Math.floor(whole / 1000)).toISOString().slice(11, 23) + String(whole % 1000).padStart(3, "0");
  };
  const who = (stream, side) => {
    const link = data.connections[stream];
    const sid = side === 0 ? link.dialler : link.acceptor;
    return { sid, address: side === 0 ? link.dialler_address : link.acceptor_address };
  };
  const called = (end) => end.sid === null ? end.address : `server ${end.sid}`;

  // A message: [packet, microseconds, stream, side of the sender, kind, text, leader]
  const is_broadcast = (m) => m[4] === KIND.packet && BROADCAST.test(m[5]) && !/^ACK 0x[0-9a-f]*0{8}$/.test(m[5]);
  const short = (m) => {
    switch (m[4]) {
      case KIND.looking: return m[6] === "nobody" ? "asks who leads" : `votes ${m[6]}, ${m[5].split(",")[0]}`;
      case KIND.following: return `following ${m[6]}`;
      case KIND.leading: return `leading`;
      case KIND.observing: return `observing ${m[6]}`;
      case KIND.greeting: return m[5].split(" ").slice(0, 2).join(" ").replace("bare", "bare id");
      case KIND.packet: return m[5].split(" ")[0];
      default: return m[4] === KIND.gap ? m[5] : "malformed";
    }
  };
  const sentence = (m) => {
    const from = called(who(m[2], m[3]));
    const to = called(who(m[2], 1 - m[3]));
    switch (m[4]) {
      case KIND.looking: return m[6] === "nobody" ? `${from} asks ${to} who leads (${m[5]})` : `${from} tells ${to} that it votes for server ${m[6]} (${m[5]})`;
      case KIND.following: case KIND.observing: return `${from} tells ${to} that it ${m[4] === KIND.following ? "follows" : "observes"} server ${m[6]} (${m[5]})`;
      case KIND.leading: return `${from} tells ${to} that it leads (${m[5]})`;
      case KIND.greeting: return `${from} greets ${to}: ${m[5]}`;
      case KIND.packet: return `${from} sends ${m[5]} to ${to}`;
      case KIND.gap: return `${m[5]} between ${from} and ${to}: the capture does not have them`;
      default: return `${from} sends ${to} what nobody can read: ${m[5]}`;
    }
  };

  // Colours and dashes by what is voted for; the label names it as well.
  const candidates = [...new Set(data.records.filter((m) => m.length > 6).map((m) => m[6]))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const style_of = (leader) => {
    const place = Math.max(0, candidates.indexOf(leader));
    return { colour: `var(--v${place % 8})`, dash: DASHES[place % 8] };
  };

  // ---- findings
  const worst = data.findings.some((f) => f.severity === "problem") ? "problem" : data.findings.some((f) => f.severity === "note") ? "note" : "normal";
  const MARKS = { problem: "✖ problem", note: "▲ note", normal: "✓ normal" };
  const show_findings = () => {
    const of = (severity) => data.findings.filter((f) => f.severity === severity).length;
    const verdict = document.getElementById("verdict");
    verdict.classList.add(worst);
    verdict.textContent = worst === "normal"
      ? "✓ Nothing wrong was found in this capture."
      : `${worst === "problem" ? "✖" : "▲"} ${plural(of("problem"), "problem", "problems")}, ${plural(of("note"), "note", "notes")}, ${of("normal")} normal`;
    const list = document.getElementById("findings-list");
    if (data.findings.length === 0) list.append(el("p", {}, "None."));
    for (const finding of data.findings.slice(0, 200)) list.append(show_finding(finding));
    if (data.findings.length > 200) list.append(el("p", {}, `${data.findings.length - 200} more are in the JSON report.`));
  };
  const show_finding = (f) => {
    const box = el("details", { class: "finding", "data-id": f.id });
    if (f.severity === "problem" || (worst === "note" && f.severity === "note")) box.open = true;
    box.append(el("summary", {}, el("span", { class: `badge ${f.severity}` }, MARKS[f.severity]), el("h3", {}, f.title)));
    const body = el("div", { class: "body" }, el("p", {}, f.detail));
    if (f.advice) body.append(el("p", { class: "advice" }, el("strong", {}, "Do: "), f.advice));
    if (f.evidence.length > 0) {
      body.append(el("h4", {}, f.count > f.evidence.length ? `Proof (the first of ${f.count})` : "Proof"));
      const list = el("ul", { class: "proof" });
      for (const proof of f.evidence) {
        const button = el("button", { type: "button" }, el("span", { class: "n" }, `#${proof.packet}`), ` ${clock(proof.t)}${proof.stream === undefined ? "" : ` stream ${proof.stream}`}: ${proof.what}`);
        button.addEventListener("click", () => go_to(proof.packet));
        list.append(el("li", {}, button));
      }
      body.append(list);
    }
    box.append(body);
    return box;
  };

  // ---- tables
  const table = (caption, heads, rows) => {
    const head = el("tr");
    for (const name of heads) head.append(el("th", { scope: "col" }, name));
    const body = el("tbody");
    const add = (row) => {
      const tr = el("tr");
      row.forEach((cell, i) => tr.append(el(i === 0 ? "th" : "td", i === 0 ? { scope: "row", "data-label": heads[i] } : { "data-label": heads[i] }, el("span", {}, String(cell)))));
      body.append(tr);
    };
    rows.forEach(add);
    const made = el("table", { class: "stack" });
    if (caption) made.append(el("caption", {}, caption));
    made.append(el("thead", {}, head), body);
    made.add = add;
    return made;
  };
  const show_servers = () => {
    const box = document.getElementById("servers-list");
    if (data.servers.length === 0) return box.append(el("p", {}, "None: the capture holds no traffic of a quorum."));
    box.append(table("", ["Server", "Role", "Release", "Votes on", "Votes sent", "Packets sent"],
      data.servers.map((s) => [s.sid, s.role, s.release, s.listens.join(" ") || "not dialled", s.votes, s.packets])));
    if (data.voters_assumed) box.append(el("p", { class: "faint" }, "No configuration is in the capture: whoever voted is taken for a voter."));
  };
  const show_connections = () => {
    const box = document.getElementById("connections-list");
    const row = (c) => [c.stream, `${c.dialler === null ? c.dialler_address : `server ${c.dialler}`} → ${c.acceptor === null ? c.acceptor_address : `server ${c.acceptor}`}`,
      c.fate, c.acceptor_address, clock(c.opened.t), c.closed ? clock(c.closed.t) : "open to the end", `${c.votes[0]} / ${c.votes[1]}`, `${c.packets[0]} / ${c.packets[1]}`];
    let shown = 0;
    const made = table("Who dialled whom, and what became of it", ["Stream", "Who", "What became of it", "At", "Opened", "Closed", "Votes out / back", "Packets out / back"], []);
    const more = el("button", { type: "button", class: "more" });
    const next = () => {
      for (const c of data.connections.slice(shown, shown + PAGE)) made.add(row(c));
      shown = Math.min(shown + PAGE, data.connections.length);
      more.textContent = `Show more: ${data.connections.length - shown} are left`;
      more.hidden = shown >= data.connections.length;
    };
    more.addEventListener("click", next);
    next();
    box.append(made, more);
  };

  // ---- one election
  const PHASES = ["looking", "drain", "discovery", "synchronisation"];
  const pattern = (name) => {
    const made = svg("pattern", { id: `p-${name}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
    const place = PHASES.indexOf(name);
    made.append(svg("rect", { width: 8, height: 8, fill: `var(--v${[1, 4, 0, 2][place]})`, "fill-opacity": 0.25 }));
    const stroke = { stroke: `var(--v${[1, 4, 0, 2][place]})`, "stroke-width": 1.5, fill: "none" };
    const paths = ["M0 8L8 0", "M4 2v4", "M0 4h8M4 0v8", ""];
    if (paths[place]) made.append(svg("path", { d: paths[place], ...stroke }));
    return made;
  };
  const patterns = () => {
    const defs = svg("defs");
    PHASES.forEach((name) => defs.append(pattern(name)));
    const holder = svg("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" });
    holder.append(defs);
    document.body.append(holder);
  };
  const bar = (x, y, width, height, name) => svg("rect", { x, y, width, height, rx: 2, fill: `url(#p-${name})`, stroke: `var(--v${[1, 4, 0, 2][PHASES.indexOf(name)]})` });

  const show_phases = (box, election) => {
    const all = election.servers.flatMap((s) => s.phases);
    if (all.length === 0) return;
    const from = Math.min(...all.map((p) => p.at_ms));
    const to = Math.max(...all.map((p) => p.at_ms + (p.ms ?? 0)), from + 1);
    const holder = el("div", { class: "phases" });
    const draw = () => {
      const width = printing ? PAPER : Math.max(280, holder.clientWidth || 900);
      const left = 30, right = 12, height = election.servers.length * 30 + 26;
      const x = (ms) => left + (ms - from) / (to - from) * (width - left - right);
      const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": "How long each phase took, by server; the table below has the numbers" });
      const ticks = width < 500 ? 3 : 6;
      for (let i = 0; i <= ticks; ++i) {
        const ms = from + (to - from) * i / ticks;
        picture.append(svg("line", { class: "lane", x1: x(ms), x2: x(ms), y1: 0, y2: height - 20 }));
        picture.append(svg("text", { class: "faint", x: x(ms), y: height - 6, "text-anchor": i === ticks ? "end" : i === 0 ? "start" : "middle" }, `+${duration(ms - from)}`));
      }
      election.servers.forEach((server, i) => {
        const y = i * 30 + 4;
        picture.append(svg("text", { x: 4, y: y + 15 }, server.sid.length > 3 ? `${server.sid.slice(0, 2)}…` : server.sid));
        for (const phase of server.phases) {
          const begin = x(phase.at_ms), end = x(phase.at_ms + (phase.ms ?? to - phase.at_ms));
          picture.append(bar(begin, y, Math.max(2, end - begin), 22, phase.phase));
          if (phase.ms !== undefined && end - begin > 54) picture.append(svg("text", { x: begin + 5, y: y + 15 }, duration(phase.ms)));
        }
      });
      holder.replaceChildren(picture);
    };
    const legend = el("ul", { class: "legend", "aria-label": "Legend of the phases" });
    for (const name of PHASES) {
      const sign = svg("svg", { width: 26, height: 14, "aria-hidden": "true" });
      sign.append(bar(1, 1, 24, 12, name));
      legend.append(el("li", {}, sign, name));
    }
    box.append(el("h4", {}, "Phases"), holder, legend);
    const value = (server, name) => {
      const phase = server.phases.find((p) => p.phase === name);
      return phase === undefined ? "–" : phase.ms === undefined ? "not finished" : duration(phase.ms);
    };
    const state = (server) => server.decision === undefined ? "none" : server.decision.state === "LEADING" ? "leads" : `${server.decision.state.toLowerCase()} ${server.decision.leader}`;
    box.append(table("", ["Server", ...PHASES, "Decision"], election.servers.map((s) => [s.sid, ...PHASES.map((name) => value(s, name)), state(s)])));
    holder.redraw = draw;
    redraws.push(draw);
    draw();
  };
  const show_rounds = (box, election) => {
    const rows = election.servers.flatMap((s) => s.proposals.map((p, i) => [s.sid, p.round, i === 0 || p.restarted || p.leader === s.sid ? "proposes" : "changes to",
      /^-/.test(p.leader) ? "nobody" : `server ${p.leader}`, `${p.peer_epoch} / ${p.zxid}`, p.because === undefined ? "–" : `#${p.because}`, `#${p.packet} ${clock(p.t)}`]));
    const rounds = el("details", { class: "rounds" }, el("summary", {}, el("h4", {}, "Rounds and proposals")), table("", ["Server", "Round", "What", "For", "Epoch / zxid", "Because of", "Seen"], rows));
    rounds.open = window.innerWidth >= 560;
    box.append(rounds);
  };
  const show_lines = (box, election) => {
    box.append(el("h4", {}, "What happened"));
    const list = el("ol", { class: "lines" });
    const began = Date.parse(election.began.t) ;
    for (const line of election.lines) {
      const ms = Date.parse(line.t.slice(0, 23) + "Z") - Date.parse(election.began.t.slice(0, 23) + "Z");
      list.append(el("li", {}, el("span", { class: "t" }, `+${duration(Math.max(0, ms))}`), el("span", { class: line.step }, line.text)));
    }
    box.append(list);
  };
  const redraws = [];
  const diagrams = [];

  const show_elections = () => {
    const box = document.getElementById("elections-list");
    if (data.elections.length === 0) box.append(el("p", {}, "None: no server looked for a leader in this capture."));
    if (data.left_out.text) box.append(el("p", { class: "left-out" }, `Not shown: ${data.left_out.text}.`));
    data.elections.forEach((election, place) => {
      const detail = el("details", { class: "election", id: `election-${election.number}` });
      detail.append(el("summary", {}, el("h3", {}, `${election.number}. ${election.headline}`), el("span", { class: "faint" }, ` ${clock(election.began.t)}`)));
      const body = el("div", { class: "body" });
      detail.append(body);
      detail.fill = () => {
        if (body.childNodes.length > 0) return;
        show_phases(body, election);
        show_lines(body, election);
        show_rounds(body, election);
        const begin = place === 0 ? 0 : data.elections[place - 1].span[1] + 1;
        const last = place === data.elections.length - 1 ? data.records.length - 1 : election.span[1];
        diagrams.push(new Diagram(body, election, begin, last, detail));
      };
      detail.addEventListener("toggle", () => { if (detail.open) detail.fill(); });
      box.append(detail);
      if (place === 0) { detail.open = true; detail.fill(); }
    });
    if (data.elections.length === 0 && data.records.length > 0) {
      const detail = el("details", { class: "election", open: "" }, el("summary", {}, el("h3", {}, "All messages")));
      const body = el("div", { class: "body" });
      detail.append(body);
      box.append(detail);
      diagrams.push(new Diagram(body, { number: 0 }, 0, data.records.length - 1, detail));
    }
  };

  // ---- the sequence diagram: only the rows in sight are in the page
  class Diagram {
    constructor(body, election, begin, last, detail) {
      this.election = election; this.begin = begin; this.last = last; this.detail = detail;
      this.broadcast = false; this.selected = 0; this.id = `diagram-${election.number}`;
      const lanes = new Map();
      for (let i = begin; i <= last; ++i) {
        for (const side of [0, 1]) {
          const end = who(data.records[i][2], side);
          const key = end.sid === null ? "?" : end.sid;
          if (!lanes.has(key)) lanes.set(key, key);
        }
      }
      this.lanes = [...lanes.keys()].sort((a, b) => (a === "?") - (b === "?") || a.length - b.length || (a < b ? -1 : 1));
      body.append(el("h4", { id: `${this.id}-title` }, "Messages"), this.tools());
      this.scroll = el("div", { class: "diagram", tabindex: "0", role: "listbox", id: this.id, "aria-labelledby": `${this.id}-title`, "aria-describedby": `${this.id}-help` });
      this.head = el("div", { class: "head", "aria-hidden": "true" });
      this.rows = el("div", { class: "rows", role: "presentation" });
      this.scroll.append(this.head, this.rows);
      this.info = el("div", { class: "detail", "aria-live": "polite" });
      body.append(el("p", { class: "faint more", id: `${this.id}-help` }, "Arrow keys, Page Up, Page Down, Home and End move through the messages."), this.scroll, this.info);
      this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
      this.scroll.addEventListener("keydown", (event) => this.key(event));
      redraws.push(() => this.layout());
      this.filter();
    }
    tools() {
      const box = el("div", { class: "tools" });
      const input = el("input", { type: "checkbox" });
      input.addEventListener("change", () => { this.broadcast = input.checked; this.filter(); });
      const hidden = data.records.slice(this.begin, this.last + 1).filter(is_broadcast).length;
      if (hidden > 0) box.append(el("label", {}, input, `with ${hidden} messages of the serving ensemble (PING, PROPOSAL ...)`));
      const legend = el("ul", { class: "legend", "aria-label": "Legend of the votes" });
      const named = new Set();
      for (let i = this.begin; i <= this.last; ++i) if (data.records[i].length > 6) named.add(data.records[i][6]);
      for (const leader of candidates.filter((c) => named.has(c))) {
        const { colour, dash } = style_of(leader);
        const sign = svg("svg", { width: 34, height: 10, "aria-hidden": "true" });
        sign.append(svg("line", { x1: 1, x2: 33, y1: 5, y2: 5, stroke: colour, "stroke-width": 2.4, "stroke-dasharray": dash }));
        legend.append(el("li", {}, sign, leader === "nobody" ? "no vote" : `server ${leader}`));
      }
      box.append(legend);
      return box;
    }
    filter() {
      const kept = this.shown?.[this.selected];
      this.shown = [];
      for (let i = this.begin; i <= this.last; ++i) if (this.broadcast || !is_broadcast(data.records[i])) this.shown.push(i);
      this.selected = Math.max(0, this.shown.findIndex((i) => i >= (kept ?? 0)));
      this.layout();
      this.tell();
    }
    layout() {
      const width = printing ? PAPER : Math.max(260, this.scroll.clientWidth || 900);
      const gaps = Math.max(1, this.lanes.length - 1);
      const step = Math.max(NARROW ? 78 : 92, (width - LEFT - 60) / gaps);
      this.width = Math.floor(Math.max(width, LEFT + 60 + step * gaps));
      this.x = (key) => LEFT + 28 + this.lanes.indexOf(key) * (this.width - LEFT - 60) / gaps;
      const head = svg("svg", { width: this.width, height: 30 });
      for (const lane of this.lanes) {
        const name = lane === "?" ? "others" : lane.length > 6 ? `${lane.slice(0, 4)}…` : `server ${lane}`;
        head.append(svg("text", { x: this.x(lane), y: 20, "text-anchor": "middle", style: "font-weight:700" }, name));
      }
      this.head.replaceChildren(head);
      this.rows.style.height = `${this.shown.length * ROW}px`;
      this.rows.style.width = `${this.width}px`;
      this.draw(true);
    }
    draw(force, all) {
      const above = Math.max(0, Math.floor(this.scroll.scrollTop / ROW) - 6);
      const from = all ? 0 : above;
      const to = all ? Math.min(this.shown.length, PRINTED) : Math.min(this.shown.length, from + Math.ceil((this.scroll.clientHeight || 700) / ROW) + 14);
      if (!force && this.drawn && this.drawn[0] === from && this.drawn[1] === to) return;
      this.drawn = [from, to];
      const picture = svg("svg", { width: this.width, height: Math.max(1, (to - from) * ROW), role: "presentation" });
      picture.style.top = `${from * ROW}px`;
      for (const lane of this.lanes) picture.append(svg("line", { class: "lane", x1: this.x(lane), x2: this.x(lane), y1: 0, y2: (to - from) * ROW }));
      for (let i = from; i < to; ++i) picture.append(this.row(i, (i - from) * ROW));
      this.rows.replaceChildren(picture);
      this.mark();
    }
    row(place, y) {
      const m = data.records[this.shown[place]];
      const classes = ["row", m[4] === KIND.leading ? "lead" : m[4] === KIND.following ? "follow" : m[4] >= KIND.gap ? "bad" : ""].join(" ").trim();
      const group = svg("g", { class: classes, role: "option", id: `${this.id}-${place}`, "aria-posinset": place + 1, "aria-setsize": this.shown.length, "aria-selected": "false", "aria-label": `#${m[0]} ${sentence(m)}`, transform: `translate(0 ${y})` });
      group.append(svg("rect", { class: "hit", x: 0, y: 0, width: this.width, height: ROW }));
      const since = m[1] - data.records[this.shown[0]][1];
      group.append(svg("text", { class: "faint", x: LEFT - 8, y: 14, "text-anchor": "end" }, `+${duration(since / 1000)}`));
      group.append(svg("text", { class: "faint", x: LEFT - 8, y: 28, "text-anchor": "end", style: "font-size:10.5px" }, `#${m[0]}`));
      const source = who(m[2], m[3]), target = who(m[2], 1 - m[3]);
      const a = this.x(source.sid ?? "?"), b = this.x(target.sid ?? "?");
      const vote = m.length > 6 ? style_of(m[6]) : null;
      const colour = vote ? vote.colour : m[4] >= KIND.gap ? "var(--bad)" : "var(--faint)";
      const dash = vote ? vote.dash : m[4] === KIND.greeting ? "1 4" : "";
      if (a === b) {
        group.append(svg("path", { d: `M${a} 18h22v8h-20`, style: `stroke:${colour}` }));
      } else {
        const way = b > a ? 1 : -1;
        group.append(svg("line", { x1: a + way * 3, x2: b - way * 8, y1: 24, y2: 24, "stroke-dasharray": dash, style: `stroke:${colour}` }));
        group.append(m[4] === KIND.packet
          ? svg("path", { class: "tip", d: `M${b - way * 9} 19.5v9h${way * 6}v-9z`, style: `fill:${colour}` })
          : svg("path", { class: "tip", d: `M${b - way * 1} 24l${-way * 9} -5v10z`, style: `fill:${colour}` }));
      }
      const label = svg("text", { x: (a + b) / 2, y: 15, "text-anchor": "middle" }, short(m));
      const half = short(m).length * 3.4;
      label.setAttribute("x", Math.min(this.width - half - 4, Math.max(LEFT + half, (a + b) / 2)));
      group.append(label);
      group.addEventListener("click", () => { this.select(place); this.scroll.focus({ preventScroll: true }); });
      return group;
    }
    mark() {
      for (const row of this.rows.querySelectorAll(".row")) {
        const on = row.id === `${this.id}-${this.selected}`;
        row.classList.toggle("on", on);
        row.setAttribute("aria-selected", on ? "true" : "false");
      }
      if (this.shown.length > 0) this.scroll.setAttribute("aria-activedescendant", `${this.id}-${this.selected}`);
    }
    tell() {
      if (this.shown.length === 0) { this.info.textContent = "No messages."; return; }
      const m = data.records[this.shown[this.selected]];
      this.info.replaceChildren(
        el("div", {}, el("strong", {}, sentence(m))),
        el("div", { class: "faint" }, `Message ${this.selected + 1} of ${this.shown.length} · packet #${m[0]} · ${at(m[1])} UTC · stream ${m[2]} · ${who(m[2], m[3]).address} → ${who(m[2], 1 - m[3]).address}`));
    }
    select(place) {
      this.selected = Math.min(this.shown.length - 1, Math.max(0, place));
      const top = this.selected * ROW, height = this.scroll.clientHeight - 34;
      if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
      if (top + ROW > this.scroll.scrollTop + height) this.scroll.scrollTop = top + ROW - height;
      this.draw(true);
      this.tell();
    }
    key(event) {
      const page = Math.max(1, Math.floor((this.scroll.clientHeight - 34) / ROW) - 1);
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
      const to = event.key === "Home" ? 0 : event.key === "End" ? this.shown.length - 1 : event.key in moves ? this.selected + moves[event.key] : null;
      if (to === null || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.select(to);
    }
    // The message of that packet, or the last one before it.
    find(packet) {
      let found = 0;
      for (let i = 0; i < this.shown.length && data.records[this.shown[i]][0] <= packet; ++i) found = i;
      return found;
    }
  }

  const go_to = (packet) => {
    let place = 0;
    data.elections.forEach((election, i) => {
      const begin = i === 0 ? 0 : data.elections[i - 1].span[1] + 1;
      if (data.records[begin] && data.records[begin][0] <= packet) place = i;
    });
    const detail = document.querySelectorAll(".election")[place];
    if (!detail) return;
    detail.open = true;
    detail.fill?.();
    const diagram = diagrams.find((d) => d.detail === detail);
    if (!diagram) return;
    const record = data.records.find((m) => m[0] === packet);
    if (record && is_broadcast(record) && !diagram.broadcast) {
      const input = diagram.detail.querySelector(".tools input");
      if (input) { input.checked = true; diagram.broadcast = true; diagram.filter(); }
    }
    diagram.layout();
    diagram.select(diagram.find(packet));
    diagram.scroll.scrollIntoView({ block: "center" });
    diagram.scroll.focus({ preventScroll: true });
  };

  // ---- print: everything is opened, and the diagrams show more than what is in sight
  window.addEventListener("beforeprint", () => {
    printing = true;
    for (const detail of [...document.querySelectorAll("details")].slice(0, 60)) { detail.open = true; detail.fill?.(); }
    for (const redraw of redraws) redraw();
    for (const diagram of diagrams) {
      diagram.draw(true, true);
      diagram.rows.style.height = `${Math.min(diagram.shown.length, PRINTED) * ROW}px`;
      if (diagram.shown.length > PRINTED) diagram.info.textContent = `The first ${PRINTED} of ${diagram.shown.length} messages.`;
    }
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    for (const redraw of redraws) redraw();
  });
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    for (const redraw of redraws) redraw();
  });

  document.getElementById("summary").textContent = `${data.summary}. From ${data.first.replace("T", " ").replace("Z", "")} to ${clock(data.last)} UTC.`;
  patterns();
  show_findings();
  show_elections();
  show_servers();
  show_connections();
  document.body.dataset.ready = String(Math.round(performance.now()));
})();
