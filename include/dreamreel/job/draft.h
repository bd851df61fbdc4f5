// Makes a job cheaper to preview, before a night is spent on the real render.
#pragma once

#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// A quarter of the pixels, and half the iterations at twice the step. The octaves are those of the final
/// render without the finest (Dream::draft), so the composition is about the same. Masks' feathers are
/// halved. Camera, time and random numbers stay, so the motion is the same. Throws JobError for an expression
/// that cannot be scaled because it would become too long.
Job draft_of(Job job);

/// An Input::filter without the part that draft_of() added. It is the same for a draft and for the original
/// job.
std::string filter_before_draft(const std::string& filter);

/// The same look on smaller frames. The frames of `job` are `width` x `height` px. The frames of the returned
/// job are `new_width` x `new_height` px, each at least 1. As in a draft, the finest octaves are
/// missing. Steps and iterations stay. Returns the job unchanged if
/// the new frames would not be smaller. Throws JobError like draft_of().
Job smaller(Job job, int width, int height, int new_width, int new_height);

/// The job without dreaming: camera and flow carry a pattern of dots instead of the dream (temporal.marks).
Job motion_of(Job job);

/// No dreaming: colours show where a dream would be fresh and why (temporal.maps).
Job maps_of(Job job);

/// No dreaming: the masks of the dream and of its objectives lie in colours over the source
/// (dream.show_masks). Throws JobError if the job has no mask.
Job masks_of(Job job);

}  // namespace dreamreel::job
