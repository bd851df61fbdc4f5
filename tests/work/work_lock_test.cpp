// Tests who gets a lock and who is refused: on one machine, between machines, and on file systems without
// locks. The content of the lock file stands for other machines. A hook on open() changes the file while we
// watch.
#include "dreamreel/work/work_lock.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <thread>

#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "lock_file.h"
#include "support/faults.h"
#include "support/files.h"

namespace dreamreel::work {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr LockTimes kQuick{std::chrono::milliseconds(5), std::chrono::milliseconds(60),
                           std::chrono::milliseconds(5), std::chrono::milliseconds(1)};

class Lock : public testing::Test {
 protected:
  // Takes the lock in a child process, so that injected faults stay there.
  test::Outcome take(int flock_error = 0, const std::function<void()>& before = {},
                     const LockTimes& times = kQuick) {
    test::FaultPlan plan;
    plan.folder = folder_;
    plan.flock_error = flock_error;
    return test::in_child(plan, [&] {
      if (before) before();
      const WorkLock lock(path_, "clip.mp4", nullptr, times);
    });
  }

  void write(const std::string& text, int seconds_ago) const {
    fs::create_directories(folder_);
    test::write_file(path_, text);
    set_age(seconds_ago);
  }

  void set_age(int seconds_ago) const {
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);  // the clock of files; the precise clock runs ahead of it
    const timespec then{now.tv_sec - seconds_ago, now.tv_nsec};
    const timespec times[2] = {then, then};
    utimensat(AT_FDCWD, path_.c_str(), times, 0);
  }

  test::ScratchDir scratch_;
  fs::path folder_ = scratch_ / "clip.mp4.work";
  fs::path path_ = folder_ / "lock";
};

constexpr int kRefused = static_cast<int>(ExitCode::interrupted);
constexpr int kIo = static_cast<int>(ExitCode::io);
const char* const kElsewhere = "othernode 4711\n";

TEST_F(Lock, SaysWhoHasItAndGoesWithItsFolder) {
  {
    const WorkLock lock(path_, "clip.mp4");
    EXPECT_EQ(lock_holder(path_), host_name() + " " + std::to_string(getpid()));
    EXPECT_TRUE(lock.made_folder());
    const auto refused = take();
    EXPECT_EQ(refused.exit_code, kRefused);
    EXPECT_THAT(refused.message,
                AllOf(HasSubstr("clip.mp4"), HasSubstr("process " + std::to_string(getpid()))));
    EXPECT_THAT(test::tree(folder_), testing::SizeIs(1));
  }
  EXPECT_FALSE(fs::exists(folder_));
  EXPECT_EQ(lock_holder(path_), "");
}

TEST_F(Lock, LeavesAFolderThatWasThereAlone) {
  fs::create_directories(folder_);
  EXPECT_EQ(take().exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_));
}

TEST_F(Lock, OfAProcessThatDiedHereIsFreeAtOnce) {
  LockTimes times;  // the default times: nobody watches for seconds
  times.settle = kQuick.settle;
  test::FaultPlan plan;
  plan.folder = folder_;
  for (const int flock_error : {0, ENOLCK}) {  // without locks, the process number tells that the holder died
    const auto died = test::in_child(plan, [&] {
      const WorkLock lock(path_, "clip.mp4");
      raise(SIGKILL);
    });
    ASSERT_EQ(died.exit_code, 128 + SIGKILL);
    ASSERT_TRUE(fs::exists(path_));
    const auto next = take(flock_error, {}, times);
    EXPECT_EQ(next.exit_code, 0) << next.message;
    EXPECT_THAT(next.log, HasSubstr("taken over"));
  }
}

TEST_F(Lock, WithoutLocksInTheKernelIsTakenWithAWarning) {
  for (const int error : {ENOSYS, ENOLCK, EOPNOTSUPP, EINVAL}) {
    const auto outcome = take(error);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.message;
    EXPECT_THAT(outcome.log, AllOf(HasSubstr("warning"), HasSubstr("no locks"))) << error;
  }
}

TEST_F(Lock, WhatElseTheKernelAnswersIsSaid) {
  for (const int error : {EIO, EBADF}) {
    const auto outcome = take(error);
    EXPECT_EQ(outcome.exit_code, kIo);
    EXPECT_THAT(outcome.message, AllOf(HasSubstr(path_.string()), HasSubstr(strerror(error))));
  }
}

TEST_F(Lock, OfALivingProcessHereIsRefusedWithoutLocksToo) {
  const WorkLock lock(path_, "clip.mp4");
  for (const int error : {ENOLCK, ENOSYS}) EXPECT_EQ(take(error, {}, {}).exit_code, kRefused) << error;
}

// Neither the clock nor the name of another machine counts. Only a change of the file counts.
TEST_F(Lock, OfAnotherMachineIsRefusedWhileItsFileChanges) {
  for (const int age : {90, -600}) {
    write(kElsewhere, age);
    const auto outcome = take(-1, [&] {
      test::on_open([this, age](const std::string& path) {
        if (path == path_) set_age(age);
      });
    });
    EXPECT_EQ(outcome.exit_code, kRefused) << age;
    EXPECT_THAT(outcome.message, HasSubstr("process 4711 on othernode"));
    EXPECT_EQ(test::read_file(path_), kElsewhere);
  }
}

TEST_F(Lock, OfAnotherMachineIsTakenOverOnceItNoLongerChanges) {
  for (const std::string& holder : {std::string(kElsewhere), host_name() + " 1\n"})
    for (const int age : {90, -600}) {
      write(holder, age);
      const auto outcome = take(-1);
      EXPECT_EQ(outcome.exit_code, 0) << outcome.message;
      EXPECT_THAT(outcome.log, HasSubstr("taken over"));
    }
}

TEST_F(Lock, OfAnotherMachineThatChangedAMomentAgoIsRefusedAtOnce) {
  for (const std::string& holder : {std::string(kElsewhere), host_name() + " 1\n"}) {
    write(holder, 0);
    EXPECT_EQ(take(-1, {}, {}).exit_code, kRefused);
    EXPECT_EQ(test::read_file(path_), holder);
  }
}

// Two processes have watched the same dead holder, and the other one signs after us.
TEST_F(Lock, IsTheirsWhoSignedLast) {
  write(kElsewhere, 90);
  const auto outcome = take(-1, [&] {
    test::on_open([this](const std::string& path) {
      const auto content = test::read_file(path_);
      if (path == path_ && content != kElsewhere) test::write_file(path_, "third 7\nmachine pid token 0\n");
    });
  });
  EXPECT_EQ(outcome.exit_code, kRefused);
  EXPECT_THAT(outcome.message, HasSubstr("process 7 on third"));
}

TEST_F(Lock, ThatWasTakenOverIsNoLongerHeld) {
  const auto outcome = take(0, [this] {
    const WorkLock lock(path_, "clip.mp4", nullptr, kQuick);
    lock.expect_held();
    test::write_file(path_, "third 7\nmachine pid token 0\n");
    while (!*lock.stop()) std::this_thread::yield();
    lock.expect_held();
  });
  EXPECT_EQ(outcome.exit_code, kRefused);
  EXPECT_THAT(outcome.message, HasSubstr("was taken over"));
}

TEST_F(Lock, PassesOnThatAStopIsAskedFor) {
  std::atomic<bool> stop{false};
  const WorkLock lock(path_, "clip.mp4", &stop);
  EXPECT_FALSE(*lock.stop());
  stop = true;
  while (!*lock.stop()) std::this_thread::yield();
}

TEST_F(Lock, GivesSignsOfLife) {
  const WorkLock lock(path_, "clip.mp4", nullptr, kQuick);
  const auto first = *read_lock(path_);
  while (read_lock(path_)->text == first.text) std::this_thread::yield();
  EXPECT_EQ(signature_from(read_lock(path_)->text)->token, signature_from(first.text)->token);
}

TEST_F(Lock, OfSomethingElseIsLeftAlone) {
  for (const char* const text : {"my shopping list\n", "a b c\n", "host pid\n"}) {
    write(text, 90);
    const auto outcome = take();
    EXPECT_EQ(outcome.exit_code, kIo) << text;
    EXPECT_THAT(outcome.message, HasSubstr("no lock of dreamreel's"));
    EXPECT_EQ(test::read_file(path_), text);
  }
  fs::remove(path_);
  test::write_file(scratch_ / "theirs", "theirs");
  fs::create_symlink(scratch_ / "theirs", path_);
  EXPECT_EQ(take().exit_code, kIo);
  EXPECT_EQ(test::read_file(scratch_ / "theirs"), "theirs");
}

TEST_F(Lock, TornByAPowerCutIsTakenOver) {
  for (const auto& text : {std::string(), std::string(60, '\0')}) {
    write(text, 0);
    EXPECT_EQ(take().exit_code, 0);
  }
}

TEST_F(Lock, AskedForByAChildOfItsHolderIsFree) {
  const WorkLock lock(path_, "clip.mp4");
  test::FaultPlan plan;
  plan.folder = folder_;
  EXPECT_EQ(test::in_child(plan, [&] { expect_free_or_parents(path_, "clip.mp4"); }).exit_code, 0);
  const auto grandchild = test::in_child(plan, [&] {
    const auto inner = test::in_child(plan, [&] { expect_free_or_parents(path_, "clip.mp4"); });
    if (inner.exit_code != 0) throw Error(static_cast<ExitCode>(inner.exit_code), inner.message);
  });
  EXPECT_EQ(grandchild.exit_code, kRefused);
}

TEST(SignatureFrom, ReadsItsOwnTextAndThatOfBefore) {
  const auto own = own_signature();
  const auto read = signature_from(own.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), own.text());
  EXPECT_TRUE(read->is_of_this_machine());
  EXPECT_FALSE(read->is_gone());
  const auto old = signature_from("node_1 17\n");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->host, "node_1");
  EXPECT_FALSE(old->is_of_this_machine());
  EXPECT_FALSE(signature_from("\x1b[31m 17\n"));
  EXPECT_TRUE(signature_from("")->pid.empty());
}

}  // namespace
}  // namespace dreamreel::work
