// A job made cheaper to look at, before a night is spent on the real one.
#pragma once

#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// A quarter of the pixels and half the iterations at twice the step. What is measured in pixels is halved, and the
/// octaves that made the larger shapes go, so that these fill as much of the frame as in the final render. Camera, time
/// and random numbers stay, so the motion is the same. Throws JobError for an expression so long that it cannot be
/// scaled (written twice it is longer than any may be).
Job draft_of(Job job);

/// An Input::filter without what draft_of() added to it: the same for a draft and for the job that it is of.
std::string filter_before_draft(const std::string& filter);

/// The same look on smaller frames: of a job whose frames are `width` x `height` px, one whose frames are
/// `new_width` x `new_height`, both at least 1. As in a draft, what is measured in pixels shrinks and the octaves that
/// made the larger shapes go; steps and iterations stay. The job itself where the frames would not be smaller. Throws
/// JobError as draft_of().
Job smaller(Job job, int width, int height, int new_width, int new_height);

/// No dreaming: camera and flow carry a pattern of dots in the dream's place (temporal.marks).
Job motion_of(Job job);

}  // namespace dreamreel::job
