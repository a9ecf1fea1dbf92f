"""decode against tcpdump, tshark and zktraffic on one large capture; see bench_captures."""
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from . import grow

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "fixtures" / "pcap"
PACKETS = 1_000_000
TYPES = ["", "REQUEST", "PROPOSAL", "ACK", "COMMIT", "PING", "REVALIDATE", "SYNC", "INFORM",
         "COMMITANDACTIVATE", "NEWLEADER", "FOLLOWERINFO", "UPTODATE", "DIFF", "TRUNC", "SNAP",
         "OBSERVERINFO", "LEADERINFO", "ACKEPOCH", "INFORMANDACTIVATE"]
STATES = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"]


def run(command):
    """(seconds from start to exit, peak resident KiB, seconds of CPU); what it prints goes to
    /dev/null."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return seconds, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def in_turn(commands, runs):
    """Medians of commands that run one after the other, again and again, so that a busy moment of
    the machine meets all of them; the peak memory of each; and the medians in seconds of CPU."""
    times, memory = collections.defaultdict(list), collections.defaultdict(int)
    work = collections.defaultdict(list)
    for _ in range(runs):
        for name, command in commands.items():
            seconds, kib, cpu = run(command)
            times[name].append(seconds)
            work[name].append(cpu)
            memory[name] = max(memory[name], kib)
    def medians(of):
        return {name: statistics.median(samples) for name, samples in of.items()}
    return medians(times), memory, medians(work)


def signed(text):
    value = int(text, 16)
    return value - (1 << 64) if value >> 63 else value


def our_fields(zkprobe, capture):
    """By packet: what zktraffic's fields should be, for every message that ends there."""
    output = subprocess.run([zkprobe, "decode", "--json", str(capture)], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    result = collections.defaultdict(list)
    for record in map(json.loads, output.splitlines()):
        fields, kind = record["fields"], record["kind"]
        if kind == "initial":
            result[record["packet"]].append([kind, fields["sid"]])
        elif kind == "notification":
            result[record["packet"]].append(
                [kind, STATES.index(fields["state"]), fields["leader"], signed(fields["zxid"]),
                 signed(fields["election_epoch"])])
        elif kind == "quorum_packet":
            result[record["packet"]].append(
                [kind, TYPES.index(fields["type"]), signed(fields["zxid"])])
    return result


def python_with(*modules):
    """This Python, or the system's where that one has them."""
    code = "import " + ", ".join(modules)
    for python in (sys.executable, "/usr/bin/python3"):
        if pathlib.Path(python).exists() and subprocess.run(
                [python, "-c", code], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return sys.executable


def zktraffic(checkout, capture, *options):
    python = python_with("scapy", "dpkt", "six")
    output = subprocess.run([python, "-B", str(HERE / "zktraffic_run.py"), str(checkout),
                             str(capture), *options], check=True, stdout=subprocess.PIPE,
                            env=dict(os.environ, PYTHONPATH=str(HERE))).stdout
    return json.loads(output)


def shares(zkprobe, checkout):
    """By fixture: how many of its messages (expected.txt) each decoder sees, and sees rightly."""
    result = {}
    for line in (FIXTURES / "expected.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, *counts = line.split()[:4]
        all_messages = sum(map(int, counts))
        ours = our_fields(zkprobe, FIXTURES / name)
        text = f"{sum(map(len, ours.values()))} of {all_messages}"
        if checkout:
            seen = 0
            for number, *fields in zktraffic(checkout, FIXTURES / name,
                                             "--fields")["from_payload"]["fields"]:
                if fields in ours[number]:
                    ours[number].remove(fields)
                    seen += 1
            text += f", zktraffic {seen} ({100 * seen / all_messages:.0f} %)"
        result[name.removesuffix(".pcap")] = text
    return result


def decoders_alone(zkprobe, capture, options, theirs):
    """Decoder against decoder: the same payloads in memory, without the reading of packets, in
    seconds of CPU. Ours puts messages together that span payloads; theirs takes each payload for
    itself."""
    program = pathlib.Path(zkprobe).resolve().parent / "tests" / "capture_decode_bench"
    if not program.exists():
        return {"payloads_alone": f"not measured: no {program} (ninja capture_decode_bench)"}
    payloads = capture + ".payloads"
    subprocess.run([sys.executable, "-B", str(HERE / "zktraffic_run.py"), str(options.zktraffic),
                    capture, "--dump", payloads], check=True)
    runs = [json.loads(subprocess.run([str(program), payloads], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout)
            for _ in range(max(3, options.runs // 2))]
    seconds = statistics.median(run["cpu_seconds"] for run in runs)
    return {"payloads_alone_cpu_s": round(seconds, 4), "payloads": runs[0]["payloads"],
            "payloads_messages": runs[0]["messages"],
            "zktraffic_to_payloads_alone": round(theirs / seconds, 1)}


def zktraffic_stages(theirs, summary):
    """What each stage of zktraffic took beside `decode --summary`, in seconds of CPU, and the ratio that
    counts: that of from_payload, its message decoder alone.

    Which stage is compared with matters: from_payload costs about 3 us, but it is handed payloads
    that somebody else cut out of packets, and addresses as text. decode --summary is handed a file. Its
    counterpart is Sniffer.handle_packet, with every packet of the ports as its sniffers get them: 12 to
    15 us a packet, 24 to 33 us a payload where every second packet has one. Reading the file with scapy
    is left out even so. With str(), which its tools print, it is about 50 us a payload; zk-omni-dump
    --offline, the only one of its tools that reads files, takes 230 to 260 us. (Python 3.11, a busy
    machine of two cores.)"""
    payloads = theirs["from_payload"]["payloads"]
    spent = {"from_payload": theirs["from_payload"]["cpu_seconds"]}
    if "handle_packet" in theirs:
        spent["handle_packet"] = theirs["handle_packet"]["cpu_seconds"]
        spent["handle_packet_of_all"] = (spent["handle_packet"] +
                                         theirs["handle_packet_without_payload"]["cpu_seconds"])
        spent["with_text"] = spent["handle_packet_of_all"] + theirs["text"]["cpu_seconds"]
        spent["omni"] = theirs["omni"]["cpu_seconds"]
    result = {"summary_cpu_s": round(summary, 3)}
    for stage, seconds in spent.items():
        result[f"zktraffic_{stage}"] = {"cpu_s": round(seconds, 2),
                                        "us_per_payload": round(seconds / payloads * 1e6, 1),
                                        "to_summary": round(seconds / summary, 1)}
    if "handle_packet" not in spent:
        result["zktraffic_handle_packet"] = f"not measured: {theirs['sniffer']}"
    return result, spent["from_payload"] / summary


def compare(zkprobe, capture, options):
    commands = {"tcpdump": ["tcpdump", "-r", capture, "-w", "/dev/null"],
                "summary": [zkprobe, "decode", "--summary", capture],
                "json": [zkprobe, "decode", "--json", capture],
                "text": [zkprobe, "decode", capture]}
    run(commands["tcpdump"])  # the file is in memory from now on
    seconds, memory, work = in_turn(commands, max(3, options.runs // 2))
    floor, summary = seconds["tcpdump"], seconds["summary"]
    tshark = run(["tshark", "-q", "-z", "io,stat,0", "-r", capture])[0]
    result = {f"{name}_s": round(value, 3) for name, value in seconds.items()}
    result["tshark_s"] = round(tshark, 2)
    result["summary_to_tcpdump"] = round(summary / floor, 2)
    result["json_to_tcpdump"] = round(seconds["json"] / floor, 2)
    result["tshark_to_summary"] = round(tshark / summary, 1)
    result["summary_peak_KiB"] = memory["summary"]
    result["json_peak_KiB"] = memory["json"]
    holds = [summary <= 2 * floor, seconds["json"] <= 6 * floor, tshark >= 30 * summary,
             max(memory["summary"], memory["json"]) < 64 * 1024]
    target = "summary 2 x and json 6 x tcpdump, tshark 30 x summary, 64 MiB"
    if options.zktraffic:
        theirs = zktraffic(options.zktraffic, capture, "--sniffer")
        stages, ratio = zktraffic_stages(theirs, work["summary"])
        result.update(stages)
        result.update(decoders_alone(zkprobe, capture, options,
                                     theirs["from_payload"]["cpu_seconds"]))
        holds.append(ratio >= 30)
        target += ", zktraffic's from_payload 30 x summary"
    else:
        result["zktraffic"] = "not measured: --zktraffic names no checkout"
    result["target"] = target
    result["holds"] = all(holds)
    return result


def bench_captures(zkprobe, options):
    """decode of a million packets against tcpdump (only reading), tshark and zktraffic."""
    with tempfile.TemporaryDirectory(prefix="zkprobe-bench-") as folder:
        capture = str(pathlib.Path(folder) / "large.pcap")
        packets = grow.grow(capture, PACKETS, sorted(FIXTURES.glob("*.pcap")))
        os.chmod(folder, 0o755)  # tcpdump gives its rights up before it reads
        result = {"packets": packets, "megabytes": round(os.path.getsize(capture) / 1e6, 1)}
        result.update(compare(zkprobe, capture, options))
    result["messages"] = shares(zkprobe, options.zktraffic)
    return result
