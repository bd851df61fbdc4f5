#include "dreamreel/render/warnings.h"

#include "dreamreel/core/log.h"
#include "dreamreel/media/warnings.h"
#include "dreamreel/render/resolve.h"
#include "output.h"

namespace dreamreel::render {

void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames) {
  if (job.input.noise) return;
  const auto source = reader_options(job.input);
  for (const auto& text : media::source_warnings(source, info)) log_warning(text);
  const auto output = writer_options(job, info, frames, 0, frames.begin);
  for (const auto& text : media::output_warnings(source, info, output)) log_warning(text);
}

}  // namespace dreamreel::render
