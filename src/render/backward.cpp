#include "backward.h"

#include <thread>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/error.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/prepare/memory.h"

namespace dreamreel::render {
namespace {

using Action = schedule::FrameStep::Action;

// Reads the frames on a thread of its own.
class ReadingThread {
 public:
  ReadingThread(std::size_t length, carry::BackwardFrames::Open open, carry::BackwardFrames::Order order,
                const job::Temporal& temporal, const footage::Timeline& timeline,
                const std::atomic<bool>* stop)
      : queue_(length),
        frames_(std::move(open), std::move(order), temporal, timeline, stop),
        thread_([this] { run(); }) {}
  ~ReadingThread() { queue_.cancel(); }
  ReadingThread(const ReadingThread&) = delete;
  ReadingThread& operator=(const ReadingThread&) = delete;

  std::optional<carry::AnalysedFrame> next() { return queue_.pop(); }

 private:
  void run() {
    image::keep_this_thread_single();
    try {
      while (auto frame = frames_.next())
        if (!queue_.push(std::move(*frame))) return;
      queue_.close();
    } catch (...) {
      queue_.fail(std::current_exception());
    }
  }

  BoundedQueue<carry::AnalysedFrame> queue_;
  carry::BackwardFrames frames_;
  std::jthread thread_;  // last, so that it joins before the queue is destroyed
};

}  // namespace

BackwardDreams::BackwardDreams(Context context, const media::VideoInfo& info)
    : context_(std::move(context)),
      dreamer_(context_.job, context_.objectives, context_.timeline, info, context_.plan.loop, context_.limit,
               context_.trace, Dreamer::Direction::backward),
      queue_length_(prepare::queue_length(info.width, info.height)) {}

const std::string& BackwardDreams::key_of(std::int64_t frame) const {
  return keys_.at(static_cast<std::size_t>(frame - pass_->second.begin));
}

std::optional<BackwardDreams::Stored> BackwardDreams::load(std::int64_t frame) const {
  return context_.work.load_backward(key_of(frame), pass_->first, frame);
}

at::Tensor BackwardDreams::dream_of(const schedule::FrameStep& step, const dream::StepObserver& observer) {
  const std::pair asked(step.piece, step.backward.value());
  if (pass_ != asked || step.frame < lowest_) {
    pass_ = asked;
    lowest_ = step.frame;
    keys_ = context_.keys.of_backward(step.piece, *step.backward);
    try {
      complete(step, observer);
    } catch (...) {
      pass_.reset();  // an unfinished pass
      throw;
    }
  }
  if (const auto stored = load(step.frame)) return stored->dreamed;
  throw DataError("the stored frame " + context_.work.backward_frame(step.piece, step.frame).string() +
                  " has been damaged since this render began; run the same command again");
}

void BackwardDreams::complete(const schedule::FrameStep& step, const dream::StepObserver& observer) {
  carry::BackwardFrames::Order order{step.piece, {}, false};
  std::optional<Stored> last;
  for (const auto frame :
       schedule::dreamed_backward(*step.backward, context_.cadence, step.piece, step.frame)) {
    const bool is_at_front = order.frames.empty() || (order.is_restored && order.frames.size() == 1);
    if (auto stored = is_at_front ? load(frame) : std::nullopt) {
      last = std::move(stored);
      order.frames = {frame};
      order.is_restored = true;
    } else {
      order.frames.push_back(frame);
    }
  }
  if (order.frames.size() > (order.is_restored ? 1U : 0U)) dream(std::move(order), last, observer);
}

void BackwardDreams::dream(carry::BackwardFrames::Order order, const std::optional<Stored>& last,
                           const dream::StepObserver& observer) {
  const schedule::Piece piece = order.piece;
  ReadingThread frames(queue_length_, context_.open, std::move(order), context_.job.temporal,
                       context_.timeline, context_.stop);
  while (const auto analysed = frames.next()) {
    const std::int64_t frame = analysed->frame.index;
    if (analysed->step.action == Action::restore) {
      dreamer_.restore(*analysed, last->dreamed, last->note);
      continue;
    }
    const auto dreamed = dreamer_.dream(*analysed, observer);
    const TraceSpan span(context_.trace, Trace::Track::ascent, "store", frame);
    context_.work.store_backward(key_of(frame), piece, frame, dreamed.dreamed, dreamed.note);
    context_.on_frame(frame);
  }
}

}  // namespace dreamreel::render
