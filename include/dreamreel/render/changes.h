// What an edited job changes of a render that was begun, in words.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/render/timeline.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

/// schedule::changes() since the plan `before`, at most some of them; `now` and `timeline` are of `job`.
std::vector<std::string> changes_of(const schedule::Plan& before, const job::Job& job,
                                    const schedule::Plan& now, const Timeline& timeline);

}  // namespace dreamreel::render
