#include "scan.h"

#include <fmt/core.h>

#include <algorithm>

#include "dreamreel/core/blob_cache.h"
#include "dreamreel/core/cache_folder.h"
#include "dreamreel/footage/shots.h"

namespace dreamreel::footage {
namespace {

constexpr std::size_t kScansKept = 64;

std::optional<BlobCache> cache() {
  if (const auto folder = cache_folder()) return BlobCache(*folder / "scans", ".scan", kScansKept);
  return {};
}

std::string key_of_scan(const std::string& source_key) {
  return fmt::format("cuts {}\n{}", kCutRules, source_key);
}

}  // namespace

std::optional<Scan> kept_scan(const std::string& source_key) {
  const auto kept = source_key.empty() ? std::nullopt : cache();
  const auto bytes = kept ? kept->find(key_of_scan(source_key)) : std::nullopt;
  if (!bytes) return {};
  BlobReader reader(*bytes);
  Scan scan;
  const bool whole = reader.take_all(scan.cuts) && reader.take_all(scan.pts) &&
                     reader.take_all(scan.seconds) && reader.at_end() &&
                     scan.pts.size() == scan.seconds.size();
  if (!whole || !std::ranges::is_sorted(scan.cuts)) return {};
  return scan;
}

void keep_scan(const std::string& source_key, const Scan& scan) {
  const auto kept = source_key.empty() ? std::nullopt : cache();
  if (!kept) return;
  BlobWriter out;
  out.put_all(scan.cuts);
  out.put_all(scan.pts);
  out.put_all(scan.seconds);
  kept->store(key_of_scan(source_key), out.bytes());
}

schedule::FirstPass pass_of(const Scan& scan, const schedule::FrameRange& range, const schedule::Loop& loop,
                            bool takes_found, AskedCuts& asked) {
  schedule::FirstPass pass;
  pass.loop = loop;
  schedule::ShotList list(range, pass);
  const auto count = static_cast<std::int64_t>(scan.pts.size());
  for (std::int64_t entry = 0; entry < count; ++entry) {
    const bool is_asked = asked.begins(entry - loop.run_in, scan.seconds[static_cast<std::size_t>(entry)]);
    list.add(is_asked || (takes_found && std::ranges::binary_search(scan.cuts, entry)), asked.fade());
  }
  const std::int64_t first = range.begin + loop.run_in;
  if (first >= 0 && first < count) {
    pass.first_pts = scan.pts[static_cast<std::size_t>(first)];
    pass.first_seconds = scan.seconds[static_cast<std::size_t>(first)];
  }
  return pass;
}

}  // namespace dreamreel::footage
