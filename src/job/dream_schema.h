// The sections of `dream` that shape the ascent, beside its objectives.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

Row<Dream> gradient_row();
Row<Dream> regularise_row();
Row<Dream> transforms_row();
Row<Dream> optimizer_row();
Row<Dream> parameterization_row();

}  // namespace dreamreel::job
