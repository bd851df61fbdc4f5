// Computes how much memory a render may take, and how much of it is left for passes through the networks.
#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/model/objective_set.h"

namespace dreamreel::prepare {

/// Bytes that a new process may use. For a GPU, the free memory of the device. For the CPU, the smaller of
/// MemAvailable and the smallest remainder that the limits of the process's control groups leave.
std::int64_t free_memory(const at::Device& device);

struct MemoryBudget {
  std::int64_t bytes = 0;  ///< limit for the whole process, or for its use of GPU memory
  bool is_asked = false;   ///< true: a person gave the limit; false: it is a share of the free memory
};
/// The budget for a render. `asked` is in bytes; 0 stands for 70 % of the free memory.
MemoryBudget memory_budget(std::int64_t asked, const at::Device& device);

/// Bytes in use beside a pass at the busiest moment of a frame. They cover the program, the weights, the
/// frame, the ascent's copies of the frame, and the frames that wait between the threads.
std::int64_t bytes_beside_passes(const job::Job& job, const dream::Networks& networks,
                                 const media::VideoInfo& info);

/// The part of bytes_beside_passes() that frames take.
std::int64_t bytes_of_frames(const job::Job& job, const media::VideoInfo& info);

/// The limit for one pass. Throws UsageError if not even a tile fits into a limit that a person gave, and
/// RenderError if not even a tile fits into the free memory. Throws JobError if an objective's layer cannot
/// be tiled. The message says how much memory would be enough.
dream::PassLimit pass_limit(const job::Job& job, const model::ObjectiveSet& objectives,
                            const media::VideoInfo& info, const MemoryBudget& budget);

/// The limit for one pass over a single picture of `width` x `height` px, dreamed with `options`.
dream::PassLimit bench_limit(const dream::Networks& networks, const dream::AscentOptions& options, int width,
                             int height, const MemoryBudget& budget);

/// "2 tiles of 2464x2160 px, which overlap by 1086 px"; "" for a picture that is not tiled.
std::string words_for(const dream::TileReport& tiles);

/// "4.0GiB", "800MiB". Rounded up, so that --memory takes the text without losing bytes.
std::string size_text(std::int64_t bytes);

/// The number of frames that may wait in a queue: enough to hide an uneven neighbour, fewer if frames are
/// large. With temporal.every, a dreamed frame waits together with the frames to be filled in before it, so
/// the queue gets shorter accordingly.
std::size_t queue_length(int width, int height, int every = 1);

}  // namespace dreamreel::prepare
