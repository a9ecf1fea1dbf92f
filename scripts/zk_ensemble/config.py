"""What a server reads: zoo.cfg, myid, the logger's configuration."""

import os

LOG4J = """\
log4j.rootLogger=INFO, CONSOLE
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} [sid:SID] - %-5p [%t:%C{1}@%L] - %m%n
"""

LOGBACK = """\
<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} [sid:SID] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="CONSOLE"/></root>
</configuration>
"""

DEFAULTS = {
    "tickTime": "1000",
    "initLimit": "10",
    "syncLimit": "5",
    "4lw.commands.whitelist": "*",
    "admin.enableServer": "false",
}


def server_line(server, style):
    """One server.N line. `style` is "plain" or, for reconfiguration, "client":
    the form that also names the client address, known to 3.5 and later."""
    pairs = zip(server["quorum_all"], server["election_all"])
    where = "|".join(f"{quorum}:{election.rpartition(':')[2]}" for quorum, election in pairs)
    if style == "client":
        kind = "observer" if server["observer"] else "participant"
        return f"server.{server['sid']}={where}:{kind};{server['client']}"
    return f"server.{server['sid']}={where}" + (":observer" if server["observer"] else "")


def group_lines(voters):
    """Three groups of voters, as even as can be; one voter each if there are few.

    With 9 voters: 1:2:3, 4:5:6, 7:8:9. Every voter weighs 1.
    """
    count = min(3, len(voters))
    size, extra = divmod(len(voters), count)
    lines, first = [], 0
    for group in range(count):
        last = first + size + (1 if group < extra else 0)
        lines.append(f"group.{group + 1}=" + ":".join(str(sid) for sid in voters[first:last]))
        first = last
    return lines + [f"weight.{sid}=1" for sid in voters]


def zoo_cfg(server, servers, options):
    """The text of one server's zoo.cfg."""
    keys = dict(DEFAULTS, dataDir=server["data"])
    style = "client" if options["reconfig"] else "plain"
    if style == "client":
        keys["reconfigEnabled"] = "true"
    else:
        host, _, port = server["client"].rpartition(":")
        keys["clientPort"] = port
        keys["clientPortAddress"] = host.strip("[]")
    if len(servers) == 1:
        keys["standaloneEnabled"] = "false"
    if options["multi_address"]:
        keys["multiAddress.enabled"] = "true"
    if server["observer"]:
        keys["peerType"] = "observer"
    keys.update(options["set"])
    lines = [f"{key}={value}" for key, value in keys.items()]
    lines += [server_line(each, style) for each in servers]
    if options["hierarchical"]:
        lines += group_lines([each["sid"] for each in servers if not each["observer"]])
    return "\n".join(lines) + "\n"


def set_keys(path, settings):
    """Gives keys of a zoo.cfg new values: [(key, value)]; "" takes the line away."""
    with open(path, encoding="utf-8") as handle:
        lines = handle.read().splitlines()
    for key, value in settings:
        lines = [line for line in lines if line.partition("=")[0] != key]
        if value:
            lines.insert(0, f"{key}={value}")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("\n".join(lines) + "\n")


def write_files(server, servers, options):
    """Writes the folder of one server: data/myid, zoo.cfg and both loggers' files."""
    home = os.path.dirname(server["config"])
    os.makedirs(server["data"])
    sid = str(server["sid"])
    for path, text in (
        (os.path.join(server["data"], "myid"), sid + "\n"),
        (server["config"], zoo_cfg(server, servers, options)),
        (os.path.join(home, "log4j.properties"), LOG4J.replace("SID", sid)),
        (os.path.join(home, "logback.xml"), LOGBACK.replace("SID", sid)),
    ):
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
