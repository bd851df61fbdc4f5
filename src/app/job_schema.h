// The job file's keys for editors and other programs: a JSON Schema, made from the tables that read a job.
#pragma once

#include <nlohmann/json.hpp>

namespace dreamreel::app {

/// A JSON Schema (draft 7) of the job file. It is no stricter than the program itself, except that numbers stand
/// without quotes. It requires no key, because `extends` or --set may bring what a file leaves out.
nlohmann::ordered_json job_schema();

}  // namespace dreamreel::app
