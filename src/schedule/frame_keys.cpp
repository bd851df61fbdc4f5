#include "dreamreel/schedule/frame_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>
#include <utility>

#include "dreamreel/core/digest.h"
#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/schedule/recipe.h"

namespace dreamreel::schedule {
namespace {

using Action = FrameStep::Action;

constexpr std::size_t kHalf = 16;  // hexadecimal digits of 64 bits

Key key_from(const std::string& hex) {
  const auto half = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::from_chars(hex.data() + at, hex.data() + at + kHalf, value, kHalf);
    return value;
  };
  return {half(0), half(kHalf)};
}

Key digest(const std::string& text) {
  return key_from(sha256_hex(text));
}

// The bytes are only hashed, never stored. Still, every machine must hash them in the same order.
template <typename T>
void append(const T& value, std::string& text) {
  static_assert(std::endian::native == std::endian::little, "keys would differ from those of other machines");
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append(const Key& key, std::string& text) {
  append(key.high, text);
  append(key.low, text);
}

std::string fingerprints_of_dream(const job::Job& job, const Plan& plan) {
  const Facts& facts = plan.facts;
  const bool hears = hears_at_unknown_times(job, plan);
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n", facts.version, facts.source, facts.source_end, facts.network);
  for (const auto& [name, fingerprint] : facts.files)
    if (((name != "input.audio" && !is_of_own_variable(name)) || hears) &&
        (name != "dream.mask.path" || mask_is_dreamed(job)))
      text += fmt::format("{} {}\n", name, fingerprint);
  return text;
}

std::string fingerprint_of_mask(const job::Job& job, const Facts& facts) {
  const auto found = facts.files.find("dream.mask.path");
  return mask_is_dreamed(job) || found == facts.files.end() ? "" : found->second;
}

}  // namespace

std::string Key::hex() const {
  char text[2 * kHalf + 1];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

void FrameKeys::Values::add(const job::Curve& curve) {
  if (!curve.is_constant()) varying.push_back({&curve, now.size()});
  now.push_back(curve.is_constant() ? curve.min() : 0);
}

void FrameKeys::Values::append(const curve::CurveTime& time, std::string& text) {
  for (const auto& [curve, place] : varying) now[place] = curve->at(time);
  text.append(reinterpret_cast<const char*>(now.data()), now.size() * sizeof(double));
}

FrameKeys::FrameKeys(const job::Job& job, const Plan& plan, TimeOf time_of)
    : job_(job),
      plan_(plan),
      time_of_(std::move(time_of)),
      is_feedback_(is_feedback(job)),
      cadence_(job.temporal.every, plan.loop, frames_remembered(job, plan.clock.frames_per_second)) {
  const Recipe recipe = recipe_of(job_, plan_);
  dream_recipe_ = digest(recipe.dream + fingerprints_of_dream(job_, plan_));
  shown_recipe_ = digest(recipe.shown + fingerprint_of_mask(job_, plan_.facts));
  encoding_recipe_ = digest(recipe.encoding);
  values_ = sorted_curves(job_);
  first_ = -plan_.loop.run_in;
  kept_.resize(static_cast<std::size_t>(plan_.end() - first_));
  const Stored nothing{[](const Segment&) { return false; },
                       [](std::int64_t) { return std::optional<std::int64_t>(); }};
  take_fades();
  take_script(find_outstanding(plan_, cadence_, plan_.pieces, nothing).tasks);
  for (const auto& fade : fades_) {
    incoming_ = fade.get();
    take_script({incoming_task(plan_, fade->fade)});
  }
  incoming_ = nullptr;
  of_piece_ = {};
}

void FrameKeys::take_fades() {
  for (const auto& fade : plan_.fades) {
    auto& outgoing = *fades_.emplace_back(std::make_unique<Outgoing>());
    outgoing.fade = fade;
    outgoing.job = outgoing_job(job_, fade);
    outgoing.values = sorted_curves(outgoing.job);
    outgoing.incoming.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, fade.end - fade.begin)));
  }
}

void FrameKeys::take_script(const std::vector<Task>& tasks) {
  for (const auto& run : runs_of(job_, plan_, tasks)) {
    Script script(job_, plan_, cadence_, run);
    while (const auto step = script.next()) take(*step);
  }
}

FrameKeys::Classes FrameKeys::sorted_curves(const job::Job& job) {
  Classes classes;
  for (const auto& named : job::list_curves(job)) {
    const bool is_mask = named.path.starts_with("dream.mask.") && !mask_is_dreamed(job);
    const bool is_opacity = named.path == "dream.opacity" && !opacity_is_dreamed(job);
    auto& values = named.path.starts_with("camera.") ? classes.camera
                   : is_mask || is_opacity           ? classes.shown
                                                     : classes.dream;
    values.add(*named.curve);
  }
  return classes;
}

void FrameKeys::take(const FrameStep& step) {
  if (step.action != Action::dream && step.action != Action::fill) return;
  if (step.piece != piece_) {
    piece_ = step.piece;
    of_piece_.assign(static_cast<std::size_t>(piece_.end - piece_.start), {});
  }
  waiting_.push_back(step);
  take_waiting();
}

// A filled-in frame leans on the next dreamed frame, so it waits until the key of that frame is known.
void FrameKeys::take_waiting() {
  const auto take_if_known = [&](const FrameStep& step) {
    if (!is_known(step)) return false;
    const Key key = key_of(step);
    of_piece_[static_cast<std::size_t>(step.frame - piece_.start)] = key;
    if (incoming_ != nullptr)
      incoming_->incoming[static_cast<std::size_t>(step.frame - incoming_->fade.begin)] = key;
    else if (step.is_shown || step.frame < 0)
      kept_[static_cast<std::size_t>(step.frame - first_)] = key;
    return true;
  };
  // The key of a dreamed frame completes the frames before it. So no frame waits beyond the end of its piece.
  while (std::erase_if(waiting_, take_if_known) > 0) {
  }
}

Key FrameKeys::known(const Piece& piece, std::int64_t frame) const {
  if (frame < 0) return dream_key(frame);
  return of_piece_[static_cast<std::size_t>(frame - piece.start)];
}

bool FrameKeys::is_known(const FrameStep& step) const {
  return std::ranges::none_of(step.leans_on,
                              [&](std::int64_t frame) { return known(step.piece, frame) == Key{}; });
}

double FrameKeys::seconds_of(std::int64_t frame) const {
  const auto place = static_cast<std::size_t>(frame + plan_.loop.run_in);
  return place < plan_.seconds.size() ? plan_.seconds[place] : plan_.clock.on_grid(frame);
}

// The fade in which a frame fades out, or null.
FrameKeys::Outgoing* FrameKeys::outgoing_of(const FrameStep& step) {
  const auto found = std::ranges::find_if(fades_, [&](const auto& one) {
    return one->fade.holds(step.frame) && step.piece.start < one->fade.begin;
  });
  return incoming_ != nullptr || found == fades_.end() ? nullptr : found->get();
}

const FrameKeys::Outgoing* FrameKeys::fade_at(std::int64_t frame) const {
  const auto found = std::ranges::find_if(fades_, [&](const auto& one) { return one->fade.holds(frame); });
  return found == fades_.end() ? nullptr : found->get();
}

Key FrameKeys::key_of(const FrameStep& step) {
  Outgoing* const outgoing = outgoing_of(step);
  Classes& values = outgoing != nullptr ? outgoing->values : values_;
  std::string text;
  append(dream_recipe_, text);
  append(step.action == Action::dream, text);
  append(plan_.loop.on_time_line(step.frame), text);
  append(step.continues_shot, text);
  append(step.may_be_held, text);
  // Pure feedback has only one picture, at its first frame.
  if (!is_feedback_ || !step.continues_shot)
    append(is_feedback_ ? step.frame : step.frame + plan_.loop.run_in, text);
  if (step.pull) {
    append(step.pull->frame + plan_.loop.run_in, text);
    append(step.pull->weight, text);
    append(step.pull->continues_shot, text);
  }
  for (const std::int64_t past : step.leans_on) append(known(step.piece, past), text);
  if (step.backward) append(backward_key(step), text);
  if (step.action == Action::dream) {
    values.dream.append(time_of_(step.frame, seconds_of(step.frame)), text);
    append_camera(step, values.camera, text);
  }
  // Noise that comes in goes by the motif at the frame's own time.
  const auto& own = outgoing != nullptr ? outgoing->job : job_;
  const bool takes_noise_in =
      own.camera.border == job::Camera::Border::noise && !own.dream.motif.is_constant();
  if (step.action == Action::fill && takes_noise_in)
    append(own.dream.motif.at(time_of_(step.frame, seconds_of(step.frame))) > 0, text);
  // Then the recipe holds the text of the curves, and not the values of the outgoing dream.
  if (outgoing != nullptr && !plan_.has_times) append(outgoing->fade.begin, text);
  return digest(text);
}

// A backward dream leans on the dreamed frame behind it. The camera's step between both is that of the
// forward pass, which ends at the later frame.
std::vector<Key> FrameKeys::keys_of(const Piece& piece, const BackwardPass& pass) const {
  std::vector<Key> keys(static_cast<std::size_t>(pass.end - pass.begin));
  Classes values = values_;
  std::optional<std::int64_t> past;
  for (const auto frame : dreamed_backward(pass, cadence_, piece, pass.begin)) {
    std::string text = "backward";
    append(dream_recipe_, text);
    append(frame, text);
    append(frame + plan_.loop.run_in, text);
    append(past.has_value(), text);
    values.dream.append(time_of_(frame, seconds_of(frame)), text);
    if (past) {
      append(keys[static_cast<std::size_t>(*past - pass.begin)], text);
      const double seconds = seconds_of(*past), gap_seconds = seconds - seconds_of(frame);
      const auto gap_frames = static_cast<double>(*past - frame);
      append(gap_seconds, text);
      values.camera.append(middle_of_step(time_of_(*past, seconds), gap_seconds, gap_frames), text);
    }
    keys[static_cast<std::size_t>(frame - pass.begin)] = digest(text);
    past = frame;
  }
  return keys;
}

Key FrameKeys::backward_key(const FrameStep& step) {
  const std::pair of(step.piece, *step.backward);
  if (backward_.empty() || backward_of_ != of) {
    backward_of_ = of;
    backward_ = keys_of(step.piece, *step.backward);
  }
  return backward_[static_cast<std::size_t>(step.frame - step.backward->begin)];
}

std::vector<std::string> FrameKeys::of_backward(const Piece& piece, const BackwardPass& pass) const {
  std::vector<std::string> texts;
  for (const Key& key : keys_of(piece, pass)) texts.push_back(key == Key{} ? "" : key.hex());
  return texts;
}

// The camera moves from each frame that this frame leans on. If there is none, noise is warmed up with a step
// of one frame.
void FrameKeys::append_camera(const FrameStep& step, Values& camera, std::string& text) {
  const double seconds = seconds_of(step.frame);
  const auto append_step = [&](double gap_seconds, double gap_frames) {
    append(gap_seconds, text);
    camera.append(middle_of_step(time_of_(step.frame, seconds), gap_seconds, gap_frames), text);
  };
  bool leans = false;
  for (const std::int64_t past : step.leans_on) {
    // The twin moves from the frame before it, along its own source.
    const bool is_twins = step.pull && past == step.pull->frame - 1;
    const std::int64_t to = is_twins ? step.pull->frame : step.frame;
    append_step(seconds_of(to) - seconds_of(past), static_cast<double>(to - past));
    leans = true;
  }
  const auto& asked = job_.temporal.at_fps;
  if (!leans) append_step(1 / (asked ? asked->value() : plan_.clock.frames_per_second), 1);
}

bool FrameKeys::is_plain(std::int64_t frame, const job::Job& job) const {
  if (frame < 0) return true;
  if (job.dream.mask) return false;
  const auto& opacity = job.dream.opacity;
  if (!plan_.has_times && !opacity.is_constant()) return false;
  return opacity.at(time_of_(frame, seconds_of(frame))) == 1;
}

// The key of a dream under the opacity and the mask of `job`. `values` is a copy, because several threads may
// call of().
Key FrameKeys::laid_over(std::int64_t frame, const Key& dream, const job::Job& job, Values values) const {
  if (is_plain(frame, job)) return dream;
  std::string text;
  append(dream, text);
  append(shown_recipe_, text);
  values.append(time_of_(frame, seconds_of(frame)), text);
  return digest(text);
}

Key FrameKeys::shown_key(std::int64_t frame, const Key& dream) const {
  const Outgoing* const fade = fade_at(frame);
  if (fade == nullptr) return laid_over(frame, dream, job_, values_.shown);
  std::string text;
  append(laid_over(frame, dream, fade->job, fade->values.shown), text);
  const Key& incoming = fade->incoming[static_cast<std::size_t>(frame - fade->fade.begin)];
  append(laid_over(frame, incoming, job_, values_.shown), text);
  append(fade->fade.weight_at(frame), text);
  return digest(text);
}

FrameKey FrameKeys::of(std::int64_t frame) const {
  Key dream = dream_key(frame);
  // All chunks of a farm share the run-in. So its keys come from the plan, where every bit is fixed.
  if (const auto found = plan_.part_keys.find(first_); frame < 0 && found != plan_.part_keys.end())
    dream = digest(fmt::format("{} {}", found->second, frame));
  if (fade_at(frame) != nullptr) return {dream.hex(), shown_key(frame, dream).hex(), false, false};
  const bool plain = is_plain(frame, job_);
  return {dream.hex(), shown_key(frame, dream).hex(), plain, plain || !job_.input.noise};
}

Key FrameKeys::part_key(const Segment& segment) const {
  std::string text;
  append(encoding_recipe_, text);
  append(segment.begin, text);
  append(segment.end, text);
  // The time for which a clip's last frame is shown may depend on where the clip ends.
  append(segment.end == plan_.end() && !is_feedback_, text);
  if (plan_.facts.range.begin > 0) append(plan_.first_pts, text);
  for (std::int64_t frame = segment.begin; frame < segment.end; ++frame)
    append(shown_key(frame, dream_key(frame)), text);
  return digest(text);
}

std::map<std::int64_t, std::string> FrameKeys::part_keys() const {
  std::map<std::int64_t, std::string> keys;
  if (first_ < 0) {
    std::string text;
    for (std::int64_t frame = first_; frame < 0; ++frame) append(dream_key(frame), text);
    keys[first_] = digest(text).hex();
  }
  for (const auto& piece : plan_.pieces)
    for (const auto& segment : segments_of(plan_, piece)) keys[segment.begin] = part_key(segment).hex();
  return keys;
}

}  // namespace dreamreel::schedule
