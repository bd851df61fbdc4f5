// Carries out the script of a run on the ascending thread: each frame that the analysis gives is dreamed,
// filled in, restored or replayed, as its step says, and handed to the writer.
#pragma once

#include <cstdint>

#include "analysis_thread.h"
#include "backward.h"
#include "crossfade.h"
#include "dreamer.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/work/work_folder.h"
#include "segment_writer.h"
#include "tally.h"

namespace dreamreel::render {

/// Belongs to one run. Decides nothing: the script does.
class FrameMaker {
 public:
  /// What all runs of a render share. References and pointers must outlive the object.
  struct Context {
    const schedule::Plan& plan;
    const work::WorkFolder& work;
    const schedule::FrameKeys& keys;
    Crossfade& crossfade;
    BackwardDreams* backward;  ///< null unless the job dreams backward
    SegmentWriter& writer;
    Tally& tally;
    Trace* trace;  ///< may be null
  };

  FrameMaker(const Context& context, Dreamer& dreamer) : context_(context), dreamer_(dreamer) {}

  /// Makes the frames of the run, up to the end of its script. Throws Interrupted, DataError for a stored
  /// frame that has been damaged meanwhile, and what AnalysisThread, Dreamer and SegmentWriter throw.
  void make_all(AnalysisThread& analysis);

 private:
  void make(carry::AnalysedFrame& analysed);
  DreamedFrame dream(carry::AnalysedFrame& analysed);
  void keep(const carry::AnalysedFrame& analysed, const DreamedFrame& dreamed);
  void restore(const carry::AnalysedFrame& analysed);
  void recall(const carry::AnalysedFrame& analysed);
  void replay(const carry::AnalysedFrame& analysed);
  work::WorkFolder::Stored load(std::int64_t index) const;
  void load_past_of(carry::Twin& twin) const;

  const Context& context_;
  Dreamer& dreamer_;
};

}  // namespace dreamreel::render
