// The keys of a render's frames and parts: checksums of everything that their pixels depend on. Two frames with one key
// are the same to the bit, whichever job they were rendered for, so what is stored under a key is kept.
//
// A frame's recipe is what the job says of it (its curves' values, its source frame, its random numbers) and what the job
// says of all frames (schedule/recipe.h), with fingerprints in the place of files. A frame's key is the checksum of its
// recipe and of the keys of the frames that it leans on, as the script has them. The machine that renders is in no key.
// Pure: no file is read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/script.h"

namespace dreamreel::schedule {

/// 128 bits of a SHA-256.
struct Key {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
  std::string hex() const;  ///< 32 digits
};

/// Of one frame as it is stored.
struct FrameKey {
  std::string dream;  ///< of the dreamed frame
  std::string shown;  ///< of the picture that is encoded, which is the dreamed frame where is_plain
  bool is_plain = true;
  /// Whether the picture can be made again from the dreamed frame and the source.
  bool can_be_shown_anew = true;
};

class FrameKeys {
 public:
  /// Where a frame with a time stamp of so many seconds stands, with its sound.
  using TimeOf = std::function<curve::CurveTime(std::int64_t frame, double seconds)>;

  /// `job` is the plan's, whatever the places of its files; `time_of` is used as long as the object lives. About 3
  /// microseconds and 16 bytes a frame.
  FrameKeys(const job::Job& job, const Plan& plan, TimeOf time_of);
  FrameKeys(const FrameKeys&) = delete;
  FrameKeys& operator=(const FrameKeys&) = delete;

  /// Of a frame that is shown, or of the run-in. Any thread.
  FrameKey of(std::int64_t frame) const;

  /// For Plan::part_keys.
  std::map<std::int64_t, std::string> part_keys() const;

 private:
  struct Varying {
    const job::Curve* curve;
    std::size_t place;  // among the values
  };
  // The curves of one class. Values of constant ones are set once.
  struct Values {
    std::vector<Varying> varying;
    std::vector<double> now;
    void add(const job::Curve& curve);
    void append(const curve::CurveTime& time, std::string& text);
  };

  void sort_curves();
  void take(const FrameStep& step);
  void take_waiting();
  bool is_known(const FrameStep& step) const;
  Key key_of(const FrameStep& step);
  void append_camera(const FrameStep& step, std::string& text);
  Key known(const Piece& piece, std::int64_t frame) const;
  double seconds_of(std::int64_t frame) const;
  Key shown_key(std::int64_t frame, const Key& dream) const;
  bool is_plain(std::int64_t frame) const;
  Key part_key(const Segment& segment) const;
  Key dream_key(std::int64_t frame) const { return kept_[static_cast<std::size_t>(frame - first_)]; }

  const job::Job job_;
  const Plan& plan_;
  const TimeOf time_of_;
  const bool is_feedback_;
  Key dream_recipe_, shown_recipe_, encoding_recipe_;
  Values dream_values_, camera_values_, shown_values_;
  std::int64_t first_ = 0;          // of kept_
  std::vector<Key> kept_;           // of the frames that are stored, the run-in first
  Piece piece_;                     // the one that is at work
  std::vector<Key> of_piece_;       // its frames from its start on
  std::vector<FrameStep> waiting_;  // frames that lean on a later one
};

}  // namespace dreamreel::schedule
