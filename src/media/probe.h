// Finds out what can be known about a video without decoding it.
#pragma once

#include "dreamreel/media/reader.h"
#include "filter_chain.h"
#include "input.h"

namespace dreamreel::media {

/// All facts except those that the filter chain decides.
VideoInfo probe(const InputFile& input, const AVStream& stream);

/// Narrows count and duration to the trim of `options`.
void apply_trim(VideoInfo& info, const ReaderOptions& options);

/// Sets size, time base and rate to the values at the end of the chain. `user_filter` says whether the chain
/// may change more than that.
void apply_chain(VideoInfo& info, const FilterChain& chain, bool user_filter);

/// Where the video of the whole file should end by its header, on the container's clock in seconds; nullopt
/// if the header does not say. `of_video`: the value is for the video stream alone.
struct ExpectedEnd {
  double seconds = 0;
  bool of_video = true;
};
std::optional<ExpectedEnd> expected_end(const AVFormatContext& context, const AVStream& stream);

}  // namespace dreamreel::media
