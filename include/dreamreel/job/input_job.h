// Jobs without a job file: a picture, a clip or a folder of pictures stands for the smallest job that dreams
// on it.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// Whether load_job() takes `path` for something to dream on, not for a job file: a folder, a pattern of
/// numbered pictures, or a file that is no text. A file ending in .yaml, .yml or .json is always a job; so is
/// a file that does not exist, unless its name ends like a picture or a video.
bool is_input(const std::filesystem::path& path);

/// Whether the file is one picture, told by its first bytes. False for animations and where nothing can be
/// read.
bool is_still(const std::filesystem::path& path);

/// What to write into input.path: a folder's numbered pictures as a pattern, "x.####.png" as "x.%04d.png",
/// everything else as it is. Throws
/// InputError, with what the folder holds, where it does not hold pictures of one numbering.
std::filesystem::path input_path_of(const std::filesystem::path& path);

/// The output's name where none is given: "fruits_dream.png" for a picture, "clip_dream.mp4" for everything
/// else. `suffix` stands in place of "dream".
std::string output_name_of(const std::filesystem::path& input, const std::string& suffix);

/// The smallest job: YAML that extends the shared job "base" and dreams on `input` (as input_path_of() gives
/// it) into `output`. `look`: the name of a look; "" for none.
std::string smallest_job(const std::filesystem::path& input, const std::filesystem::path& output,
                         const std::string& look = "");

/// A flight into a dream that grows out of noise: YAML that extends the shared job "infinite_zoom". With a
/// song, which may be "", every beat pushes the dream outwards, and the bass makes it grow.
std::string noise_job(const NoiseInput& noise, const std::filesystem::path& song,
                      const std::filesystem::path& output, const std::string& look = "");

}  // namespace dreamreel::job
