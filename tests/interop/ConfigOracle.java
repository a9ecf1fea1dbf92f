// Reads configurations with the real QuorumPeerConfig of the release on the class path and prints
// what it makes of each, one line a file:
//
//   ORACLE <tab> path <tab> accept <tab> key=value;key=value...
//   ORACLE <tab> path <tab> reject <tab> why
//
// java -cp JARS ConfigOracle.java FILE...
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

public class ConfigOracle {
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      forgetThePreviousFile();
      String line;
      try {
        QuorumPeerConfig config = new QuorumPeerConfig();
        config.parse(file);
        line = "accept\t" + summary(config);
      } catch (Throwable refused) {
        Throwable cause = refused.getCause() == null ? refused : refused.getCause();
        line = "reject\t" + (refused.getMessage() + ": " + cause).replaceAll("\\s+", " ");
      }
      System.out.println("ORACLE\t" + file + "\t" + line);
    }
  }

  // Two switches are static, and keys that nobody knows become system properties.
  private static void forgetThePreviousFile() throws Exception {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("zookeeper.")) System.clearProperty(name);
    }
    call("setStandaloneEnabled", true);
    call("setReconfigEnabled", false);
  }

  private static void call(String setter, boolean value) throws Exception {
    for (Method method : QuorumPeerConfig.class.getMethods()) {
      if (method.getName().equals(setter)) method.invoke(null, value);
    }
  }

  private static Object get(Object of, String getter) throws Exception {
    try {
      Method method = of.getClass().getMethod(getter);
      method.setAccessible(true);
      return method.invoke(of);
    } catch (NoSuchMethodException missing) {
      return null;
    }
  }

  private static String summary(QuorumPeerConfig config) throws Exception {
    Map<String, Object> out = new TreeMap<>();
    out.put("tick_ms", get(config, "getTickTime"));
    out.put("init_limit", get(config, "getInitLimit"));
    out.put("sync_limit", get(config, "getSyncLimit"));
    out.put("election_alg", get(config, "getElectionAlg"));
    out.put("min_session_timeout_ms", get(config, "getMinSessionTimeout"));
    out.put("max_session_timeout_ms", get(config, "getMaxSessionTimeout"));
    Object listenOnAll = get(config, "getQuorumListenOnAllIPs");  // 3.4.6 and later
    out.put("listen_on_all_ips", listenOnAll == null ? false : listenOnAll);
    out.put("client", text((InetSocketAddress) get(config, "getClientPortAddress")));
    boolean distributed = (Boolean) get(config, "isDistributed");
    out.put("distributed", distributed);
    if (distributed) {
      out.put("self", get(config, "getServerId"));
      out.put("learner_type", get(config, "getPeerType").toString().toLowerCase());
    }
    Object seen = get(config, "getLastSeenQuorumVerifier");
    if (seen != null) out.put("last_seen", lines(seen.toString()));
    Object verifier = get(config, "getQuorumVerifier");
    boolean hasText = verifier != null && verifier.getClass().getMethod("toString")
        .getDeclaringClass() != Object.class;
    if (hasText) {
      out.put("members", lines(verifier.toString()));
    } else if (distributed) {
      out.put("members", oldServers((Map<?, ?>) get(config, "getServers")));
    }
    StringBuilder joined = new StringBuilder();
    for (Map.Entry<String, Object> entry : out.entrySet()) {
      joined.append(joined.length() == 0 ? "" : ";").append(entry.getKey()).append('=')
          .append(entry.getValue());
    }
    return joined.toString();
  }

  private static String text(InetSocketAddress address) {
    return address == null ? "none" : address.getHostString() + ":" + address.getPort();
  }

  // The lines of a configuration text, sorted: the order of a hash map means nothing.
  private static String lines(String text) {
    String[] lines = text.replace(';', ',').split("\n");
    Arrays.sort(lines);
    return String.join("|", lines);
  }

  // 3.4 has no such text: the same lines, made of its fields.
  private static String oldServers(Map<?, ?> servers) throws Exception {
    StringBuilder text = new StringBuilder();
    for (Object server : servers.values()) {
      InetSocketAddress quorum = (InetSocketAddress) field(server, "addr");
      InetSocketAddress election = (InetSocketAddress) field(server, "electionAddr");
      text.append("server.").append(field(server, "id")).append('=').append(quorum.getPort())
          .append(':').append(election == null ? 0 : election.getPort()).append(':')
          .append("OBSERVER".equals(String.valueOf(field(server, "type"))) ? "observer"
              : "participant").append('\n');
    }
    return lines(text.toString());
  }

  private static Object field(Object of, String name) throws Exception {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
