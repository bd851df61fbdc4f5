// Clips of several rates and containers, and curves that change at one of their frames.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "support/files.h"

namespace dreamreel::test {

inline curve::Curve stepped(TimePoint time) {
  return curve::Curve({{{0, TimePoint::Unit::frames}, 0, curve::Ease::hold}, {time, 1, curve::Ease::hold}});
}
inline curve::Curve stepped_at_frame(std::int64_t key) {
  return stepped({static_cast<double>(key), TimePoint::Unit::frames});
}

struct Clip {
  std::string name, rate, container;
  std::vector<std::string> more;  // more arguments for ffmpeg
  bool is_steady = true;          // frame n is at n / rate
};

class EveryClip : public testing::TestWithParam<Clip> {
 protected:
  EveryClip() {
    const Clip& clip = GetParam();
    job.input.path = scratch / ("clip." + clip.container);
    std::vector<std::string> arguments{"-f", "lavfi", "-i", "color=gray:s=32x32:r=" + clip.rate + ":d=1.5"};
    arguments.insert(arguments.end(), clip.more.begin(), clip.more.end());
    for (const char* argument : {"-c:v", "mpeg4"}) arguments.emplace_back(argument);
    arguments.push_back(job.input.path.string());
    ffmpeg(arguments);
  }

  /// The times at which a render reads curves.
  std::vector<curve::CurveTime> rendered() {
    const auto source = footage::open_source(job, 0);
    const footage::Timeline timeline(job, source->info());
    std::vector<curve::CurveTime> times;
    while (const auto frame = source->next()) times.push_back(timeline.at(*frame));
    return times;
  }

  ScratchDir scratch;
  job::Job job;
};

inline const auto kClips = testing::Values(
    Clip{"Mp4At24", "24", "mp4", {}}, Clip{"Mp4At25", "25", "mp4", {}},
    Clip{"Mp4At29_97", "30000/1001", "mp4", {}}, Clip{"MkvAt24", "24", "mkv", {}},
    Clip{"MkvAt23_976", "24000/1001", "mkv", {}}, Clip{"MkvAt29_97", "30000/1001", "mkv", {}},
    Clip{"MkvAt60", "60", "mkv", {}}, Clip{"AviAt30", "30", "avi", {}},
    Clip{"MkvVarying", "25", "mkv", {"-vf", "select=not(eq(mod(n\\,5)\\,2))", "-vsync", "vfr"}, false},
    Clip{"Mp4Varying", "25", "mp4", {"-vf", "select=not(eq(mod(n\\,5)\\,2))", "-vsync", "vfr"}, false});

}  // namespace dreamreel::test
