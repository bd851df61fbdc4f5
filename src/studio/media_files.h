// Files of the folder as answers: what a browser may show is shown, all else is only saved.
#pragma once

#include <httplib.h>

#include <filesystem>

namespace dreamreel::studio {

/// Answers with the file's bytes, or the range of them that is asked for. Throws ApiError (404).
void answer_with_file(const std::filesystem::path& file, const httplib::Request& request,
                      httplib::Response& response);

}  // namespace dreamreel::studio
