// Tells in which space a process number counts. Two machines may have the same name, and so may two
// containers of one machine. Process 7 may then be alive in both.
#pragma once

#include <string>

namespace dreamreel {

/// The kernel's random word for this start of the machine; "" if the kernel does not tell it.
std::string boot_id();

/// The namespace in which process numbers count; each container has its own. "" if it is not known.
std::string process_namespace();

/// Eight letters and digits that stand for both. Two spaces have different words. "" if boot_id() is "".
std::string process_space(const std::string& boot = boot_id(), const std::string& name = process_namespace());

}  // namespace dreamreel
