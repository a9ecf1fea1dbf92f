#include "peer/config_keys.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace zkprobe::peer {
namespace {

constexpr Release k340{3, 4, 0};
constexpr Release k346{3, 4, 6};
constexpr Release k3410{3, 4, 10};
constexpr Release k350{3, 5, 0};
constexpr Release k351{3, 5, 1};
constexpr Release k353{3, 5, 3};
constexpr Release k354{3, 5, 4};
constexpr Release k355{3, 5, 5};
constexpr Release k3510{3, 5, 10};
constexpr Release k360{3, 6, 0};
constexpr Release k380{3, 8, 0};

constexpr ConfigKey kKeys[] = {
    {"tickTime", KeyType::kInt},
    {"initLimit", KeyType::kInt},
    {"syncLimit", KeyType::kInt},
    {"dataDir", KeyType::kText},
    {"dataLogDir", KeyType::kText},
    {"clientPort", KeyType::kInt},
    {"clientPortAddress", KeyType::kText},
    {"maxClientCnxns", KeyType::kInt},
    {"minSessionTimeout", KeyType::kInt},
    {"maxSessionTimeout", KeyType::kInt},
    {"electionAlg", KeyType::kInt},
    {"peerType", KeyType::kPeerType},
    {"autopurge.snapRetainCount", KeyType::kInt, k340},
    {"autopurge.purgeInterval", KeyType::kInt, k340},
    {"syncEnabled", KeyType::kBool, k346},
    {"quorumListenOnAllIPs", KeyType::kBool, k346},
    {"quorum.auth.enableSasl", KeyType::kBool, k3410, k354},
    {"quorum.auth.serverRequireSasl", KeyType::kBool, k3410, k354},
    {"quorum.auth.learnerRequireSasl", KeyType::kBool, k3410, k354},
    {"quorum.auth.learner.saslLoginContext", KeyType::kText, k3410, k354},
    {"quorum.auth.server.saslLoginContext", KeyType::kText, k3410, k354},
    {"quorum.auth.kerberos.servicePrincipal", KeyType::kText, k3410, k354},
    {"quorum.cnxn.threads.size", KeyType::kInt, k3410, k354},
    {"dynamicConfigFile", KeyType::kText, k350},
    {"standaloneEnabled", KeyType::kBool, k350},
    {"localSessionsEnabled", KeyType::kBool, k350},
    {"localSessionsUpgradingEnabled", KeyType::kBool, k350},
    {"secureClientPort", KeyType::kInt, k351},
    {"secureClientPortAddress", KeyType::kText, k351},
    {"reconfigEnabled", KeyType::kBool, k353},
    {"sslQuorum", KeyType::kBool, k355},
    {"portUnification", KeyType::kBool, k355},
    {"sslQuorumReloadCertFiles", KeyType::kBool, k355},
    {"jvm.pause.monitor", KeyType::kBool, k3510},
    {"jvm.pause.sleep.time.ms", KeyType::kLong, k3510},
    {"jvm.pause.warn-threshold.ms", KeyType::kLong, k3510},
    {"jvm.pause.info-threshold.ms", KeyType::kLong, k3510},
    {"observerMasterPort", KeyType::kInt, k360},
    {"clientPortListenBacklog", KeyType::kInt, k360},
    {"connectToLearnerMasterLimit", KeyType::kInt, k360},
    {"metricsProvider.className", KeyType::kText, k360},
    {"multiAddress.enabled", KeyType::kBool, k360},
    {"multiAddress.reachabilityCheckEnabled", KeyType::kBool, k360},
    {"multiAddress.reachabilityCheckTimeoutMs", KeyType::kInt, k360},
    {"oraclePath", KeyType::kText, k380},
};

// Without a field of their own in QuorumPeerConfig: read as the system property zookeeper.<name>.
constexpr std::string_view kPropertyNames[] = {
    "cnxTimeout",
    "tcpKeepAlive",
    "electionPortBindRetry",
    "quorumCnxnTimeoutMs",
    "fastleader.minNotificationInterval",
    "fastleader.maxNotificationInterval",
    "observer.election.DelayMs",
    "observer.reconnectDelayMs",
    "observer.syncEnabled",
    "observerMaster.sizeLimit",
    "leaderServes",
    "leaderConnectDelayDuringRetryMs",
    "leader.maxTimeToWaitForEpoch",
    "leader.ackLoggingFrequency",
    "leader.closeSocketAsync",
    "leader.maxConcurrentSnapSyncs",
    "leader.maxConcurrentDiffSyncs",
    "leader.maxConcurrentSnapshots",
    "leader.maxConcurrentSnapshotTimeout",
    "learner.asyncSending",
    "learner.closeSocketAsync",
    "follower.skipLearnerRequestToNextProcessor",
    "db.autocreate",
    "datadir.autocreate",
    "digest.enabled",
    "serializeLastProcessedZxid.enabled",
    "snapshot.trust.empty",
    "snapshot.compression.method",
    "snapCount",
    "snapSizeLimitInKb",
    "snapshotSizeFactor",
    "txnLogSizeLimitInKb",
    "commitLogCount",
    "preAllocSize",
    "forceSync",
    "forceSnapshotSync",
    "fsync.warningthresholdms",
    "globalOutstandingLimit",
    "maxCnxns",
    "skipACL",
    "superUser",
    "enforceQuota",
    "enforce.auth.enabled",
    "enforce.auth.schemes",
    "extendedTypesEnabled",
    "emulate353TTLNodes",
    "closeSessionTxn.enabled",
    "4lw.commands.whitelist",
    "admin.enableServer",
    "admin.serverAddress",
    "admin.serverPort",
    "admin.idleTimeout",
    "admin.commandURL",
    "admin.forceHttps",
    "admin.httpVersion",
    "admin.needClientAuth",
    "admin.portUnification",
    "admin.rateLimiterIntervalInMS",
    "admin.snapshot.enabled",
    "admin.restore.enabled",
    "serverCnxnFactory",
    "client.portUnification",
    "client.certReload",
    "clientTcpKeepAlive",
    "nio.numSelectorThreads",
    "nio.numWorkerThreads",
    "nio.sessionlessCnxnTimeout",
    "nio.directBufferBytes",
    "nio.shutdownTimeout",
    "netty.advancedFlowControl.enabled",
    "netty.server.outstandingHandshake.limit",
    "netty.server.earlyDropSecureConnectionHandshakes",
    "commitProcessor.numWorkerThreads",
    "commitProcessor.maxReadBatchSize",
    "commitProcessor.maxCommitBatchSize",
    "commitProcessor.shutdownTimeout",
    "flushDelay",
    "maxWriteQueuePollTime",
    "maxBatchSize",
    "largeRequestMaxBytes",
    "largeRequestThreshold",
    "maxResponseCacheSize",
    "maxGetChildrenResponseCacheSize",
    "watchManagerName",
    "watcherCleanThreadsNum",
    "watcherCleanThreshold",
    "watcherCleanIntervalInSeconds",
    "maxInProcessingDeadWatchers",
    "bitHashCacheSize",
    "request_throttle_max_requests",
    "request_throttle_stall_time",
    "request_throttle_drop_stale",
    "request_stale_latency_check",
    "request_stale_connection_check",
    "request_throttler.shutdownTimeout",
    "throttled_op_wait_time",
    "connection_throttle_tokens",
    "connection_throttle_fill_time",
    "connection_throttle_fill_count",
    "connection_throttle_freeze_time",
    "connection_throttle_drop_increase",
    "connection_throttle_drop_decrease",
    "connection_throttle_decrease_ratio",
    "connection_throttle_weight_enabled",
    "connection_throttle_global_session_weight",
    "connection_throttle_local_session_weight",
    "connection_throttle_renew_session_weight",
    "audit.enable",
    "audit.impl.class",
    "fips-mode",
    "kerberos.canonicalizeHostNames",
    "kerberos.minReLoginTimeMs",
    "kerberos.removeHostFromPrincipal",
    "kerberos.removeRealmFromPrincipal",
    "allowSaslFailedClients",
    "sessionRequireClientSASLAuth",
    "letAnySaslUserDoX",
    "requireKerberosConfig",
    "sasl.serverconfig",
    "sasl.client",
    "sasl.clientconfig",
    "superPassword",
    "security.auth_to_local",
    "ensembleAuthName",
    "messageTracker.Enabled",
    "messageTracker.BufferSize",
    "pathStats.enabled",
    "pathStats.delay",
    "pathStats.initialDelay",
    "pathStats.maxDepth",
    "pathStats.sampleRate",
    "pathStats.slotCapacity",
    "pathStats.slotDuration",
    "pathStats.topPathMax",
    "intBufferStartingSizeBytes",
    "DigestAuthenticationProvider.digestAlg",
    "DigestAuthenticationProvider.enabled",
    "DigestAuthenticationProvider.superDigest",
    "IPAuthenticationProvider.usexforwardedfor",
    "SASLAuthenticationProvider.superPassword",
    "X509AuthenticationProvider.superUser",
    "enableEagerACLCheck",
    "jmx.log4j.disable",
    "jmx.log4j.mbean",
    "ipReachableTimeout",
};

// Whole families of names.
constexpr std::string_view kPrefixes[] = {"ssl.", "metricsProvider.", "authProvider."};

}  // namespace

bool ConfigKey::read_by(Release release) const {
  if (release < since) return false;
  return !since_in_35 || release < k350 || release >= *since_in_35;
}

const ConfigKey* find_key(std::string_view name, Release release) {
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                  [name](const ConfigKey& key) { return key.name == name; });
  return found != std::end(kKeys) && found->read_by(release) ? found : nullptr;
}

bool is_member_key(std::string_view name) {
  return name.starts_with("server.") || name.starts_with("group") || name.starts_with("weight") ||
         name == "version";
}

bool is_known_anywhere(std::string_view name) {
  const auto is_name = [name](const auto& key) { return key == name; };
  return is_member_key(name) || find_key(name, kNewestRelease) != nullptr ||
         std::any_of(std::begin(kPropertyNames), std::end(kPropertyNames), is_name) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string_view nearest_known_key(std::string_view name) {
  std::string_view nearest;
  std::size_t best = static_cast<std::size_t>(-1);
  const auto consider = [&](std::string_view known) {
    const std::size_t distance = edit_distance(name, known);
    if (distance < best) {
      best = distance;
      nearest = known;
    }
  };
  for (const ConfigKey& key : kKeys) consider(key.name);
  for (const std::string_view known : kPropertyNames) consider(known);
  return nearest;
}

}  // namespace zkprobe::peer
