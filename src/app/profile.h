// --profile FILE: a record of what each thread of a render worked on, for a trace viewer.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "dreamreel/render/render.h"

namespace dreamreel::app {

void add_profile(CLI::App& command, std::filesystem::path& file);

/// Makes a render with `options` write `file`; does nothing if `file` is "". The file is written when the
/// result is destroyed, even if the render was stopped or failed. Throws IoError if it cannot be written.
std::shared_ptr<void> profiled(render::RenderOptions& options, const std::filesystem::path& file);

}  // namespace dreamreel::app
