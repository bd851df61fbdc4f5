// How much memory a render may take, and what of it is left for passes through the networks.
#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/objective_set.h"

namespace dreamreel::render {

/// Bytes that a new process may use: of the device's memory for a GPU; else MemAvailable, or what is left of the
/// smallest limit of the cgroups that this process is in, whichever is less.
std::int64_t free_memory(const at::Device& device);

struct MemoryBudget {
  std::int64_t bytes = 0;  ///< of the whole process, or of what it uses of its GPU
  bool is_asked = false;   ///< somebody has said so; else it is a share of what is free
};
/// `asked`: 0 for 70 % of what is free.
MemoryBudget memory_budget(std::int64_t asked, const at::Device& device);

/// What is in memory beside a pass when a frame of the job is at its fullest: program, weights, the frame and what the
/// ascent keeps of it, frames that wait between the threads.
std::int64_t bytes_beside_passes(const job::Job& job, const dream::Networks& networks,
                                 const media::VideoInfo& info);

/// Of these, the frames.
std::int64_t bytes_of_frames(const job::Job& job, const media::VideoInfo& info);

/// What is left for a pass. Throws UsageError if not even a tile fits into a budget that was asked for, RenderError if
/// it is in what is free, JobError if an objective's layer cannot be tiled; the message says how much would do.
dream::PassLimit pass_limit(const job::Job& job, const ObjectiveSet& objectives, const media::VideoInfo& info,
                            const MemoryBudget& budget);

/// The same for a picture that is climbed by itself, as `options` say.
dream::PassLimit bench_limit(const dream::Networks& networks, const dream::AscentOptions& options, int width,
                             int height, const MemoryBudget& budget);

/// "2 tiles of 2464x2160 px, which overlap by 1086 px"; "" for a picture that is passed whole.
std::string words_for(const dream::TileReport& tiles);

/// "4.0GiB", "800MiB": never less than `bytes`, so that it can be given back to --memory.
std::string size_text(std::int64_t bytes);

/// Frames that may wait in a queue: as many as hide an uneven neighbour, fewer if they are large. Of dreamed frames with
/// those to be filled in before them (temporal.every), fewer by as much.
std::size_t queue_length(int width, int height, int every = 1);

}  // namespace dreamreel::render
