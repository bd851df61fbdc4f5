#include "dreamreel/job/files.h"

#include "tables.h"

namespace dreamreel::job {

std::vector<NamedFile> list_files(Job& job) {
  std::vector<NamedFile> found;
  list_files_of(job_table(), job, "", found);
  std::erase_if(found, [&](const NamedFile& file) { return file.path == &job.output.path; });
  return found;
}

}  // namespace dreamreel::job
