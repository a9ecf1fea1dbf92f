// Drives src/store on a real directory for tests/interop/store_test.py, one JSON object a line.
//
//   store_tool read DIR                     what a server would load, with the tree
//   store_tool create DIR RELEASE           a new store: snapshot.0 and both epochs
//   store_tool append DIR RELEASE COUNT     creates /zkprobe-<zxid>, each with its digest
//   store_tool snapshot DIR RELEASE         a snapshot of the tree as it is
//   store_tool truncate DIR ZXID            as after TRUNC
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>

#include "replica/tree_loader.hpp"
#include "store/disk_storage.hpp"
#include "store/posix_file_system.hpp"

namespace {

using namespace zkprobe;
using store::DiskStorage;

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "store_tool: %s\n", text.c_str());
  std::exit(1);
}

template <class T>
T expect(peer::Stored<T> result) {
  if (!result) fail(to_string(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Snapshot and log into a tree.
class Load : public peer::LoadSink {
 public:
  explicit Load(Release release) : release_(release) {}

  void begin_snapshot(const std::string&, Zxid zxid) override {
    zxid_ = zxid;
    loader_ = std::make_unique<replica::TreeLoader>(replica::DataTree::Settings{release_, 0});
  }
  void on_session(std::int64_t session, std::int32_t timeout) override {
    loader_->on_session(session, timeout);
  }
  void on_acl(std::int64_t index, const wire::Acl& acl) override { loader_->on_acl(index, acl); }
  void on_node(const wire::SnapshotNode& node) override { loader_->on_node(node); }
  void end_snapshot(const wire::SnapshotSections& sections) override {
    auto tree = loader_->finish(zxid_);
    if (!tree) fail(tree.error());
    tree_ = std::make_unique<replica::DataTree>(std::move(*tree));
    if (sections.digest && sections.digest->zxid.value > 0) {
      tree_->hold_comparison_until(sections.digest->zxid, sections.digest->version,
                                   sections.digest->digest);
    }
  }
  void on_txn(const wire::Txn& txn, BytesView) override {
    if (!tree_)
      tree_ = std::make_unique<replica::DataTree>(replica::DataTree::Settings{release_, 0});
    const auto applied = tree_->apply(txn);
    if (!applied.problem.empty()) fail(applied.problem);
    if (applied.difference) ++differences;
  }

  replica::DataTree& tree() {
    if (!tree_)
      tree_ = std::make_unique<replica::DataTree>(replica::DataTree::Settings{release_, 0});
    return *tree_;
  }
  int differences = 0;

 private:
  Release release_;
  Zxid zxid_;
  std::unique_ptr<replica::TreeLoader> loader_;
  std::unique_ptr<replica::DataTree> tree_;
};

Bytes body_of(replica::DataTree& tree) {
  tree.begin_snapshot();
  Bytes body;
  while (true) {
    const Bytes part = tree.next_snapshot_part(65'536);
    if (part.empty()) return body;
    body.insert(body.end(), part.begin(), part.end());
  }
}

struct ListNodes : wire::SnapshotSink {
  nlohmann::json nodes = nlohmann::json::object();
  void on_node(const wire::SnapshotNode& node) override {
    nodes[node.path] = node.data ? hex_encode(*node.data) : "";
  }
};

// Submits, and waits for everything at the end.
class Session {
 public:
  explicit Session(DiskStorage& storage) : storage_(storage) {
    storage_.start([this](DiskStorage::Done done) {
      const std::lock_guard lock(mutex_);
      for (const auto& one : done) {
        if (one.error) fail(to_string(*one.error));
      }
      completed_ += done.size();
      changed_.notify_all();
    });
  }
  void submit(peer::StorageOperation operation) {
    if (!storage_.submit(peer::StorageLane::kLog, ++submitted_, std::move(operation))) {
      fail("the queue is full");
    }
    storage_.begin();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return completed_ == submitted_; });
  }

 private:
  DiskStorage& storage_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t submitted_ = 0;
  std::size_t completed_ = 0;
};

void submit_snapshot(Session& session, replica::DataTree& tree, Release release) {
  const Zxid zxid = tree.last_zxid();
  std::optional<wire::ZxidDigest> digest;
  if (zxid.value > 0) digest = wire::ZxidDigest{zxid, 2, tree.digest()};
  session.submit(peer::BeginSnapshot{zxid, true, ""});
  session.submit(peer::SnapshotChunk{body_of(tree)});
  session.submit(peer::FinishSnapshot{wire::sections_of(release, digest, zxid)});
}

void append(Session& session, replica::DataTree& tree, Release release, int count) {
  for (int i = 0; i < count; ++i) {
    const Zxid last = tree.last_zxid();
    const Zxid zxid = last.value <= 0 ? make_zxid(PeerEpoch(1), 1) : Zxid(last.value + 1);
    const std::string path = "/zkprobe-" + to_hex(zxid).substr(2);
    const auto parent = tree.view(replica::kRootNode);
    wire::CreateTxn create{
        path, Bytes{'d'}, {{31, {"world", "anyone"}}}, false, parent.stat.cversion + 1};
    wire::Txn txn{{0x1000, i, zxid, 1'700'000'000'000 + i, wire::TxnType::kCreate},
                  wire::SimpleTxn(create),
                  std::nullopt};
    const auto applied = tree.apply(txn);
    if (!applied.problem.empty() || applied.err != 0) fail("cannot apply " + path);
    if (release >= Release{3, 6, 0}) txn.digest = wire::TxnDigest{2, tree.digest()};
    session.submit(peer::AppendTxn{wire::encode_txn(txn)});
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) fail("usage: store_tool VERB DIR ...");
  const std::string& verb = arguments[0];
  const bool with_release = arguments.size() > 2 && verb != "truncate";
  const auto release = with_release ? parse_release(arguments[2]) : kNewestRelease;
  if (!release) fail("no release: " + arguments[2]);
  store::PosixFileSystem disk;
  auto storage = expect(DiskStorage::open(disk, store::DataPaths::in(arguments[1]), {}));
  Load load(*release);
  const store::Loaded loaded = expect(storage->load(load));
  const store::Epochs epochs = expect(storage->load_epochs());
  Session session(*storage);
  if (verb == "create") submit_snapshot(session, load.tree(), *release);
  if (verb == "append") append(session, load.tree(), *release, std::stoi(arguments.at(3)));
  if (verb == "snapshot") submit_snapshot(session, load.tree(), *release);
  if (verb == "truncate")
    session.submit(peer::TruncateLog{Zxid(std::stoll(arguments.at(2), nullptr, 16))});
  const Zxid last = load.tree().last_zxid();
  if (verb == "append" && epoch_of(last) > epochs.current) {
    for (const auto which :
         {peer::WriteEpoch::Which::kAccepted, peer::WriteEpoch::Which::kCurrent}) {
      session.submit(peer::WriteEpoch{which, epoch_of(last)});
    }
  }
  session.wait();
  if (verb != "read") return 0;
  ListNodes list;
  wire::SnapshotReader reader({.keep_data = true, .signature = false});
  if (!reader.feed(body_of(load.tree()), list)) fail("the tree cannot be listed");
  std::printf("%s\n", nlohmann::json{{"zxid", to_hex(loaded.last_zxid)},
                                     {"snapshot",
                                      to_hex(loaded.snapshot ? loaded.snapshot->zxid : Zxid(-1))},
                                     {"digest_in_snapshot", loaded.sections.digest.has_value()},
                                     {"txns", loaded.txns},
                                     {"differences", load.differences},
                                     {"digest", to_hex(load.tree().digest())},
                                     {"accepted_epoch", epochs.accepted.value},
                                     {"current_epoch", epochs.current.value},
                                     {"notes", loaded.notes},
                                     {"nodes", list.nodes}}
                          .dump()
                          .c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(std::vector<std::string>(argv + 1, argv + argc)); }
