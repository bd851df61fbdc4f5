// What a render consists of, found out before its first frame and then frozen: shots, the pieces that can be
// rendered apart from each other, and the facts that must still be true when somebody goes on with it. Plain
// data.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/render/loop.h"
#include "dreamreel/render/progress.h"
#include "dreamreel/render/render.h"

namespace dreamreel::render {

/// Half-open range of absolute frame numbers without a cut inside.
struct Shot {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const Shot&) const = default;
};

/// Frames that depend on no frame outside: a shot, or a part of one. Frames start..begin are dreamed to warm
/// up, as if a shot began at `start`, but not kept; a whole shot has start == begin, unless an excerpt begins
/// within it.
struct Piece {
  std::int64_t start = 0, begin = 0, end = 0;
  std::int64_t shot = 0;  ///< which one, counted from 0
  bool operator==(const Piece&) const = default;
};

/// Half-open range of frames that becomes one part file.
struct Segment {
  std::int64_t begin = 0, end = 0;
  bool operator==(const Segment&) const = default;
};

/// What a render was begun with. Two renders with equal facts give the same frames.
struct Facts {
  std::string version;                       ///< of dreamreel
  std::string job;                           ///< the resolved job as YAML, without the places of its files
  std::string source, network;               ///< fingerprints of the files; "" where there is none
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
  /// Bytes that the render that made the plan may take, so that one that goes on has the same tiles; 0: not
  /// said (a farm's machines differ).
  std::int64_t memory = 0;

  std::int64_t begin() const { return shots.front().begin; }
  std::int64_t end() const { return shots.back().end; }
  std::int64_t frame_count() const { return end() - begin(); }
  /// Tells this plan from every other, however its files are called: 16 hexadecimal digits.
  std::string id() const;
};

/// The segments of a piece: cut at multiples of Plan::segment_frames in absolute frame numbers.
std::vector<Segment> segments_of(const Plan& plan, const Piece& piece);
/// The one that a kept frame lies in.
Segment segment_at(const Plan& plan, const Piece& piece, std::int64_t frame);

/// Reads the files that the job names, for their fingerprints. Throws InputError, UnavailableError.
Facts facts_of(const job::Job& job, const FrameRange& range);

struct PlanOptions {
  FrameRange range;
  std::filesystem::path
      shots_cache;  ///< where the first pass is kept for a plan of the same source; "" for nowhere
  const std::atomic<bool>* stop = nullptr;
  const std::atomic<bool>* unwanted = nullptr;  ///< as `stop`: set once no plan is of any use
  ProgressSink* progress = nullptr;             ///< may be null
  std::int64_t segment_frames = kSegmentFrames;
};

/// Decodes the source once for its cuts. One piece a shot, no chunks. Throws InputError, UsageError for a
/// range without a frame, Interrupted.
Plan make_plan(const job::Job& job, const Facts& facts, const PlanOptions& options);

/// JSON, and back. plan_from_json() throws DataError that begins with `name` for anything that to_json() did
/// not write.
std::string to_json(const Plan& plan);
Plan plan_from_json(std::string_view text, const std::string& name);
/// plan_from_json() of a file; InputError if it cannot be read.
Plan read_plan(const std::filesystem::path& path);

}  // namespace dreamreel::render
