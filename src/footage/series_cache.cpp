#include "series_cache.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "dreamreel/core/digest.h"

namespace dreamreel::footage {
namespace {

constexpr std::size_t kMostValues = 4'000'000;  // 64 MB

}  // namespace

SeriesCache& SeriesCache::shared() {
  static SeriesCache cache;
  return cache;
}

std::shared_ptr<const curve::Series> SeriesCache::find(const std::string& content,
                                                       const curve::SeriesRules& rules,
                                                       const std::vector<curve::SeriesRules>& beside) {
  const std::string digest = sha256_hex(content);
  const std::lock_guard lock(mutex_);
  if (auto series = kept(digest, rules)) return series;
  std::vector<curve::SeriesRules> all{rules};
  for (const auto& other : beside)
    if (std::ranges::find(all, other) == all.end() && kept(digest, other) == nullptr) all.push_back(other);
  ++readings_;
  auto results = curve::read_series(content, all);
  for (std::size_t i = 1; i < all.size(); ++i)  // the mistakes of others are told where these are needed
    if (auto* const series = std::get_if<curve::Series>(&results[i]))
      keep({digest, all[i], std::make_shared<const curve::Series>(std::move(*series))});
  if (const auto* const error = std::get_if<curve::SeriesError>(&results.front()))
    throw curve::SeriesError(*error);
  auto series = std::make_shared<const curve::Series>(std::get<curve::Series>(std::move(results.front())));
  keep({digest, rules, series});
  return series;
}

std::int64_t SeriesCache::count_of_readings() {
  const std::lock_guard lock(mutex_);
  return readings_;
}

std::shared_ptr<const curve::Series> SeriesCache::kept(const std::string& digest,
                                                       const curve::SeriesRules& rules) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.digest == digest && entry.rules == rules; });
  return found == entries_.end() ? nullptr : found->series;
}

void SeriesCache::keep(Entry entry) {
  values_ += entry.series->count();
  entries_.push_back(std::move(entry));
  while (values_ > kMostValues && entries_.size() > 1) {
    values_ -= entries_.front().series->count();
    entries_.pop_front();
  }
}

}  // namespace dreamreel::footage
