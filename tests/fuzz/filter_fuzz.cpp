// Filter texts. An allowed text is given to libavfilter, which must make exactly the filters that were
// checked.
#include <string>
#include <vector>

#include "../media/filter_input.h"
#include "dreamreel/core/error.h"
#include "filter_check.h"
#include "filter_list.h"
#include "filter_text.h"
#include "scratch.h"

namespace {

using namespace dreamreel;
using namespace dreamreel::media;

// The names of the filters that libavfilter makes of a text.
std::vector<std::string> made_of(const std::string& text) {
  const LibavErrors quiet;
  const GraphPtr graph(avfilter_graph_alloc());
  AVFilterInOut *inputs = nullptr, *outputs = nullptr;
  const int error = avfilter_graph_parse2(graph.get(), text.c_str(), &inputs, &outputs);
  std::vector<std::string> names;
  for (unsigned i = 0; i < graph->nb_filters; ++i) names.emplace_back(graph->filters[i]->filter->name);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  if (error < 0) fuzz::fail("libavfilter cannot read what was allowed: " + text);
  return names;
}

void compare(const std::string& text) {
  const auto calls = parse_filter_text(text).calls;
  const auto names = made_of(text);
  std::size_t i = 0;
  for (const auto& name : names) {
    if (find_filter_rule(name) == nullptr) fuzz::fail(name + " is not on the list: " + text);
    if (i == calls.size() || calls[i++].name != name) fuzz::fail(name + " was not looked at: " + text);
  }
  if (i != calls.size()) fuzz::fail("libavfilter makes fewer filters: " + text);
}

}  // namespace

// Records the whole stack of every allocation. FFmpeg's libraries keep no frame pointers, so otherwise their
// leaks could not be told from ours. tests/sanitizers/lsan.supp names their leaks.
extern "C" const char* __asan_default_options() {  // NOLINT: AddressSanitizer's name
  return "fast_unwind_on_malloc=0";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  if (text.empty()) return 0;
  try {
    check_filters(test::filter_input(text));
  } catch (const JobError&) {
    return 0;
  }
  compare(text);
  try {
    FilterChain{test::filter_input(text)};
  } catch (const Error&) {
  }
  return 0;
}
