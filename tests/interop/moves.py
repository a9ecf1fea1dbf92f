"""Random but seeded scenarios of legal moves: what members 2 and 3, and a stranger who asks, may do to
server 1, which is alone and looks for a leader."""
import random

MOVES = 6
# Whoever follows 2 or 3 is let in there, and waits: its state lasts until the end.
HEAD = """\
# Seed {seed}.
title seed {seed}
class destructive
begins alone
needs candidacy following
l2 listen learner of=2
l3 listen learner of=3
server expect answer state=LOOKING round=1 within=30s
"""


def greets(draw, release):
    """A greeting in a form that this release takes."""
    return draw.choice(("bare", "v1", "v1") if release < (3, 6) else ("bare", "v1", "v2"))


def vote(draw, member, peer):
    """A vote of a small space, so that quorums come about often."""
    state = draw.choice(("LOOKING",) * 6 + ("FOLLOWING", "LEADING", "LEADING", "OBSERVING"))
    leader = member if state == "LEADING" else draw.choice(
        [sid for sid in (1, 2, 3) if state == "LOOKING" or sid != member])
    # 28 bytes are the form of 3.3, without an epoch of its own.
    form = draw.choice((" form=28",) + ("",) * 9)
    return (f"{peer} vote {state} leader={leader} zxid={draw.choice((0, 0, 5, '0x100000001'))} "
            f"round={draw.choice((1, 1, 1, 1, 2, 3))} epoch={draw.choice((0, 0, 1))}{form}")


def scenario(seed, release, pause_ms):
    """The text of one. `pause_ms` follows each move: a decision comes 200 ms after its quorum."""
    draw = random.Random(seed)
    pause = f"l2 pause {pause_ms}ms"
    asked = "server expect answer within=10s"
    lines = []
    peers = {}  # of each member, the one whose link is the newest

    def dial(member):
        count = sum(line.startswith(f"m{member}") and line.endswith(" dial") for line in lines)
        peers[member] = f"m{member}" + (f".{count}" if count else "")
        lines.extend([f"{peers[member]} dial",
                      f"{peers[member]} greet {greets(draw, release)} id={member}"])

    for member in (2, 3):
        dial(member)
    lines += [pause, asked]
    for _ in range(draw.randint(2, MOVES)):
        member = draw.choice((2, 3))
        move = draw.choice(("vote",) * 10 + ("again", "replaced", "asked"))
        if move == "vote":
            lines.append(vote(draw, member, peers[member]))
        elif move == "asked":
            lines.extend(["s dial", "s greet bare id=stranger", "s vote"])
        else:
            if move == "again":
                lines.extend([f"{peers[member]} close", pause])
            dial(member)
        lines += [pause, asked]
    return HEAD.format(seed=seed) + "\n".join(lines) + "\n"
