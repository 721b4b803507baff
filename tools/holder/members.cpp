#include "tools/holder/members.hpp"

#include "actors/os/holder_protocol.hpp"
#include "tools/holder/proc_file.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger::holder {

namespace {

constexpr int max_cgroup_depth = 8;

struct process {
  member self;
  pid_t parent = 0;
  pid_t session = 0;
};

// /proc/PID/stat: "pid (name) state ppid pgrp session ... starttime ...". The
// name may hold anything, so the fields count from the last ')'.
std::optional<process> read_process(pid_t pid) {
  const std::string stat =
      read_proc("/proc/" + std::to_string(pid) + "/stat", 4096);
  const auto end = stat.rfind(')');
  if (end == std::string::npos)
    return std::nullopt;
  char state = 0;
  int parent = 0;
  int group = 0;
  int session = 0;
  unsigned long long start = 0;
  const int got = std::sscanf(stat.c_str() + end + 1,
                              " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u "
                              "%*u %*d %*d %*d %*d %*d %*d "
                              "%llu",
                              &state, &parent, &group, &session, &start);
  if (got != 5 || state == 'Z' || state == 'X')
    return std::nullopt;
  return process{{pid, group, start}, parent, session};
}

std::vector<process> all_processes() {
  std::vector<process> all;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr)
    return all;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size())
      continue;
    if (auto found = read_process(pid))
      all.push_back(*found);
  }
  ::closedir(directory);
  return all;
}

bool has_marker(pid_t pid, const std::string& marker) {
  const std::string environment =
      '\0' + read_proc("/proc/" + std::to_string(pid) + "/environ");
  return environment.find(marker) != std::string::npos;
}

bool contains(const std::vector<member>& list, const member& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

std::vector<member> scan_proc(const membership& session,
                              const std::vector<member>& known) {
  const auto all = all_processes();
  // While anybody is left in the session its id is not given to a new process.
  // A process of that very pid after the leader was reaped is a stranger.
  const bool reused =
      session.leader_reaped &&
      std::any_of(all.begin(), all.end(), [&](const process& p) {
        return p.self.pid == session.leader;
      });
  const std::string marker = '\0' + std::string(os::holder::session_variable) +
                             "=" + os::holder::key_name(session.key) + '\0';
  std::vector<member> members;
  for (const auto& p : all)
    if (p.self.pid != ::getpid() &&
        ((p.session == session.leader && !reused) || contains(known, p.self) ||
         has_marker(p.self.pid, marker)))
      members.push_back(p.self);
  // Children of members, however they disguised themselves.
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const auto& p : all)
      if (p.parent == members[i].pid && !contains(members, p.self))
        members.push_back(p.self);
  return members;
}

void scan_procs_file(const std::string& path, std::vector<member>& members) {
  const std::string list = read_proc(path);
  const char* next = list.data();
  const char* const end = list.data() + list.size();
  while (next < end) {
    pid_t pid = 0;
    const auto parsed = std::from_chars(next, end, pid);
    if (parsed.ec == std::errc() && pid > 0)
      if (const auto found = read_process(pid))
        members.push_back(found->self);
    next = std::find(parsed.ptr, end, '\n');
    next += next < end ? 1 : 0;
  }
}

void scan_cgroup(const std::string& path, int depth,
                 std::vector<member>& members) {
  scan_procs_file(path + "/cgroup.procs", members);
  DIR* directory = depth > 0 ? ::opendir(path.c_str()) : nullptr;
  if (directory == nullptr)
    return;
  while (const dirent* entry = ::readdir(directory))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      scan_cgroup(path + "/" + entry->d_name, depth - 1, members);
  ::closedir(directory);
}

} // namespace

std::vector<member> find_members(const membership& session,
                                 const std::vector<member>& known) {
  std::vector<member> certain = known;
  if (session.group != nullptr && *session.group)
    scan_cgroup(session.group->path(), max_cgroup_depth, certain);
  return scan_proc(session, certain);
}

void send_signal(const member& process, int signo) noexcept {
  const os::unique_fd pidfd(
      static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!pidfd)
    return;
  const auto now = read_process(process.pid);
  if (now && now->self == process)
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), signo, nullptr, 0);
}

} // namespace outrigger::holder
