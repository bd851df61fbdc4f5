// Restores what a disk holds after a power cut, from what faults.cpp remembered while the child ran.
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <map>

#include "support/faults.h"

namespace dreamreel::test {
namespace fs = std::filesystem;
namespace {

ino_t inode_of(const fs::path& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

class Disk {
 public:
  Disk(const FaultPlan& plan, PowerCut kind) : memory_(plan.memory), kind_(kind) {}

  // Restores a folder as it was when it was last synced.
  void restore_undone(ino_t folder, const fs::path& to) const {
    fs::create_directory(to);
    std::ifstream list(memory_ / ("list" + std::to_string(folder)));
    ino_t inode = 0;
    char kind = 0;
    std::string name;
    while (list >> inode >> kind && list.get() == ' ' && std::getline(list, name)) {
      if (kind == 'd')
        restore_undone(inode, to / name);
      else
        restore_file(inode, "", to / name);
    }
  }

  // Restores a folder with all names as they are now.
  void restore_torn(const fs::path& from, const fs::path& to) const {
    fs::create_directory(to);
    for (const auto& entry : fs::directory_iterator(from)) {
      const fs::path name = entry.path().filename();
      if (entry.is_directory())
        restore_torn(from / name, to / name);
      else
        restore_file(inode_of(entry.path()), entry.path(), to / name);
    }
  }

 private:
  // `now` is the path of the file's last state.
  void restore_file(ino_t inode, const fs::path& now, const fs::path& to) const {
    if (const fs::path synced = memory_ / ("bytes" + std::to_string(inode)); fs::exists(synced)) {
      fs::copy_file(synced, to);
      return;
    }
    std::ofstream(to, std::ios::binary).close();
    if (kind_ != PowerCut::torn || !fs::exists(now)) return;
    fs::copy_file(now, to, fs::copy_options::overwrite_existing);
    fs::resize_file(to, fs::file_size(to) / 2);
  }

  const fs::path memory_;
  const PowerCut kind_;
};

}  // namespace

void cut_power(const FaultPlan& plan, PowerCut kind) {
  const Disk disk(plan, kind);
  const fs::path after = plan.folder.string() + ".after";
  if (kind == PowerCut::undone)
    disk.restore_undone(inode_of(plan.folder), after);
  else
    disk.restore_torn(plan.folder, after);
  fs::remove_all(plan.folder);
  fs::rename(after, plan.folder);
}

std::vector<std::pair<std::string, std::string>> tree(const fs::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_directory()) {
      found[name + "/"] = "";
    } else {
      std::ifstream in(entry.path(), std::ios::binary);
      found[name] = {std::istreambuf_iterator<char>(in), {}};
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace dreamreel::test
