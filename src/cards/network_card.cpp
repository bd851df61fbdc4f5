#include "dreamreel/cards/network_card.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>

#include "dreamreel/cards/network_keys.h"
#include "words.h"

namespace dreamreel::cards {
namespace {

namespace fs = std::filesystem;

constexpr int kMostSide = 2048;        // px; longer side of the training pictures
constexpr int kCardOrder = 1'000'000;  // messages about cards come after those about the job

bool valid_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// A card may only name files beside itself or in the folders of networks. So a stranger's card cannot point
// to other files.
bool is_inside(const std::string& text) {
  const fs::path path(text);
  return !path.is_absolute() && std::ranges::find(path, fs::path("..")) == path.end();
}

const Table<NetworkRef>& recommended_table() {
  static const Table<NetworkRef> table{
      field<NetworkRef>("layers", &NetworkRef::recommended_layers, TextsType{"a list of layers"}, "", ""),
      field<NetworkRef>("looks", &NetworkRef::recommended_looks, TextsType{"a list of looks"}, "", ""),
  };
  return table;
}

const Table<NetworkSource>& source_table() {
  static const Table<NetworkSource> table{
      required(field<NetworkSource>("package", &NetworkSource::package,
                                    TextType{"name@version of an npm package"}, "", "")),
      required(field<NetworkSource>("integrity", &NetworkSource::integrity, TextType{"sha512-..."}, "", "")),
      required(
          field<NetworkSource>("model", &NetworkSource::model, TextType{"a file of the package"}, "", "")),
      required(field<NetworkSource>("converter", &NetworkSource::converter,
                                    TextType{"the name of a converter"}, "", "")),
  };
  return table;
}

// Either all keys of the section are set, or none.
Row<NetworkRef> source_row() {
  auto row = section<NetworkRef>("made_from", &NetworkRef::made_from, source_table(), "");
  row.read = [read = row.read](const Site& site, NetworkRef& ref) {
    if (!site.value.is_null()) read(site, ref);
  };
  return row;
}

// A list alone is a list of layers.
Row<NetworkRef> recommended_row() {
  auto row = section<NetworkRef>("recommended", std::identity{}, recommended_table(), "");
  row.read = [read_map = row.read](const Site& site, NetworkRef& ref) {
    if (!site.value.is_list()) return read_map(site, ref);
    if (auto layers = TextsType{}.read(site)) ref.recommended_layers = std::move(*layers);
  };
  return row;
}

const Table<NetworkRef>& card_table() {
  static const Table<NetworkRef> table{
      required(field<NetworkRef>("name", &NetworkRef::name, TextType{}, "", "")),
      field<NetworkRef>("description", &NetworkRef::description, TextType{}, "", ""),
      field<NetworkRef>("licence", &NetworkRef::licence, TextType{}, "", ""),
      required(field<NetworkRef>(
          "file", &NetworkRef::path,
          TextType{"the name of the .onnx file, which lies beside the card or where networks are kept",
                   is_inside},
          "", "")),
      field<NetworkRef>("sha256", &NetworkRef::sha256,
                        TextType{"64 hexadecimal digits in lower case", valid_sha256}, "", ""),
      field<NetworkRef>("bytes", &NetworkRef::bytes, SeedType{"a whole number of bytes"}, "", ""),
      field<NetworkRef>("url", &NetworkRef::url, TextType{}, "", ""),
      field<NetworkRef>("fetch", &NetworkRef::fetch, TextType{}, "", ""),
      field<NetworkRef>("origin", &NetworkRef::origin, TextType{}, "", ""),
      source_row(),
      section<NetworkRef>("input", &NetworkRef::input, network_input_table(), ""),
      field<NetworkRef>(
          "labels", &NetworkRef::labels,
          TextType{"the name of a label file, which lies beside the card or where networks are kept",
                   is_inside},
          "", ""),
      field<NetworkRef>("classes", &NetworkRef::class_layers, TextsType{"a list of layers"}, "", ""),
      field<NetworkRef>("side", &NetworkRef::side, SizeType{kMostSide}, "pixels", ""),
      network_size_row(),
      recommended_row(),
  };
  return table;
}

fs::path file_of_card(const fs::path& file, const fs::path& card_folder, const Folders& folders) {
  for (const auto& folder : folders.network_folders)
    if (is_file(folder / file)) return folder / file;
  if (is_file(card_folder / file) || folders.network_folders.empty()) return card_folder / file;
  return folders.network_folders.front() / file;
}

std::optional<NetworkRef> read_card(const fs::path& card, const Site& site) {
  const auto [text, why] = read_text(card);
  if (!text) {
    site.problem(fmt::format("expected a readable card, got {}: {}", in_quotes(card.string()), why));
    return {};
  }
  const auto source = std::make_shared<const Source>(Source{card.string(), card.parent_path(), kCardOrder});
  const auto tree = parse_yaml(*text, source, site.context.problems);
  if (!tree) return {};
  NetworkRef ref;
  ref.name.clear();
  settings::Context context(site.context.problems, *tree);
  read_table(Site{*tree, "", context}, card_table(), ref);
  if (!ref.name.empty() && ref.name != card.stem())
    site.context.problems.add(tree->place, "name",
                              fmt::format("expected {} like the file, got {}",
                                          in_quotes(card.stem().string()), in_quotes(ref.name)));
  const Folders& folders = network_context(site).folders;
  ref.path = file_of_card(ref.path, card.parent_path(), folders);
  if (!ref.labels.empty()) ref.labels = file_of_card(ref.labels, card.parent_path(), folders);
  return ref;
}

// A YAML file of the same stem may also be a job. Only a card has the key `file`.
bool is_card(const fs::path& path) {
  if (!is_file(path)) return false;
  const auto text = read_text(path).text;
  Problems unheard;
  const auto tree = text ? parse_yaml(*text, std::make_shared<const Source>(), unheard) : std::nullopt;
  return tree && tree->find("file") != nullptr;
}

}  // namespace

NetworkContext& network_context(const Site& site) {
  return dynamic_cast<NetworkContext&>(site.context);
}

const Table<NetworkInput>& network_input_table() {
  constexpr double kLargest = 1e6, kSmallest = 1e-6;
  static const Range factor{kSmallest, kLargest}, offset{-kLargest, kLargest};
  static const Table<NetworkInput> table{
      field<NetworkInput>("order", &NetworkInput::order,
                          ChoiceType<std::string>{{{"rgb", "rgb"}, {"bgr", "bgr"}}}, "",
                          "Order of the channels the network was trained with."),
      field<NetworkInput>("scale", &NetworkInput::scale, NumberType{factor}, "",
                          "What [0,1] is multiplied by: 255 for networks fed with 0..255."),
      field<NetworkInput>("mean", &NetworkInput::mean, NumbersType{offset}, "",
                          "Taken off each channel after `scale`, in the network's order."),
      field<NetworkInput>("std", &NetworkInput::std, NumbersType{factor}, "",
                          "What each channel is then divided by."),
  };
  return table;
}

std::optional<NetworkRef> network_at(const fs::path& path, const Site& site) {
  NetworkRef ref;
  if (const auto card = fs::path(path).replace_extension(".yaml"); is_card(card)) {
    const auto described = read_card(card, site);
    if (!described) return {};
    ref = *described;
  }
  ref.name = path.string();
  ref.path = path;
  return ref;
}

std::optional<NetworkRef> resolve_network(const std::string& text, const Site& site) {
  const Folders& folders = network_context(site).folders;
  const auto& own = network_context(site).networks;
  if (const auto found = own.find(text); found != own.end()) return found->second;
  if (text.ends_with(".onnx"))
    return network_at((site.value.place.source->folder / text).lexically_normal(), site);
  const bool name = text.find('/') == std::string::npos && text.find('\0') == std::string::npos;
  for (const auto& folder : folders.card_folders)
    if (const auto card = folder / (text + ".yaml"); name && is_file(card)) return read_card(card, site);
  auto known = card_names(folders);
  for (const auto& [alias, network] : own) known.push_back(alias);
  const std::string near = did_you_mean(text, known);
  const std::string all = known.empty() ? "; there are no cards where they are looked for"
                                        : "; the cards are " + join_names(known);
  site.problem(
      fmt::format("expected {}, got {}{}", kNetworkWhat, in_quotes(text), near.empty() ? all : near));
  return {};
}

}  // namespace dreamreel::cards
