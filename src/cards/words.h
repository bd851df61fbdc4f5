// The tables of a card are written in the words of settings, which this module uses without their namespace.
#pragma once

#include "dreamreel/settings/problems.h"
#include "dreamreel/settings/table.h"
#include "dreamreel/settings/text_file.h"
#include "dreamreel/settings/types.h"
#include "dreamreel/settings/value.h"

namespace dreamreel::cards {

using namespace settings;

}  // namespace dreamreel::cards
