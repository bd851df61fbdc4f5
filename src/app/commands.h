// The subcommands. Each add_*() declares its options on `app` and sets the callback that runs it. The
// callback throws the errors of core/error.h.
#pragma once

#include <CLI/CLI.hpp>

namespace dreamreel::app {

void add_render(CLI::App& app);
void add_check(CLI::App& app);
void add_looks(CLI::App& app);
void add_layers(CLI::App& app);
void add_classes(CLI::App& app);
void add_atlas(CLI::App& app);
void add_measure(CLI::App& app);
void add_bench(CLI::App& app);
void add_info(CLI::App& app);
void add_farm(CLI::App& app);
void add_clean(CLI::App& app);
void add_fetch(CLI::App& app);
void add_describe(CLI::App& app);  ///< schema, completion, manual; `app` must outlive the parsing
void add_studio(CLI::App& app);
void add_vary(CLI::App& app);

}  // namespace dreamreel::app
