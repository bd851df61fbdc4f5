// The keys of a render's frames and parts: checksums of everything that their pixels depend on. Two frames
// with the same key have the same pixels to the bit, even if they were rendered for two different jobs. So a
// stored frame with a valid key is kept.
//
// A frame's recipe has two halves. One half is specific to the frame: the values of the curves, the source
// frame, the random numbers. The other half holds for all frames (schedule/recipe.h). Files count by their
// fingerprints. A frame's key is the checksum of its recipe and of the keys of the frames that it leans on,
// as the script lists them. No key depends on the machine that renders.
//
// Pure: no file is read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/script.h"

namespace dreamreel::schedule {

/// The first 128 bits of a SHA-256.
struct Key {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
  std::string hex() const;  ///< 32 hexadecimal digits
};

/// The keys of one frame.
struct FrameKey {
  std::string dream;  ///< key of the dreamed frame as it is stored
  std::string shown;  ///< key of the picture that is encoded; equal to `dream` if is_plain
  bool is_plain = true;
  /// Whether the picture can be made again from the stored dream and the source.
  bool can_be_shown_anew = true;
};

class FrameKeys {
 public:
  /// The time of a frame whose time stamp is `seconds`, with the sound at that time.
  using TimeOf = std::function<curve::CurveTime(std::int64_t frame, double seconds)>;

  /// `job` is the job of the plan; only the places of its files may differ. `plan` must outlive the object,
  /// and `time_of` is called as long as the object lives. The constructor takes about 3 microseconds and 16
  /// bytes a frame.
  FrameKeys(const job::Job& job, const Plan& plan, TimeOf time_of);
  FrameKeys(const FrameKeys&) = delete;
  FrameKeys& operator=(const FrameKeys&) = delete;

  /// The keys of a frame that is shown, or of a frame of the run-in. Any thread may call it.
  FrameKey of(std::int64_t frame) const;

  /// The keys of the backward dreams of a pass over frames of `piece`, from frame pass.begin on (32
  /// hexadecimal digits). "" for frames that are filled in. Any thread may call it.
  std::vector<std::string> of_backward(const Piece& piece, const BackwardPass& pass) const;

  /// The value of Plan::part_keys.
  std::map<std::int64_t, std::string> part_keys() const;

 private:
  struct Varying {
    const job::Curve* curve;
    std::size_t place;  // index into Values::now
  };
  // The curves of one class, with their values. The values of constant curves are set once.
  struct Values {
    std::vector<Varying> varying;
    std::vector<double> now;
    void add(const job::Curve& curve);
    void append(const curve::CurveTime& time, std::string& text);
  };

  // The curves of a job, in classes.
  struct Classes {
    Values dream, camera, shown;
  };
  // A cross-fade. Its frames are dreamed with the values of the outgoing dream, and mixed with others.
  struct Outgoing {
    Fade fade;
    job::Job job;
    Classes values;
    std::vector<Key> incoming;  // keys of the incoming dreams of the fade's frames
  };

  static Classes sorted_curves(const job::Job& job);
  void take_fades();
  void take_script(const std::vector<Task>& tasks);
  void take(const FrameStep& step);
  void take_waiting();
  bool is_known(const FrameStep& step) const;
  Outgoing* outgoing_of(const FrameStep& step);
  const Outgoing* fade_at(std::int64_t frame) const;
  Key key_of(const FrameStep& step);
  void append_camera(const FrameStep& step, Values& camera, std::string& text);
  std::vector<Key> keys_of(const Piece& piece, const BackwardPass& pass) const;
  Key backward_key(const FrameStep& step);
  Key known(const Piece& piece, std::int64_t frame) const;
  double seconds_of(std::int64_t frame) const;
  Key shown_key(std::int64_t frame, const Key& dream) const;
  Key laid_over(std::int64_t frame, const Key& dream, const job::Job& job, Values values) const;
  bool is_plain(std::int64_t frame, const job::Job& job) const;
  Key part_key(const Segment& segment) const;
  Key dream_key(std::int64_t frame) const { return kept_[static_cast<std::size_t>(frame - first_)]; }

  const job::Job job_;
  const Plan& plan_;
  const TimeOf time_of_;
  const bool is_feedback_;
  const Cadence cadence_;
  Key dream_recipe_, shown_recipe_, encoding_recipe_;
  Classes values_;
  std::vector<std::unique_ptr<Outgoing>> fades_;  // not moved, because values refer to curves of jobs
  Outgoing* incoming_ = nullptr;                  // the fade whose incoming dream is being keyed
  std::int64_t first_ = 0;                        // frame number of kept_[0]
  std::vector<Key> kept_;                         // keys of the stored frames; the run-in comes first
  Piece piece_;                                   // the piece that is being keyed
  std::vector<Key> of_piece_;                     // keys of its frames, from its start on
  // The keys of the last backward pass, which belongs to backward_of_.
  std::pair<Piece, BackwardPass> backward_of_;
  std::vector<Key> backward_;
  std::vector<FrameStep> waiting_;  // frames that lean on a later frame
};

}  // namespace dreamreel::schedule
