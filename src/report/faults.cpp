#include "dreamreel/report/faults.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace dreamreel::report {
namespace {

std::string text_of_faults(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults)
    text += (text.empty() ? "" : "\n") + (fault.key.empty() ? "" : fault.key + ": ") + fault.message;
  return text;
}

ExitCode code_of(const std::vector<Fault>& faults) {
  return faults.empty() ? ExitCode::bad_job : faults.front().code;
}

// "dream.step" for "dream.step: expected ..."; "" if the message does not begin with a key.
std::string key_in(const std::string& message) {
  constexpr std::array<std::string_view, 10> kSections{"input",    "output", "network", "networks", "dream",
                                                       "temporal", "camera", "colour",  "audio",    "series"};
  constexpr std::string_view kOfKeys = "abcdefghijklmnopqrstuvwxyz_0123456789.";
  const auto end = message.find(": ");
  const std::string key = message.substr(0, end);
  if (end == std::string::npos || key.find_first_not_of(kOfKeys) != std::string::npos) return "";
  const auto section = std::string_view(key).substr(0, key.find('.'));
  return std::ranges::find(kSections, section) == kSections.end() ? "" : key;
}

}  // namespace

FaultsError::FaultsError(std::vector<Fault> faults)
    : Error(code_of(faults), text_of_faults(faults)), faults_(std::move(faults)) {}

void FaultList::add(const std::string& key, const Error& error) {
  if (error.code() == ExitCode::interrupted) throw error;
  if (const auto* const several = dynamic_cast<const FaultsError*>(&error)) {
    for (const auto& fault : several->faults()) add_once(fault);
    return;
  }
  const std::string message = error.what(), own = key_in(message);
  const Fault fault = own.empty() ? Fault{error.code(), key, message}
                                  : Fault{error.code(), own, message.substr(own.size() + 2)};
  add_once(fault);
}

void FaultList::add_once(const Fault& fault) {
  const auto is_same = [&](const Fault& known) {
    return known.key == fault.key && known.message == fault.message;
  };
  if (std::ranges::none_of(faults_, is_same)) faults_.push_back(fault);
}

bool FaultList::mention(const std::string& text) const {
  return std::ranges::any_of(
      faults_, [&](const Fault& fault) { return fault.message.find(text) != std::string::npos; });
}

void FaultList::throw_if_any() const {
  if (!faults_.empty()) throw FaultsError(faults_);
}

}  // namespace dreamreel::report
