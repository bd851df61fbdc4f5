// Tells in words what an edited job changes in a render that was already begun.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::prepare {

/// The changes since the plan `before`, as schedule::changes() gives them, but with a limited number of
/// entries. `now` and `timeline` belong to `job`.
std::vector<std::string> changes_of(const schedule::Plan& before, const job::Job& job,
                                    const schedule::Plan& now, const footage::Timeline& timeline);

}  // namespace dreamreel::prepare
