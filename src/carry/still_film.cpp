#include "dreamreel/carry/still_film.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>

#include "dreamreel/carry/between.h"
#include "dreamreel/core/error.h"
#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/reader_options.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::carry {
namespace {

using Complex = std::complex<double>;  // x + iy, in px

constexpr double kDegrees = 180 / std::numbers::pi;

// A camera step as the map z -> factor z + shift from current to previous positions.
struct Similarity {
  Complex factor = 1, shift = 0;
};

Complex pixels(double x, double y, const image::Size& size) {
  return {x * static_cast<double>(size.width), y * static_cast<double>(size.height)};
}

Complex pivot_of(const image::CameraStep& step, const image::Size& size) {
  return pixels(step.pivot_x, step.pivot_y, size) - Complex(0.5, 0.5);
}

Similarity similarity_of(const image::CameraStep& step, const image::Size& size) {
  const Complex factor = std::polar(1 / step.zoom, step.rotate_degrees / kDegrees);
  const Complex pivot = pivot_of(step, size);
  return {factor, pivot - factor * pivot + pixels(step.pan_x, step.pan_y, size)};
}

schedule::Piece shot_of(const Twin& twin) {
  return {twin.shot_begin, twin.shot_begin, 0, 0};
}

at::Tensor read_still(const job::Input& input) {
  media::Reader reader(footage::reader_options(input));
  const auto frame = reader.next();
  if (!frame) throw InputError(input.path.string() + ": no picture could be decoded");
  return frame->rgb;
}

}  // namespace

image::CameraStep after_each_other(const image::CameraStep& first, const image::CameraStep& second,
                                   const image::Size& size) {
  if (first.is_identity()) return second;
  if (second.is_identity()) return first;
  const Similarity early = similarity_of(first, size), late = similarity_of(second, size);
  const Complex factor = early.factor * late.factor;
  const Complex shift = early.factor * late.shift + early.shift;
  image::CameraStep both;
  const Complex pivot = pivot_of(both, size);
  const Complex pan = factor * pivot + shift - pivot;
  both.zoom = 1 / std::abs(factor);
  both.rotate_degrees = std::arg(factor) * kDegrees;
  both.pan_x = pan.real() / static_cast<double>(size.width);
  both.pan_y = pan.imag() / static_cast<double>(size.height);
  return both;
}

StillPath::StillPath(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
                     const image::Size& size, double frames_per_second)
    : job_(job),
      timeline_(timeline),
      cadence_(job.temporal.every, loop),
      size_(size),
      frames_per_second_(frames_per_second) {}

image::CameraStep StillPath::step(std::int64_t from, std::int64_t to) const {
  const auto frames = static_cast<double>(to - from);
  const double seconds = static_cast<double>(to) / frames_per_second_;
  return footage::camera_step(job_.camera, timeline_.at(to, seconds), frames / frames_per_second_, frames);
}

image::CameraStep StillPath::to(const schedule::Piece& piece, std::int64_t frame) {
  if (!reached_ || piece != piece_ || frame < *reached_) {
    piece_ = piece;
    reached_ = piece.start;
    path_ = {};
  }
  for (std::int64_t next = *reached_ + 1; next <= frame; ++next) {
    if (!cadence_.is_dreamed(piece, next)) continue;
    path_ = after_each_other(path_, step(*reached_, next), size_);
    reached_ = next;
  }
  if (frame <= *reached_) return path_;
  std::int64_t after = frame + 1;
  while (!cadence_.is_dreamed(piece, after)) ++after;
  const double share = static_cast<double>(frame - *reached_) / static_cast<double>(after - *reached_);
  return after_each_other(path_, part_of(step(*reached_, after), share), size_);
}

bool StillFilm::is_needed(const job::Job& job) {
  if (job.input.noise || !job.input.duration) return false;
  const auto& opacity = job.dream.opacity;
  const bool is_opaque = opacity.is_constant() && opacity.min() == 1;
  return !is_opaque || job.dream.mask || job.dream.show_masks ||
         std::ranges::any_of(job.dream.objectives, [](const auto& one) { return one.mask.has_value(); });
}

StillFilm::StillFilm(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
                     const media::VideoInfo& info, const at::Device& device)
    : job_(job),
      timeline_(timeline),
      still_(read_still(job.input).to(device)),
      path_(job, timeline, loop, {info.height, info.width}, info.frame_rate.value()),
      twin_path_(job, timeline, loop, {info.height, info.width}, info.frame_rate.value()) {}

footage::Outside StillFilm::outside_of(const AnalysedFrame& analysed) const {
  return footage::outside_of(job_, timeline_.at(analysed.frame), {still_.size(1), still_.size(2)});
}

at::Tensor StillFilm::picture(const AnalysedFrame& analysed, const RandomKey& key) {
  return moved(still_, analysed, outside_of(analysed), key);
}

at::Tensor StillFilm::moved(const at::Tensor& mask, const AnalysedFrame& analysed) {
  // Noise has no mask, so the mask's edge goes on behind the border.
  const footage::Outside outside = outside_of(analysed);
  return moved(mask, analysed, outside.is_noise() ? footage::Outside{image::Border::edge, {}} : outside, {});
}

at::Tensor StillFilm::moved(const at::Tensor& picture, const AnalysedFrame& analysed,
                            const footage::Outside& outside, const RandomKey& key) {
  const auto shown_by = [&](const image::CameraStep& camera) {
    if (camera.is_identity()) return picture;
    const auto positions = image::positions({picture.size(1), picture.size(2)}, camera, {}, picture.device());
    return image::resample(picture, positions, outside.border, key, outside.noise_size).clamp(0, 1);
  };
  const at::Tensor own = shown_by(path_.to(analysed.step.piece, analysed.step.frame));
  if (!analysed.twin) return own;
  const at::Tensor twin = shown_by(twin_path_.to(shot_of(*analysed.twin), analysed.twin->frame.index));
  return image::lerp(own, twin, analysed.twin->weight);
}

}  // namespace dreamreel::carry
