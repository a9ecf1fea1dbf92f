#include "store/snapshot_files.hpp"

namespace zkprobe::store {

Stored<bool> looks_complete(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return StorageFailure(file.error());
  const auto size = (*file)->size();
  if (!size) return StorageFailure(size.error());
  const Compression compression = compression_of(path);
  if (compression == Compression::kNone && *size < 10) return false;
  Bytes part(compression == Compression::kNone ? 5 : 8);
  const auto n =
      (*file)->read_at(compression == Compression::kNone ? *size - part.size() : 0, part);
  if (!n) return StorageFailure(n.error());
  const BytesView found = BytesView(part).first(*n);
  if (compression == Compression::kNone) return wire::looks_sealed(*size, found);
  if (compression == Compression::kGzip) {
    return found.size() >= 2 && found[0] == 0x1f && found[1] == 0x8b;
  }
  static constexpr std::uint8_t kSnappyMagic[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
  return std::equal(found.begin(), found.end(), std::begin(kSnappyMagic), std::end(kSnappyMagic));
}

Stored<std::vector<SnapshotFile>> newest_snapshots(FileSystem& files, const std::string& directory,
                                                   std::size_t most) {
  const auto all = list_files(files, directory, FileKind::kSnapshot);
  if (!all) return StorageFailure(all.error());
  std::vector<SnapshotFile> found;
  std::size_t count = 0;
  for (auto file = all->rbegin(); file != all->rend() && count < most; ++file) {
    const auto complete = looks_complete(files, file->path);
    if (!complete) return StorageFailure(complete.error());
    found.push_back({*file, *complete});
    if (*complete) ++count;
  }
  return found;
}

Stored<std::vector<DataFile>> valid_snapshots(FileSystem& files, const std::string& directory,
                                              std::size_t most) {
  const auto found = newest_snapshots(files, directory, most);
  if (!found) return StorageFailure(found.error());
  std::vector<DataFile> valid;
  for (const SnapshotFile& snapshot : *found) {
    if (snapshot.complete) valid.push_back(snapshot.file);
  }
  return valid;
}

Stored<SnapshotContents> read_snapshot(FileSystem& files, const std::string& path,
                                       const wire::SnapshotLimits& limits,
                                       wire::SnapshotSink& sink) {
  auto source = open_source(files, path);
  if (!source) return StorageFailure(source.error());
  wire::SnapshotFileReader reader(limits);
  while (true) {
    const auto chunk = (*source)->next();
    if (!chunk) return StorageFailure(chunk.error());
    if (chunk->empty()) break;
    const auto fed = reader.feed(*chunk, sink);
    if (!fed) return corrupt(path, fed.error());
  }
  const auto sections = reader.finish();
  if (!sections) return corrupt(path, sections.error());
  return SnapshotContents{*sections, reader.counts()};
}

}  // namespace zkprobe::store
