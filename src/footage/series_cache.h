// Keeps the latest series that were read. So a file is taken apart once for all variables that it has, and
// not again by each check of a run.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dreamreel/curve/series.h"

namespace dreamreel::footage {

/// Any thread may use it.
class SeriesCache {
 public:
  /// The cache of this process.
  static SeriesCache& shared();

  /// The series that `rules` find in a file of this content. If it is not kept, the content is read once, for
  /// `rules` and for all rules in `beside`. Throws curve::SeriesError.
  std::shared_ptr<const curve::Series> find(const std::string& content, const curve::SeriesRules& rules,
                                            const std::vector<curve::SeriesRules>& beside);
  std::int64_t count_of_readings();

 private:
  struct Entry {
    std::string digest;  // of the content
    curve::SeriesRules rules;
    std::shared_ptr<const curve::Series> series;
  };
  std::shared_ptr<const curve::Series> kept(const std::string& digest, const curve::SeriesRules& rules) const;
  void keep(Entry entry);

  std::mutex mutex_;
  std::deque<Entry> entries_;  // the oldest first
  std::size_t values_ = 0;     // of all entries
  std::int64_t readings_ = 0;
};

}  // namespace dreamreel::footage
