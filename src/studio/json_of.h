// What the API says, as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/media/video.h"
#include "dreamreel/study/curve_sheet.h"

namespace dreamreel::studio {

/// One line; bytes that are no UTF-8 are replaced.
std::string as_text(const nlohmann::json& json);

/// {"exit_code": N, "problems": [...]}, as `dreamreel check --json` has them.
nlohmann::json json_of(const Error& error);
nlohmann::json json_of(const media::VideoInfo& info);
/// At most `most` points of each curve, evenly chosen, and all beats.
nlohmann::json json_of(const study::CurveSheet& sheet, std::size_t most);
/// Every key that a job may have.
nlohmann::json json_of_schema();

}  // namespace dreamreel::studio
