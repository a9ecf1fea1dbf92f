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
    """What each stage of zktraffic took beside `decode --summary`, in seconds of CPU.

    decode --summary begins with a file, and so does from_file, the shortest way of Python from the same
    file to zktraffic's messages: 30 to 36 us a payload, about the figure that the target came
    with (5.9 s for 159,000). from_payload alone costs a tenth of that: it is handed payloads that
    somebody else cut out of packets, and addresses as text. tcpdump, which only copies packets, is 12
    times faster than it, so that 30 is out of reach; it is judged on a line of its own all the same.
    Beside ours without the reading of packets it stands as zktraffic_to_payloads_alone."""
    payloads = theirs["from_payload"]["payloads"]
    spent = {"from_payload": theirs["from_payload"]["cpu_seconds"]}
    if "handle_packet" in theirs:
        spent["from_file"] = theirs["from_file"]["cpu_seconds"]
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
    holds = {f"zktraffic's {stage} 30 x summary": spent[stage] >= 30 * summary
             for stage in ("from_file", "from_payload") if stage in spent}
    if "handle_packet" not in spent:
        result["zktraffic_from_file"] = f"not measured: {theirs['sniffer']}"
        holds["zktraffic's from_file 30 x summary"] = False
    return result, holds


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
    holds = {"summary 2 x tcpdump": summary <= 2 * floor,
             "json 6 x tcpdump": seconds["json"] <= 6 * floor,
             "tshark 30 x summary": tshark >= 30 * summary,
             "64 MiB": max(memory["summary"], memory["json"]) < 64 * 1024}
    if options.zktraffic:
        theirs = zktraffic(options.zktraffic, capture, "--sniffer")
        stages, judged = zktraffic_stages(theirs, work["summary"])
        result.update(stages)
        result.update(decoders_alone(zkprobe, capture, options,
                                     theirs["from_payload"]["cpu_seconds"]))
        holds.update(judged)
    else:
        result["zktraffic"] = "not measured: --zktraffic names no checkout"
    result["targets"] = {target: "holds" if met else "MISSED" for target, met in holds.items()}
    result["holds"] = all(holds.values())
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
