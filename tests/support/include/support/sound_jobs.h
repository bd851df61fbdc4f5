// Jobs that read a sound: a burst in silence, or clicks on the beats.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "support/files.h"
#include "support/scoped_environment.h"

namespace dreamreel::test {

/// A burst of 8 kHz in silence that begins at `seconds`.
inline std::string burst_at(double seconds) {
  const std::string begin = std::to_string(seconds);
  return "aevalsrc='between(t," + begin + "," + begin + "+0.03)*sin(2*PI*8000*t)':s=48000:d=4";
}

class SoundTrackTest : public testing::Test {
 protected:
  SoundTrackTest() {
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-f", "lavfi", "-i", burst_at(2), "-c:v",
                  "ffv1", "-c:a", "flac", (scratch / "clip.mkv").string()});
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-c:v", "ffv1",
                  (scratch / "silent.mkv").string()});
    test::ffmpeg({"-f", "lavfi", "-i", burst_at(1), (scratch / "song.wav").string()});
    job.input.path = scratch / "clip.mkv";
    job.dream.objectives = {{"a", 1}};
    job.audio = {{}, {}, {}, {}, {}, {}};
  }

  media::VideoInfo info() const {
    media::ReaderOptions options;
    options.path = job.input.path;
    options.trim_start = job.input.trim_start;
    return media::Reader(options).info();
  }

  ScratchDir scratch;
  ScopedEnvironment cache_folder{"XDG_CACHE_HOME", (scratch / "cache").c_str()};
  job::Job job;
};

/// A click on every beat of 120 beats a minute, from 0.25 s on; 4 s.
class BeatsTest : public SoundTrackTest {
 protected:
  BeatsTest() {
    test::ffmpeg({"-f", "lavfi", "-i", "aevalsrc='0.8*lt(mod(t+0.25,0.5),0.02)*sin(2*PI*1000*t)':s=48000:d=4",
                  (scratch / "clicks.wav").string()});
    job.input.audio = scratch / "clicks.wav";
    job.audio.bpm = job::TempoRange{120, 120};
    job.audio.first_beat = TimePoint{0.25, TimePoint::Unit::seconds};
  }
};

}  // namespace dreamreel::test
