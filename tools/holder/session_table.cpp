#include "tools/holder/session_table.hpp"

#include "tools/holder/log.hpp"

#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace outrigger::holder {

namespace {

std::string label(std::uint64_t key) {
  return "session " + os::holder::key_name(key);
}

std::string describe(child_status status) {
  return (status.signaled ? "signal " : "code ") + std::to_string(status.value);
}

} // namespace

session_table::session_table(event_loop& loop, std::string cgroup_parent)
    : loop_(loop), cgroup_parent_(std::move(cgroup_parent)) {}

std::uint64_t session_table::new_key() const {
  std::uint64_t key = 0;
  while (key == 0 || entries_.contains(key))
    // EINTR leaves it 0: again. A kernel without getrandom has no pidfds.
    if (::getrandom(&key, sizeof key, 0) != sizeof key)
      key = 0;
  return key;
}

// -- spawn --------------------------------------------------------------------

void session_table::spawn(child_plan plan, std::string tag, ring_plan wanted,
                          spawned done) {
  // One that came during end_all would be left behind without a holder.
  if (ending_all_ || entries_.size() >= max_sessions)
    return done(nullptr, {os::os_error(EAGAIN), os::holder::step::request});
  auto rings = make_rings(plan.kind, wanted);
  if (!rings)
    return done(nullptr, {rings.error(), os::holder::step::ring});
  const std::uint64_t key = new_key();
  plan.key = key;
  const auto kind = plan.kind;
  auto group = cgroup::create(cgroup_parent_, key);
  auto process = start_child(std::move(plan), group);
  if (!process) {
    group.remove();
    return done(nullptr, process.error());
  }
  insert(key,
         std::make_unique<held_session>(loop_, key, kind, std::move(tag),
                                        std::move(*rings), std::move(*process),
                                        std::move(group)),
         std::move(done));
}

void session_table::insert(std::uint64_t key,
                           std::unique_ptr<held_session> session,
                           spawned done) {
  entry& added = entries_[key];
  added.session = std::move(session);
  added.on_spawned = std::move(done);
  auto error = added.session->start([this, key] {
    const entry& ended = entries_.at(key);
    log(label(key) + ": ended with " + describe(ended.session->status()));
    if (!ended.on_spawned) // else nobody knows of it yet
      events_.exited(*ended.session);
  });
  if (!error) {
    auto watch =
        loop_.watch(added.session->status_fd(), EPOLLIN,
                    [this, key](std::uint32_t) { read_status(key, false); });
    if (watch)
      added.status_watch = *watch;
    else
      error = watch.error();
  }
  if (error) {
    (void)added.session->signal(SIGKILL);
    settle(key, {error, os::holder::step::fork});
  }
}

// Follows a child until its exec. `final`: it has ended, so that what it has
// to say is there already.
void session_table::read_status(std::uint64_t key, bool final) {
  entry& starting = entries_.at(key);
  child_report report;
  ssize_t got = 0;
  for (;;) {
    got = ::read(starting.session->status_fd(), &report, sizeof report);
    if (got == sizeof report && report.step == os::holder::step::cgroup)
      starting.session->group().remove(); // it does without
    else if (got >= 0 || errno != EINTR)
      break;
  }
  if (got == sizeof report)
    return settle(key, {os::os_error(report.error), report.step});
  if (got == 0 || final)
    settle(key, {});
}

void session_table::settle(std::uint64_t key, child_failure failure) {
  entry& starting = entries_.at(key);
  loop_.unwatch(std::exchange(starting.status_watch, 0));
  starting.session->close_status();
  const auto done = std::exchange(starting.on_spawned, nullptr);
  if (!failure.error) {
    log(label(key) + ": started as process " +
        std::to_string(starting.session->pid()));
    return done(starting.session.get(), {});
  }
  // One that is listed or being ended stays; its exit code, 127, tells.
  if (!starting.orphaned && !starting.ladder)
    remove(key);
  done(nullptr, failure);
}

// -- the other requests -------------------------------------------------------

held_session* session_table::find(std::uint64_t key) {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second.session.get();
}

std::vector<held_session*> session_table::all() {
  std::vector<held_session*> list;
  for (const auto& [key, listed] : entries_)
    if (!listed.on_spawned || listed.orphaned)
      list.push_back(listed.session.get());
  return list;
}

std::error_code session_table::end(std::uint64_t key) {
  const auto found = entries_.find(key);
  if (found == entries_.end())
    return os::os_error(ENOENT);
  entry& ending = found->second;
  ending.session->set_ending();
  if (!ending.ladder)
    ending.ladder = std::make_unique<end_ladder>(
        loop_, *ending.session,
        [this, key](bool empty) { ladder_done(key, empty); });
  return {};
}

void session_table::ladder_done(std::uint64_t key, bool empty) {
  log(label(key) +
      (empty ? ": empty" : ": given up, SIGKILL does not end what is left"));
  entries_.at(key).ladder.reset();
  if (!events_.ended(key))
    (void)forget(key); // else nobody would, and we would wait for ever
  check_end_all();
}

std::error_code session_table::forget(std::uint64_t key) {
  const auto found = entries_.find(key);
  if (found == entries_.end())
    return os::os_error(ENOENT);
  const entry& known = found->second;
  if (!known.session->exited() || known.on_spawned || known.ladder)
    return os::os_error(EBUSY);
  remove(key);
  return {};
}

void session_table::remove(std::uint64_t key) {
  auto node = entries_.extract(key);
  leftover_cgroups_.push_back(std::move(node.mapped().session->group()));
  remove_cgroups();
}

void session_table::remove_cgroups() {
  std::erase_if(leftover_cgroups_,
                [](cgroup& group) { return group.remove(); });
}

void session_table::end_all(std::function<void()> done) {
  ending_all_ = true;
  all_ended_ = std::move(done);
  for (const auto& [key, ending] : entries_)
    (void)end(key);
  check_end_all();
}

void session_table::check_end_all() {
  const bool ending =
      std::any_of(entries_.begin(), entries_.end(), [](const auto& item) {
        return item.second.ladder != nullptr;
      });
  if (ending || !all_ended_)
    return;
  for (auto& [key, ended] : entries_)
    ended.session->group().remove();
  std::exchange(all_ended_, nullptr)();
}

// -- events -------------------------------------------------------------------

void session_table::daemon_gone() {
  // Publishing an exit changes nothing in the table.
  std::vector<std::uint64_t> ended;
  for (auto& [key, running] : entries_) {
    running.orphaned = running.orphaned || running.on_spawned;
    running.session->run_free();
    if (running.session->ending() && !running.ladder)
      ended.push_back(key);
  }
  for (const auto key : ended) // it did not come to that
    (void)forget(key);
}

void session_table::reaped(pid_t pid, child_status status) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [pid](const auto& item) {
        return item.second.session->pid() == pid &&
               !item.second.session->reaped();
      });
  if (found != entries_.end()) {
    const auto key = found->first;
    if (found->second.on_spawned)
      read_status(key, true);
    if (held_session* session = find(key)) // else the exec had failed
      session->leader_exited(status);
  }
  for (const auto& [key, ending] : entries_)
    if (ending.ladder)
      ending.ladder->hurry();
  remove_cgroups();
}

} // namespace outrigger::holder
