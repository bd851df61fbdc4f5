// Runs a program with ATen's operators. Autograd records all that the gradient to the inputs needs.
#pragma once

#include <string>
#include <vector>

#include "program.h"

namespace dreamreel::network {

/// Computes the wanted values, in order. Values that are not `needed` come back undefined; an empty `needed`
/// means all. `inputs` has one tensor for each input of the program, on the program's device. `source` names
/// the network in messages. Throws RenderError, naming the node that cannot run on inputs of this size or ran
/// out of memory.
std::vector<at::Tensor> run(const Program& program, Inputs inputs, const std::string& source,
                            const std::vector<bool>& needed = {});

/// Runs one step. Throws as run() does.
Outputs run_step(const ProgramStep& step, Inputs inputs, const std::string& source);

}  // namespace dreamreel::network
