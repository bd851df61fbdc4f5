#include "open_reshapes.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "shapes.h"

namespace dreamreel::network {
namespace {

/// One dimension of a reshape's result: the product of dimensions [first, last) of its input, divided by
/// `divisor`.
struct Term {
  std::int64_t first = 0, last = 0, divisor = 1;
  std::int64_t of(const Sizes& from) const {
    std::int64_t size = 1;
    for (auto i = first; i < last; ++i) size *= from[static_cast<std::size_t>(i)];
    return size % divisor == 0 ? size / divisor : 0;
  }
};

/// The smallest run of input dimensions, [in_begin, in_end), that holds the same numbers as a run of result
/// dimensions.
struct Group {
  std::size_t in_begin, in_end, out_begin, out_end;
};

std::vector<Group> groups_of(const Sizes& from, const Sizes& to) {
  std::vector<Group> groups;
  std::size_t in = 0, out = 0;
  while (in < from.size() && out < to.size()) {
    Group group{in, in + 1, out, out + 1};
    std::int64_t left = from[in++], right = to[out++];
    while (left != right) {
      auto& next = left < right ? in : out;
      const auto& sizes = left < right ? from : to;
      if (next == sizes.size()) return {};
      (left < right ? left : right) *= sizes[next++];
    }
    group.in_end = in;
    group.out_end = out;
    groups.push_back(group);
  }
  // Dimensions that are left over have size 1.
  if (out < to.size()) groups.push_back({in, in, out, to.size()});
  if (in < from.size()) groups.push_back({in, from.size(), out, out});
  return groups;
}

/// Adds the result's dimensions of one group. Only one of them follows the picture's size. If the input's
/// first dimension of the group varies, the result's first one follows it; if its last one varies, the last
/// one follows. False if that is not certain.
bool add_terms(const Group& group, const Sizes& from, const Sizes& to, const Sizes& elsewhere,
               std::vector<Term>& terms) {
  std::vector<std::size_t> varying;
  for (auto i = group.in_begin; i < group.in_end; ++i)
    if (from[i] != elsewhere[i]) varying.push_back(i);
  const auto count = group.out_end - group.out_begin;
  if (count == 0) return varying.empty();
  const bool is_one = count == 1;
  if (varying.size() > 1 && !is_one) return false;
  const bool from_front = varying.empty() || varying[0] == group.in_begin;
  if (!is_one && !from_front && varying[0] + 1 != group.in_end) return false;
  const auto following = from_front ? group.out_begin : group.out_end - 1;
  const auto in_begin = static_cast<std::int64_t>(group.in_begin),
             in_end = static_cast<std::int64_t>(group.in_end);
  for (auto out = group.out_begin; out < group.out_end; ++out) {
    std::int64_t all = 1;
    for (auto i = group.in_begin; i < group.in_end; ++i) all *= from[i];
    // The other dimensions keep their sizes; a negative divisor stands for a fixed size.
    terms.push_back(out == following ? Term{in_begin, in_end, all / to[out]} : Term{0, 0, -to[out]});
  }
  return true;
}

std::optional<std::vector<Term>> terms_of(const Sizes& from, const Sizes& to, const Sizes& elsewhere) {
  if (std::ranges::find(from, 0) != from.end() || std::ranges::find(to, 0) != to.end()) return {};
  if (from.size() != elsewhere.size()) return {};
  std::vector<Term> terms;
  const auto groups = groups_of(from, to);
  if (groups.empty()) return {};
  for (const auto& group : groups)
    if (!add_terms(group, from, to, elsewhere, terms)) return {};
  return terms;
}

Node like(Node node, const std::vector<Term>& terms) {
  Sizes first, last, divisor;
  for (const auto& term : terms) {
    first.push_back(term.first);
    last.push_back(term.last);
    divisor.push_back(term.divisor);
  }
  node.op = kReshapeLikeOp;
  node.inputs.resize(1);
  node.attributes = {{"first", first}, {"last", last}, {"divisor", divisor}};
  return node;
}

}  // namespace

std::optional<Graph> with_open_reshapes(const Graph& graph, const PictureInput& input,
                                        const PictureSize& own) {
  const ShapeFinder finder(graph);
  const auto known = finder.find(input.sizes(own.height, own.width));
  std::map<ValueId, const Node*> reshapes;
  for (const auto& node : graph.nodes)
    if (node.op == "Reshape" && node.inputs.size() == 2 && graph.constants.contains(node.inputs[1]) &&
        !node.outputs.empty())
      reshapes[node.outputs[0]] = &node;
  std::map<ValueId, std::vector<Term>> opened;
  const auto open = [&](ValueId result, const Sizes& elsewhere,
                        const std::optional<Sizes>& as_stored) -> std::optional<Sizes> {
    const auto node = reshapes.find(result);
    if (node == reshapes.end()) return {};
    const auto& from = known.sizes[static_cast<std::size_t>(node->second->inputs[0])];
    const auto& to = known.sizes[static_cast<std::size_t>(result)];
    const auto terms = from && to ? terms_of(*from, *to, elsewhere) : std::nullopt;
    if (!terms) return {};
    Sizes sizes;
    for (const auto& term : *terms) sizes.push_back(term.divisor < 0 ? -term.divisor : term.of(elsewhere));
    if (as_stored == sizes || std::ranges::find(sizes, 0) != sizes.end()) return {};
    opened[result] = *terms;
    return sizes;
  };
  // At twice and three times the own size, every divisor of the own size's dimensions still divides the
  // dimensions.
  finder.find(input.sizes(2 * own.height, 3 * own.width), open);
  if (opened.empty()) return {};
  Graph result = graph;
  for (auto& node : result.nodes) {
    const auto terms = node.outputs.empty() ? opened.end() : opened.find(node.outputs[0]);
    if (terms != opened.end()) node = like(node, terms->second);
  }
  return result;
}

}  // namespace dreamreel::network
