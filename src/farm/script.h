// Functions that make pieces of emitted scripts.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/farm/emit.h"

namespace dreamreel::farm {

/// Quotes a text so that a shell reads it as one word.
std::string shell_quoted(const std::string& word);

/// "dreamreel farm chunk --plan ...", quoted, without the index; and the join command, without its progress
/// option.
std::string chunk_command(const Farm& farm, const Places& places, const EmitOptions& options);
std::string join_command(const Farm& farm, const Places& places, const EmitOptions& options);

void write_script(const std::filesystem::path& path, const std::string& text, bool executable);

void emit_slurm(const Farm& farm, const Places& places, const EmitOptions& options);
void emit_openjd(const Farm& farm, const Places& places, const EmitOptions& options);

}  // namespace dreamreel::farm
