// The variables that a job names itself: series out of files, and the levels of stems.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/curve/own_values.h"
#include "dreamreel/curve/series.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::footage {

/// Reads the series `name` of the job. Throws FaultsError with one fault for each mistake in the file, with
/// file and line, and InputError if the file cannot be read. A file that has not changed is read again, but
/// taken apart only once (series_cache.h).
std::shared_ptr<const curve::Series> load_series(const job::Job& job, const std::string& name);

/// Reads the series and listens to the stems that curves or cuts read. Null if they read none. Throws what
/// load_series() and load_stem() throw.
std::shared_ptr<const curve::OwnValues> load_own_variables(const job::Job& job, const media::VideoInfo& info,
                                                           const std::atomic<bool>* stop);

/// A line for each series and stem of the job: its size, times and values. Throws what load_series() throws.
std::vector<std::string> own_variables_in_words(const job::Job& job);

}  // namespace dreamreel::footage
