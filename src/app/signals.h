// Makes TERM, INT, HUP (a closed terminal) and USR1 ask a render to stop. Only a second INT ends the process
// by force.
#pragma once

#include <atomic>

namespace dreamreel::app {

/// Installs the handlers. The flag that they set lives as long as the process.
const std::atomic<bool>& stop_on_signals();

/// Makes a write fail with an error, instead of killing the process, if it exceeds a file size limit or goes
/// into a closed pipe.
void turn_write_signals_into_errors();

}  // namespace dreamreel::app
