// TERM, INT and USR1 ask a render to stop; only a second INT forces.
#pragma once

#include <atomic>

namespace dreamreel::app {

/// Installs the handlers. The flag they set lives as long as the process.
const std::atomic<bool>& stop_on_signals();

/// Makes a write past a file size limit or into a closed pipe fail with an error in place of killing the process.
void turn_write_signals_into_errors();

}  // namespace dreamreel::app
