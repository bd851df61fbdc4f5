// Where a process number means something. Two machines may have one name, and so may two containers of one
// machine; in both, process 7 may be alive.
#pragma once

#include <string>

namespace dreamreel {

/// The kernel's random word for this start of the machine; "" where the kernel does not tell.
std::string boot_id();

/// The namespace that process numbers count in, which containers have one each of; "" where not known.
std::string process_namespace();

/// Eight letters and digits that stand for both. Two spaces have different words; "" where boot_id() is.
std::string process_space(const std::string& boot = boot_id(), const std::string& name = process_namespace());

}  // namespace dreamreel
