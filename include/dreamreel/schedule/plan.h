// What a render consists of, found out before its first frame and then frozen: shots, the pieces that can be
// rendered apart from each other, and the facts that must still be true when somebody goes on with it. Plain
// data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/first_pass.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

/// What a render was begun with. Two renders with equal facts give the same frames.
struct Facts {
  std::string version;          ///< of dreamreel
  std::string job;              ///< the resolved job as YAML, without the places of its files
  std::string source, network;  ///< fingerprints of the files; "" where there is none
  std::string source_end;       ///< where the source ends, if its filter makes frames of later ones
  std::map<std::string, std::string> files;  ///< fingerprints of all others, by the key that names the file
  FrameRange range;

  /// What is different in `other`, each in a few words ("dream.step: 1.5, now 2"); empty if nothing is.
  std::vector<std::string> differences(const Facts& other) const;
};

struct Plan {
  Facts facts;
  std::string job_yaml;        ///< with its paths, to be loaded again
  std::int64_t first_pts = 0;  ///< of the first frame, in the source's unit; an excerpt starts at time 0
  double first_seconds = 0;
  std::int64_t segment_frames = kSegmentFrames;
  std::vector<Shot> shots;  ///< of the range, in order
  /// Of a loop, the frames before frame 0 (with numbers below 0) by shots: dreamed and stored, not shown.
  /// Empty where nothing is carried.
  std::vector<Shot> run_in;
  Loop loop;
  std::vector<Piece> pieces;  ///< in order; together they keep each frame of the shots once
  std::vector<std::vector<std::size_t>>
      chunks;          ///< of a farm: numbers of pieces, each in one chunk; else empty
  std::string damage;  ///< what decoding the source lost, "" if nothing
  Clock clock;
  std::vector<double> seconds;  ///< as FirstPass::seconds
  bool has_times = true;        ///< as FirstPass::has_times
  std::string device;           ///< what the job says of it; a farm's chunk may run on another
  /// The keys of all parts by their first frames, and of the run-in by its own (schedule/frame_keys.h). Whoever makes the
  /// plan works them out: where curves read the sound, another processor may not find the last bit of a number again.
  std::map<std::int64_t, std::string> part_keys;
  /// Bytes that the render that made the plan may take, so that one that goes on has the same tiles; 0: not
  /// said (a farm's machines differ).
  std::int64_t memory = 0;

  std::int64_t begin() const { return shots.front().begin; }
  std::int64_t end() const { return shots.back().end; }
  std::int64_t frame_count() const { return end() - begin(); }
  /// "" where the plan has none.
  std::string part_key(const Segment& segment) const;
  /// Tells this plan from every other, however its files are called: 16 hexadecimal digits.
  std::string id() const;
};

/// The segments of a piece: cut at multiples of Plan::segment_frames in absolute frame numbers.
std::vector<Segment> segments_of(const Plan& plan, const Piece& piece);
/// The one that a kept frame lies in.
Segment segment_at(const Plan& plan, const Piece& piece, std::int64_t frame);

/// One piece a shot, no chunks.
Plan plan_of(const job::Job& job, const Facts& facts, const FirstPass& pass, std::int64_t segment_frames);

}  // namespace dreamreel::schedule
