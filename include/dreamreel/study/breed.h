// Mixes the settings of two variations, so that a person can go on from the two that look best.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dreamreel::study {

/// The overrides of `count` children of two variations; each override is as after --set ("dream.step=2").
/// A child has the keys of both parents. It takes each value from one of them, or, of two numbers, one in
/// between. Numbers then change by some percent, within the range of their key; a seed may be a new one. No
/// two children are equal, and none equals a parent: where the keys leave too few choices, children also get
/// a `seed`. The same parents always have the same children. Throws UsageError for an override without "=",
/// and for parents that have no override at all.
std::vector<std::vector<std::string>> breed(const std::vector<std::string>& first,
                                            const std::vector<std::string>& second, std::size_t count);

}  // namespace dreamreel::study
