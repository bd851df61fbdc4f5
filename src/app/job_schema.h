// Describes the job file's keys to editors and other programs. The tables that read a job provide the data.
#pragma once

#include <nlohmann/json.hpp>

namespace dreamreel::app {

/// A JSON Schema (draft 7) of the job file. It is no stricter than the program itself, except that numbers
/// must stand without quotes. It requires no key, because `extends` or --set may add the keys that a file
/// lacks.
nlohmann::ordered_json job_schema();

}  // namespace dreamreel::app
