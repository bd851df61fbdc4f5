#include "dreamreel/prepare/delivered.h"

#include <filesystem>
#include <string>

#include "dreamreel/media/output_check.h"
#include "dreamreel/work/deliveries.h"

namespace dreamreel::prepare {
namespace {

namespace fs = std::filesystem;

// Everything that the bytes of an output depend on. The text of its own job stands for the rest of the job.
std::string key_of_delivery(const job::Job& one, const schedule::Plan& plan) {
  schedule::Plan own = plan;
  own.facts.job = job::to_yaml(one);
  if (one.output.metadata == job::Output::Metadata::name) own.facts.job += one.file.filename().string();
  return own.id();
}

// The file that shows whether an output is there: itself, or its first picture.
fs::path file_of(const job::Job& one, const schedule::Plan& plan) {
  return media::picture_of_number(one.output.path, one.output.first_number + plan.begin());
}

}  // namespace

bool is_delivered(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work) {
  return work::is_delivered(work, one.output.path, file_of(one, plan), key_of_delivery(one, plan));
}

void note_delivered(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work) {
  work::note_delivery(work, one.output.path, file_of(one, plan), key_of_delivery(one, plan));
}

}  // namespace dreamreel::prepare
