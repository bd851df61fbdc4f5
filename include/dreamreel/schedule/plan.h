// What a render consists of: its shots, the pieces that can be rendered independently, and the facts that
// must still be true when the render is continued. A plan is made before the first frame, and does not change
// after that. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/first_pass.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

/// What a render was begun with. Two renders with equal facts give the same frames.
struct Facts {
  std::string version;          ///< version of dreamreel
  std::string job;              ///< the resolved job as YAML, without the places of its files
  std::string source, network;  ///< fingerprints of the files; "" if the job has no such file
  std::string source_end;       ///< where the source ends, if its filter makes frames out of later ones
  /// Fingerprints of all other files, by the job's key that names the file.
  std::map<std::string, std::string> files;
  FrameRange range;

  /// The differences from `other`, each in a few words ("dream.step: 1.5, now 2"). Empty if there are none.
  std::vector<std::string> differences(const Facts& other) const;
};

struct Plan {
  Facts facts;
  std::string job_yaml;  ///< the job with the places of its files, so that it can be loaded again
  /// Time stamp of the first frame, in the source's unit; an excerpt starts at time 0.
  std::int64_t first_pts = 0;
  double first_seconds = 0;
  std::int64_t segment_frames = kSegmentFrames;
  std::vector<Shot> shots;  ///< shots of the rendered range, in order
  /// For a loop, the shots of the frames before frame 0, which have numbers below 0. They are dreamed and
  /// stored, but not shown. Empty if no dream is carried from frame to frame.
  std::vector<Shot> run_in;
  Loop loop;
  /// Behind the last frame that a backward pass of the last shot looks at, if the range ends within a shot
  /// (schedule/backward.h); otherwise 0.
  std::int64_t last_look = 0;
  std::vector<Fade> fades;    ///< cross-fades of the rendered range, in order
  std::vector<Piece> pieces;  ///< in order; together they keep each frame of the shots exactly once
  /// For a farm: the indices of each chunk's pieces. Each piece is in one chunk. Otherwise empty.
  std::vector<std::vector<std::size_t>> chunks;
  std::string damage;  ///< what was lost when the source was decoded, or ""
  Clock clock;
  std::vector<double> seconds;  ///< see FirstPass::seconds
  bool has_times = true;        ///< see FirstPass::has_times
  std::string device;  ///< the device that the job names; a chunk of a farm may run on another device
  /// The keys of all parts, by the first frame of each part, and the key of the run-in, by its first frame
  /// (schedule/frame_keys.h). They are computed with the plan, and not again. Where curves read the sound,
  /// another processor may compute another last bit of a number.
  std::map<std::int64_t, std::string> part_keys;
  /// Bytes that the render which made the plan may take. A continued render uses the same number, so that it
  /// gets the same tiles. 0 if not said, as for a farm, whose machines differ.
  std::int64_t memory = 0;

  std::int64_t begin() const { return shots.front().begin; }
  std::int64_t end() const { return shots.back().end; }
  std::int64_t frame_count() const { return end() - begin(); }
  /// The key of a segment's part, or "" if the plan has none.
  std::string part_key(const Segment& segment) const;
  /// 16 hexadecimal digits that distinguish this plan from every other plan. The names of files do not
  /// matter.
  std::string id() const;
};

/// The segments of a piece. Pieces are cut at multiples of Plan::segment_frames in absolute frame numbers.
std::vector<Segment> segments_of(const Plan& plan, const Piece& piece);
/// The segment of `piece` that contains a kept frame.
Segment segment_at(const Plan& plan, const Piece& piece, std::int64_t frame);

/// A plan with one piece for each shot, and without chunks.
Plan plan_of(const job::Job& job, const Facts& facts, const FirstPass& pass, std::int64_t segment_frames);

}  // namespace dreamreel::schedule
