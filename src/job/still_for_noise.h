// A still in place of the noise of an older file. Such a file describes a film that grows out of noise, for
// example an endless zoom. A photo in place of the noise becomes a film of the same length and rate, which
// begins with the photo.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Whether the youngest text that names an input names a still: `trees` are files, youngest first, and the
/// overrides are younger than all of them.
bool begins_with_still(const std::vector<Value>& trees, const std::vector<std::string>& overrides);

/// If a still stands in place of the noise of an older file, changes the older files: the noise's length and
/// rate become those of the still. The keys that make the first frame ripe for noise go: `temporal.warmup`,
/// and `dream.iterations` in favour of `temporal.iterations`. So the first frame shows the still, dreamed on
/// as little as every later frame. If the whole job writes a single picture, it is no film, and only the
/// noise and the warm-up go. The file that names the still, and files younger than that, may say all of these
/// keys themselves.
void give_still_to_noise(std::vector<Value>& trees, const std::vector<std::string>& overrides,
                         const AskedOutput& output = {});

}  // namespace dreamreel::job
