// The options with which a decoder opens a job's input.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::footage {

media::ReaderOptions reader_options(const job::Input& input);

}  // namespace dreamreel::footage
