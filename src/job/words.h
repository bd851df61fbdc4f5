// The tables of a job are written in the words of settings and cards, which this module uses without their
// namespaces.
#pragma once

#include "dreamreel/cards/channels_type.h"
#include "dreamreel/cards/class_finder.h"
#include "dreamreel/cards/class_key.h"
#include "dreamreel/cards/network_card.h"
#include "dreamreel/cards/network_keys.h"
#include "dreamreel/cards/network_ref.h"
#include "dreamreel/settings/path_text.h"
#include "dreamreel/settings/picture_names.h"
#include "dreamreel/settings/problems.h"
#include "dreamreel/settings/rows.h"
#include "dreamreel/settings/settings_error.h"
#include "dreamreel/settings/table.h"
#include "dreamreel/settings/text_file.h"
#include "dreamreel/settings/types.h"
#include "dreamreel/settings/value.h"

namespace dreamreel::job {

using namespace cards;
using namespace settings;

}  // namespace dreamreel::job
