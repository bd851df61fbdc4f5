// Makes the outputs of a job with several of them. The parts of such a render hold its frames without loss.
// Each output is encoded from them in turn, segment by segment, as a render of that output alone encodes it.
#pragma once

#include <filesystem>
#include <vector>

#include "dreamreel/media/video.h"
#include "dreamreel/render/render.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// Makes every output that is not finished yet. `parts` are the checked parts of all segments, in order.
/// `info` describes the source. The caller must hold the work folder's lock. Throws what media::PartWriter
/// and media::join_parts() throw; what was encoded until then stays.
void deliver(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
             const std::vector<std::filesystem::path>& parts, const media::VideoInfo& info,
             const RenderOptions& options);

}  // namespace dreamreel::render
