// --profile FILE: what each thread of a render worked on, for a trace viewer.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "dreamreel/render/render.h"

namespace dreamreel::app {

void add_profile(CLI::App& command, std::filesystem::path& file);

/// Lets a render with `options` write `file`, nothing where that is "". The file appears when what is returned goes,
/// whether the render was done, stopped or failed. Throws IoError if it cannot be written.
std::shared_ptr<void> profiled(render::RenderOptions& options, const std::filesystem::path& file);

}  // namespace dreamreel::app
