// Runs a program with ATen's operators, autograd recording what the inputs' gradients need.
#pragma once

#include <string>
#include <vector>

#include "program.h"

namespace dreamreel::network {

/// The wanted values, in order, those that are not `needed` undefined (empty: all are needed). `inputs`: one
/// tensor per program input, on the program's device. `source` names the network in messages. Throws RenderError naming the node that cannot run on inputs of this size,
/// or memory.
std::vector<at::Tensor> run(const Program& program, Inputs inputs, const std::string& source,
                            const std::vector<bool>& needed = {});

/// One step. Throws as run() does.
Outputs run_step(const Step& step, Inputs inputs, const std::string& source);

}  // namespace dreamreel::network
