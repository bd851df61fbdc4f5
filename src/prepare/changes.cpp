#include "dreamreel/prepare/changes.h"

#include <fmt/core.h>

#include "dreamreel/core/error.h"
#include "dreamreel/schedule/changes.h"
#include "earlier_keys.h"

namespace dreamreel::prepare {
namespace {

constexpr std::size_t kMostReasons = 8;

std::vector<std::string> all_changes(const schedule::Plan& before, const job::Job& job,
                                     const schedule::Plan& now, const footage::Timeline& timeline) {
  try {
    const auto old = job::parse_job(before.job_yaml, "plan.json", job::default_load_options());
    // Another line says that the sound, a series or a stem has changed.
    const auto old_time = time_of_earlier(before, timeline);
    const auto new_time = [&](std::int64_t frame, double seconds) { return timeline.at(frame, seconds); };
    return schedule::changes({old, before, old_time}, {job, now, new_time});
  } catch (const Error&) {  // the old job names a card or a key that no longer exists
    return before.facts.differences(now.facts);
  }
}

}  // namespace

std::vector<std::string> changes_of(const schedule::Plan& before, const job::Job& job,
                                    const schedule::Plan& now, const footage::Timeline& timeline) {
  auto list = all_changes(before, job, now, timeline);
  if (list.size() > kMostReasons) {
    const auto more = list.size() - kMostReasons;
    list.resize(kMostReasons);
    list.push_back(fmt::format("and {} more changes", more));
  }
  return list;
}

}  // namespace dreamreel::prepare
