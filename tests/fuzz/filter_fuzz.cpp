// Filter texts. What is allowed is given to libavfilter, which must make of it the filters that were looked
// at and no other.
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "filter_check.h"
#include "filter_list.h"
#include "filter_text.h"
#include "scratch.h"

namespace {

using namespace dreamreel;
using namespace dreamreel::media;

FilterInput input_with(const std::string& filter) {
  FilterInput input;
  input.width = 32;
  input.height = 24;
  input.format = AV_PIX_FMT_YUV420P;
  input.time_base = {1, 25};
  input.frame_rate = {25, 1};
  input.sample_aspect = {1, 1};
  input.user = filter;
  return input;
}

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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  if (text.empty()) return 0;
  try {
    check_filters(input_with(text));
  } catch (const JobError&) {
    return 0;
  }
  compare(text);
  try {
    FilterChain{input_with(text)};
  } catch (const Error&) {
  }
  return 0;
}
