// What other processes are to start.
#pragma once

#include <filesystem>

namespace dreamreel::app {

/// The program that people start (front.cpp), which lies beside this executable.
std::filesystem::path program_path();

}  // namespace dreamreel::app
