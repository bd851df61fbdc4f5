// The program that other processes should start.
#pragma once

#include <filesystem>

namespace dreamreel::app {

/// Path of the program that people start (front.cpp). It lies beside this executable.
std::filesystem::path program_path();

}  // namespace dreamreel::app
