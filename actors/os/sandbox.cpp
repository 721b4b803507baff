#include "actors/os/sandbox.hpp"

#include "actors/os/file_rules.hpp"
#include "actors/os/syscall_filter.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

namespace outrigger::os {

namespace {

/// The parts of the one sentence.
class shortcomings {
public:
  void add(std::string_view what, const std::error_code& why) {
    add(std::string{what} + " (" + why.message() + ")");
  }
  void add(std::string_view what) {
    text_ += text_.empty() ? "" : "; ";
    text_ += what;
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

private:
  std::string text_;
};

/// Threads of this process; 1 when the kernel does not say.
std::size_t threads() {
  struct stat tasks {};
  if (::stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink < 3)
    return 1;
  return static_cast<std::size_t>(tasks.st_nlink) - 2; // "." and ".."
}

void allow(file_rules& rules, const sandbox_plan& plan, shortcomings& missing) {
  const auto note = [&](const std::string& path, std::error_code why) {
    if (why)
      missing.add("no access to " + path, why);
  };
  for (const auto& path : plan.writable)
    note(path, rules.allow_writing(path));
  for (const auto& path : plan.sockets)
    note(path, rules.allow_sockets(path));
  for (const auto& path : plan.readable)
    if (auto why = rules.allow_reading(path);
        why != std::errc::no_such_file_or_directory)
      note(path, why);
}

/// The version of Landlock that holds now; 0 if none does.
int restrict_files(const sandbox_plan& plan, shortcomings& missing) {
  const auto offered = landlock_abi();
  if (!offered) {
    missing.add("files are not restricted: no Landlock", offered.error());
    return 0;
  }
  const int abi = std::min(*offered, newest_landlock_abi);
  auto rules = file_rules::make(abi);
  if (!rules) {
    missing.add("files are not restricted: Landlock rules", rules.error());
    return 0;
  }
  allow(*rules, plan, missing);
  const auto others = threads() - 1;
  if (auto error = rules->enforce()) {
    missing.add("files are not restricted: Landlock", error);
    return 0;
  }
  if (others > 0)
    missing.add("files are not restricted for " + std::to_string(others) +
                " threads that ran already");
  if (abi < 2)
    missing.add("Landlock 1 lets nothing be renamed into another directory");
  else if (abi < 3)
    missing.add("Landlock 2 does not restrict truncating files");
  return abi;
}

} // namespace

sandbox_plan system_plan() {
  sandbox_plan plan;
  plan.writable = {"/dev/null"};
  plan.readable = {
      "/proc",          "/sys/fs/cgroup", "/sys/devices/system/cpu",
      "/usr",           "/lib",           "/lib64",
      "/etc/localtime", "/etc/ssl",       "/dev/urandom"};
  return plan;
}

sandbox_report enter_sandbox(const sandbox_plan& plan) {
  sandbox_report report;
  shortcomings missing;
  report.no_new_privs = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!report.no_new_privs)
    missing.add("privileges can be gained", os_error());
  report.landlock_abi = restrict_files(plan, missing);
  const auto filtered = filter_system_calls();
  report.seccomp = !filtered;
  if (filtered)
    missing.add("system calls are not restricted: no seccomp filter", filtered);
  if (!leak_check_at_exit && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    missing.add("other processes of this user can look into this one",
                os_error());
  report.degraded = std::move(missing).text();
  return report;
}

} // namespace outrigger::os
