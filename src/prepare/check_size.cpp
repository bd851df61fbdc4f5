#include "dreamreel/prepare/check_size.h"

#include <fmt/core.h>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/core/error.h"
#include "dreamreel/dream/ascend.h"

namespace dreamreel::prepare {

void check_size(const job::Job& job, const model::ObjectiveSet& objectives, const media::VideoInfo& info) {
  const curve::CurveTime start{0, info.frame_rate.value()};
  const auto networks = objectives.networks();
  const auto options = carry::ascent_options(job, objectives.at(start, {}), start, false, false);
  if (dream::usable_octaves(networks, info.height, info.width, options) > 0) return;
  throw JobError(
      fmt::format("the frames are {}x{}, but the wanted layers need at least {} px on the shorter side; "
                  "scale the input up (input.filter) or choose shallower layers",
                  info.width, info.height, networks.min_input_side()));
}

}  // namespace dreamreel::prepare
