// output.preset: the settings of an encoder under one name.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// The row of the key, which leaves nothing to read: expand_preset() has put its settings into the tree.
Row<Output> preset_row();

/// Writes the settings of output.preset, and of the preset of each of `outputs`, into the key `video` beside
/// it, as if they stood where the preset does: they replace what an older text said, and give way to a
/// younger one. The ending of an older `path` becomes the preset's. Takes the presets out of the tree.
void expand_preset(Value& root, Problems& problems);

}  // namespace dreamreel::job
