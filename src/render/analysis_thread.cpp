#include "analysis_thread.h"

#include <exception>
#include <utility>

#include "dreamreel/image/threads.h"
#include "dreamreel/prepare/memory.h"

namespace dreamreel::render {

AnalysisThread::AnalysisThread(footage::FrameSource& source, const job::Temporal& temporal,
                               const footage::Timeline& timeline, const carry::Hold& hold, carry::Twins twins,
                               schedule::Script script, const RenderOptions& options)
    : queue_(prepare::queue_length(source.info().width, source.info().height, temporal.every)),
      trace_(options.trace),
      analysis_(source, temporal, timeline, hold, std::move(twins), std::move(script), options.stop,
                options.trace),
      thread_([this] { run(); }) {}

AnalysisThread::~AnalysisThread() {
  queue_.cancel();
}

std::optional<carry::AnalysedFrame> AnalysisThread::next() {
  const TraceSpan span(trace_, Trace::Track::ascent, "wait for a frame");
  return queue_.pop();
}

void AnalysisThread::run() {
  image::keep_this_thread_single();
  try {
    while (auto frame = analysis_.next()) {
      const TraceSpan span(trace_, Trace::Track::source, "wait for the ascent");
      if (!queue_.push(std::move(*frame))) return;
    }
    queue_.close();
  } catch (...) {
    queue_.fail(std::current_exception());
  }
}

}  // namespace dreamreel::render
