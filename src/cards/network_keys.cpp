#include "dreamreel/cards/network_keys.h"

#include <fmt/core.h>

#include "dreamreel/cards/channels_type.h"
#include "dreamreel/cards/network_card.h"
#include "words.h"

namespace dreamreel::cards {
namespace {

bool has_card(const NetworkRef& ref) {
  return !ref.name.empty() && ref.name.find('/') == std::string::npos;
}

void check_choice(const Site& site) {
  const bool channels = site.value.find("channels") != nullptr, random = site.value.find("random") != nullptr;
  if (site.value.is_map() && channels == random)
    site.problem(std::string("expected either channels or random, got ") + (channels ? "both" : "neither"));
}

const Table<Ablation>& ablation_table() {
  static const Table<Ablation> table{
      required(field<Ablation>("layer", &Ablation::layer, TextType{"the name of a layer"}, "",
                               "A layer as `dreamreel layers` lists it.")),
      field<Ablation>("channels", &Ablation::channels, ChannelsType{}, "",
                      "Its channels, e.g. `[3, 20..30]`; or instead of them:"),
      field<Ablation>("random", &Ablation::random, NumberType{{0, 1}}, "share",
                      "How many of its channels are drawn, by the job's seed, for the whole job."),
      field<Ablation>("amount", &Ablation::amount, CurveType{{0, 1}}, "",
                      "How much is taken off: 0 leaves them as they are and costs nothing, 1 silences them."),
  };
  return table;
}

Row<NetworkRef> ablate_row() {
  auto row = list<NetworkRef>("ablate", &NetworkRef::ablate, ablation_table(),
                              "Lesions: channels that are weakened while the network runs.");
  row.info.required = false;
  row.read = [read = row.read](const Site& site, NetworkRef& ref) {
    read(site, ref);
    for (std::size_t i = 0; i < site.value.items.size(); ++i)
      check_choice(site.at(std::to_string(i), site.value.items[i]));
  };
  return row;
}

// `card` and `path` are read before this table, because the other keys describe the network that they name.
Row<NetworkRef> card_row() {
  Row<NetworkRef> row;
  row.info = {"card", "the name of a card", "", "",
              "The network, if more is said about it than its card's name."};
  row.read = [](const Site&, NetworkRef&) {};
  row.write = [](const NetworkRef& ref) { return has_card(ref) ? Value::scalar(ref.name) : Value{}; };
  return row;
}

Row<NetworkRef> path_row() {
  Row<NetworkRef> row;
  row.info = {"path", "a path", "", "", "The network, if it has no card."};
  row.read = [](const Site&, NetworkRef&) {};
  row.write = [](const NetworkRef& ref) { return has_card(ref) ? Value{} : PathType{}.write(ref.path); };
  return row;
}

Row<NetworkRef> input_row(const Row<NetworkInput>& row) {
  return {row.info,
          {},
          [read = row.read](const Site& site, NetworkRef& ref) {
            if (has_card(ref))
              return site.problem("expected only beside network.path: a card says it for its network");
            read(site, ref.input);
          },
          [write = row.write](const NetworkRef& ref) { return has_card(ref) ? Value{} : write(ref.input); }};
}

Row<NetworkRef> labels_row() {
  auto row = field<NetworkRef>("labels", &NetworkRef::labels, PathType{}, "",
                               "What the classes of the network at `path` are called, one a line.");
  row.read = [read = row.read](const Site& site, NetworkRef& ref) {
    if (has_card(ref))
      return site.problem("expected only beside network.path: a card says it for its network");
    read(site, ref);
  };
  row.write = [write = row.write](const NetworkRef& ref) { return has_card(ref) ? Value{} : write(ref); };
  return row;
}

constexpr int kMostSize = 4096;

const Table<NetworkRef>& network_table() {
  static const Table<NetworkRef> table = [] {
    Table<NetworkRef> rows{card_row(), path_row()};
    for (const auto& row : network_input_table()) rows.push_back(input_row(row));
    rows.push_back(labels_row());
    rows.push_back(network_size_row());
    rows.push_back(ablate_row());
    return rows;
  }();
  return table;
}

// The network that a map describes. A map without a name describes the default network. If it sets keys of
// the input scaling, it must name a network.
std::optional<NetworkRef> named_in(const Site& site) {
  const Value* const card = site.value.find("card");
  const Value* const path = site.value.find("path");
  if (card != nullptr && path != nullptr) {
    site.problem("expected either card or path, got both");
    return {};
  }
  if (path != nullptr) {
    const auto file = PathType{}.read(site.at("path", *path));
    return file ? network_at(*file, site) : std::nullopt;
  }
  if (card != nullptr) {
    const Site there = site.at("card", *card);
    const auto name = TextType{"the name of a card"}.read(there);
    return name ? resolve_network(*name, there) : std::nullopt;
  }
  for (const auto& row : network_input_table()) {
    if (site.value.find(row.info.path) == nullptr) continue;
    site.context.problems.add(site.value.place, join_path(site.path, "path"), "missing; expected a path");
    return {};
  }
  return resolve_network(NetworkRef{}.name, site);
}

std::optional<NetworkRef> read_network(const Site& site) {
  if (site.value.is_list()) {
    site.expected(kNetworkWhat);
    return {};
  }
  if (!site.value.is_map()) return resolve_network(site.value.text, site);
  auto named = named_in(site);
  NetworkRef ref = named ? *named : NetworkRef{};
  if (!named) ref.name = ref.path.string();  // so that the other faults are reported as well
  read_table(site, network_table(), ref);
  return named ? std::optional(ref) : std::nullopt;
}

Value write_network(const NetworkRef& ref) {
  if (has_card(ref) && ref.ablate.empty() && !ref.size) return Value::scalar(ref.name);
  Value map = write_table(network_table(), ref);
  map.flow = ref.ablate.empty();
  return map;
}

}  // namespace

Row<NetworkRef> network_size_row() {
  return field<NetworkRef>(
      "size", &NetworkRef::size, SizeType{kMostSize}, "pixels",
      "The network sees the frame through square windows of this side, elsewhere in each step. Left "
      "out, the whole frame, or windows of the one size that the layers run at.");
}

Row<NetworkRef> network_row() {
  Row<NetworkRef> row;
  row.info = {
      "network", kNetworkWhat, NetworkRef{}.name, "", "The network that dreams.", KeyInfo::Kind::value, true};
  row.inner = flatten(network_table());
  row.read = [](const Site& site, NetworkRef& network) {
    if (const auto ref = read_network(site)) network = *ref;
  };
  row.write = write_network;
  row.curves = [](const NetworkRef& network, const std::string& path, std::vector<NamedCurve>& found) {
    list_curves_of(network_table(), network, path, found);
  };
  return row;
}

Row<std::map<std::string, NetworkRef>> networks_row() {
  using Networks = std::map<std::string, NetworkRef>;
  const std::string what = "a map of names to networks, each as for `network`";
  Row<Networks> row;
  row.info = {"networks",
              what,
              "",
              "",
              "More networks, for objectives to name: `{places: {path: places.onnx}}`.",
              KeyInfo::Kind::value,
              true};
  row.read = [what](const Site& site, Networks& networks) {
    if (!site.value.is_map()) return site.expected(what);
    constexpr std::size_t kMostNetworks = 64;
    if (site.value.entries.size() > kMostNetworks)
      return site.problem(
          fmt::format("expected at most {} networks, got {}", kMostNetworks, site.value.entries.size()));
    networks.clear();
    for (const auto& [alias, place, value] : site.value.entries) {
      auto ref = read_network(site.at(alias, value));
      if (!ref) continue;
      ref->alias = alias;
      networks.emplace(alias, std::move(*ref));
    }
    network_context(site).networks = networks;  // only now, so that no network refers to another one
  };
  row.write = [](const Networks& networks) {
    Value map;
    if (!networks.empty()) map.kind = Value::Kind::map;
    for (const auto& [alias, ref] : networks) map.entries.push_back({alias, {}, write_network(ref)});
    return map;
  };
  row.curves = [](const Networks& networks, const std::string& path, std::vector<NamedCurve>& found) {
    for (const auto& [alias, ref] : networks)
      list_curves_of(network_table(), ref, join_path(path, alias), found);
  };
  return row;
}

bool names_network(const std::string& path) {
  const std::string table = "networks.";
  return path == "network" || (path.starts_with(table) && path.find('.', table.size()) == std::string::npos);
}

void widen_network(Value& value) {
  if (!value.is_scalar()) return;
  Value map;
  map.kind = Value::Kind::map;
  map.place = value.place;
  map.entries.push_back({value.text.ends_with(".onnx") ? "path" : "card", value.place, std::move(value)});
  value = std::move(map);
}

bool replaces_network(const Value& base, const Value& over) {
  return over.find("card") != nullptr || (over.find("path") != nullptr && base.find("card") != nullptr);
}

}  // namespace dreamreel::cards
