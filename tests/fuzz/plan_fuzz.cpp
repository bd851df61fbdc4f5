// plan.json. A plan that can be read must say the same when it is written and read again.
#include "dreamreel/core/error.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/plan_json.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  try {
    const auto plan = schedule::plan_from_json(fuzz::text_of(data, size), "plan.json");
    const auto json = schedule::to_json(plan);
    if (schedule::to_json(schedule::plan_from_json(json, "again")) != json)
      fuzz::fail("a plan changes when it is written and read again");
    if (!plan.facts.differences(plan.facts).empty()) fuzz::fail("a plan differs from itself");
  } catch (const DataError&) {
  }
  return 0;
}
