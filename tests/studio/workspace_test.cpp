#include "workspace.h"

#include <gtest/gtest.h>

#include <chrono>

#include "api_error.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

int status_of(const Workspace& workspace, const std::string& name) {
  try {
    workspace.inside(name);
    return 0;
  } catch (const ApiError& error) {
    return error.status();
  }
}

TEST(WorkspaceTest, NoNameLeadsOutside) {
  const test::ScratchDir scratch, elsewhere;
  test::write_file(elsewhere / "secret.png", "x");
  fs::create_symlink(elsewhere / "secret.png", scratch / "link.png");
  fs::create_symlink(elsewhere.path(), scratch / "folder");
  fs::create_directory(scratch / "own");
  const Workspace workspace(scratch.path());
  for (const std::string& name :
       {std::string("../secret.png"), std::string("/etc/passwd"), std::string(""),
        std::string("own/../../x.png"), std::string("link.png"), std::string("folder/secret.png"),
        std::string(".hidden.png"), std::string("own/./x.png"), std::string("a.png\0b", 7)})
    EXPECT_EQ(status_of(workspace, name), 403) << name;
  EXPECT_EQ(status_of(workspace, "own/new.png"), 0);
  EXPECT_EQ(status_of(workspace, "<img src=x onerror=alert(1)>.png"), 0);
}

TEST(WorkspaceTest, ListsJobsAndMediaTheLatestFirst) {
  const test::ScratchDir scratch, elsewhere;
  for (const char* const name : {"a.yaml", "b.png", "notes.txt", ".c.png"})
    test::write_file(scratch / name, "x");
  fs::create_directories(scratch / "out.mp4.work/frames");
  test::write_file(scratch / "out.mp4.work/frames/1.png", "x");
  test::write_file(elsewhere / "secret.png", "x");
  fs::create_symlink(elsewhere / "secret.png", scratch / "link.png");
  fs::last_write_time(scratch / "a.yaml", fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto files = Workspace(scratch.path()).list();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "b.png");
  EXPECT_EQ(files[0].kind, FileKind::picture);
  EXPECT_EQ(files[1].name, "a.yaml");
}

TEST(WorkspaceTest, NewFilesTakeNoOthersPlace) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "cat.png", "x");
  fs::create_symlink("/nowhere", scratch / "cat-2.png");
  const Workspace workspace(scratch.path());
  EXPECT_EQ(workspace.new_file("cat.png").filename(), "cat-3.png");
  for (const char* const name : {"../cat.png", "a/b.png", "run.sh", ".png", "page.html", "a\n.png"})
    EXPECT_THROW(workspace.new_file(name), ApiError) << name;
}

TEST(WorkspaceTest, OfTwoNewFilesOfOneNameNeitherReplacesTheOther) {
  const test::ScratchDir scratch;
  test::write_file(scratch / ".a.part", "first");
  test::write_file(scratch / ".b.part", "second");
  const Workspace workspace(scratch.path());
  EXPECT_EQ(workspace.keep_new(scratch / ".a.part", "cat.png").filename(), "cat.png");
  EXPECT_EQ(workspace.keep_new(scratch / ".b.part", "cat.png").filename(), "cat-2.png");
  EXPECT_EQ(test::read_file(scratch / "cat.png"), "first");
  EXPECT_EQ(test::read_file(scratch / "cat-2.png"), "second");
  EXPECT_THROW(workspace.keep_new(scratch / ".none.part", "cat.png"), ApiError);
}

}  // namespace
}  // namespace dreamreel::studio
