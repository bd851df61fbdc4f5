#include "segment_writer.h"

#include <chrono>
#include <string>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/prepare/memory.h"

namespace dreamreel::render {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPreviewInterval = std::chrono::seconds(1);

// The same numbers that loading the stored frame gives. On a GPU, the last bit of a level may differ. Alpha
// is stored in lossless parts alone. It is always rounded, so that an output has the same alpha whether it is
// encoded now or from such a part.
at::Tensor as_stored(const at::Tensor& picture) {
  return image::quantise16(picture.cpu());
}

}  // namespace

Preview::Preview(std::optional<std::filesystem::path> path, const media::VideoInfo& info)
    : path_(std::move(path)), info_(info) {
  info_.is_still = true;
}

void Preview::show(const media::VideoFrame& frame) {
  const auto now = Clock::now();
  if (!path_ || (shown_ && now - *shown_ < kPreviewInterval)) return;
  shown_ = now;
  try {
    media::WriterOptions options;
    options.path = *path_;
    media::Writer writer(options, info_);
    writer.write(frame);
    writer.finish();
  } catch (const Error& error) {  // a failing preview must not end the render
    log_warning(std::string("no more previews: ") + error.what());
    path_.reset();
  }
}

SegmentWriter::SegmentWriter(const schedule::Plan& plan, const schedule::FrameKeys& keys,
                             const work::WorkFolder& work, const media::WriterOptions& options,
                             media::PartFormat format, const std::string& machine,
                             const media::VideoInfo& info, Preview preview, const std::atomic<bool>* stop,
                             Trace* trace)
    : plan_(plan),
      keys_(keys),
      work_(work),
      options_(options),
      format_(format),
      machine_(machine),
      info_(info),
      preview_(std::move(preview)),
      stop_(stop),
      trace_(trace),
      queue_(prepare::queue_length(info.width, info.height)),
      thread_([this] { run(); }) {}

SegmentWriter::~SegmentWriter() {
  abandoned_ = true;
  queue_.close();
}

void SegmentWriter::write(FinishedFrame frame) {
  if (!queue_.push(std::move(frame))) rethrow();
}

void SegmentWriter::finish() {
  queue_.close();
  rethrow();
}

void SegmentWriter::rethrow() {
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  throw_if_stopped(stop_, "interrupted while encoding");
}

void SegmentWriter::run() {
  image::keep_this_thread_single();
  try {
    while (auto finished = queue_.pop()) take(*finished);
  } catch (...) {
    failure_ = std::current_exception();
    queue_.cancel();
  }
}

void SegmentWriter::take(FinishedFrame& finished) {
  media::VideoFrame& frame = finished.frame;
  if (!finished.step.is_stored) {
    const TraceSpan span(trace_, Trace::Track::output, "store", frame.index);
    work_.store(keys_.of(frame.index), frame.index, finished.dreamed, frame.rgb, finished.note);
  }
  if (is_stopped()) return;  // stored frames are encoded when the render continues
  const TraceSpan span(trace_, Trace::Track::output, "encode", frame.index);
  if (!part_) {
    media::WriterOptions options = options_;
    options.first_frame_number = options_.first_frame_number + frame.index - plan_.begin();
    const auto& segment = finished.step.segment;
    const std::string label = work::WorkFolder::label(plan_, segment) + "\n" + machine_;
    part_.emplace(work_.part(segment), label, options, info_, stop_, format_);
  }
  if (plan_.facts.range.begin > 0) frame.pts -= plan_.first_pts;
  frame.rgb = as_stored(frame.rgb);
  if (frame.alpha.defined()) frame.alpha = as_stored(frame.alpha);
  part_->write(frame);
  preview_.show(frame);
  if (finished.step.ends_segment) close_part(finished.step);
}

void SegmentWriter::close_part(const schedule::FrameStep& last) {
  part_->finish();
  part_.reset();
  for (const auto& [begin, end] : last.forgotten) work_.forget(begin, end);
  work_.forget_backward(last.piece, last.forgotten_backward.begin, last.forgotten_backward.end);
}

}  // namespace dreamreel::render
