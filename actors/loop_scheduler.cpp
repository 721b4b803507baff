#include "actors/loop_scheduler.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <caf/detail/simple_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace outrigger {
namespace {

namespace asio = boost::asio;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using steady = std::chrono::steady_clock;

/// CAF's timeout queue, driven by one Asio timer instead of a thread. Used on
/// the loop thread only.
class loop_clock final : public caf::detail::simple_actor_clock {
public:
  explicit loop_clock(asio::io_context& loop) : timer_{loop} {}

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, std::uint64_t id) override {
    simple_actor_clock::set_ordinary_timeout(t, self, type, id);
    arm();
  }
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, std::uint64_t id) override {
    simple_actor_clock::set_multi_timeout(t, self, type, id);
    arm();
  }
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override {
    simple_actor_clock::set_request_timeout(t, self, id);
    arm();
  }
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override {
    simple_actor_clock::schedule_message(t, std::move(receiver),
                                         std::move(content));
    arm();
  }
  void schedule_message(time_point t, caf::group target,
                        caf::strong_actor_ptr sender,
                        caf::message content) override {
    simple_actor_clock::schedule_message(t, std::move(target),
                                         std::move(sender), std::move(content));
    arm();
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
    cancel_all();
  }

private:
  void arm() {
    if (stopped_ || schedule().empty())
      return;
    auto due = schedule().begin()->first;
    if (due >= armed_)
      return; // the timer fires earlier and re-arms itself
    armed_ = due;
    timer_.expires_at(due);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec)
        return; // replaced by an earlier due time, or stopped
      armed_ = time_point::max();
      trigger_expired_timeouts();
      arm();
    });
  }

  asio::steady_timer timer_;
  time_point armed_ = time_point::max();
  bool stopped_ = false;
};

/// What CAF hands to utility code that prints: swallows everything. Nothing
/// of ours prints through CAF, but its default handlers would.
caf::behavior mute_printer(caf::event_based_actor* self, int /*unused*/) {
  self->set_default_handler(caf::drop);
  return {[](int) {}};
}

class loop_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  loop_scheduler(caf::actor_system& sys, asio::io_context& loop,
                 loop_scheduler_options options)
      : abstract_coordinator{sys}, loop_{loop}, options_{std::move(options)},
        unit_{sys, *this}, clock_{loop}, probe_{loop} {}

  caf::actor_clock& clock() noexcept override { return clock_; }

  void enqueue(caf::resumable* job) override {
    if (std::this_thread::get_id() == thread_)
      return push(job);
    std::unique_lock guard{inbox_mutex_};
    inbox_.push_back(job);
    if (inbox_.size() > 1)
      return; // a hand-over is on its way already
    guard.unlock();
    asio::post(loop_, [this, alive = std::weak_ptr{alive_}] {
      if (!alive.expired())
        take_inbox();
    });
  }

protected:
  void start() override {
    // The thread that builds the system runs the loop.
    thread_ = std::this_thread::get_id();
    utility_actors_[printer_id] = system().spawn<caf::hidden>(mute_printer, 0);
    if (options_.on_second)
      probe(steady::now() + std::chrono::seconds{1});
  }

  void stop() override {
    // The loop has stopped: run what is left here, end CAF's helper, run what
    // that set free, and give back whatever still refuses to end.
    probe_.cancel();
    drain();
    caf::anon_send_exit(utility_actors_[printer_id], caf::exit_reason::kill);
    utility_actors_[printer_id] = nullptr;
    clock_.stop();
    drain();
    for (auto* job : ready_)
      cleanup_and_release(job);
    ready_.clear();
  }

private:
  /// The "worker" CAF sees: everything an actor makes runnable goes to the
  /// same list, so actor-to-actor messages never leave the thread.
  class loop_unit final : public caf::execution_unit {
  public:
    loop_unit(caf::actor_system& sys, loop_scheduler& parent)
        : execution_unit{&sys}, parent_{parent} {}
    void exec_later(caf::resumable* job) override { parent_.push(job); }

  private:
    loop_scheduler& parent_;
  };

  void push(caf::resumable* job) {
    ready_.push_back(job);
    schedule_turn();
  }

  void schedule_turn() {
    if (turn_pending_)
      return;
    turn_pending_ = true;
    asio::post(loop_, [this, alive = std::weak_ptr{alive_}] {
      if (alive.expired())
        return; // the loop runs on without us
      turn_pending_ = false;
      run_turn();
    });
  }

  void take_inbox() {
    std::vector<caf::resumable*> jobs;
    {
      std::lock_guard guard{inbox_mutex_};
      jobs.swap(inbox_);
    }
    for (auto* job : jobs)
      push(job);
  }

  /// Runs ready actors until none is left or the turn's time is up, in which
  /// case the rest waits behind the sockets that became ready meanwhile.
  void run_turn() {
    auto begin = steady::now();
    auto end_of_turn = begin + options_.turn;
    while (!ready_.empty()) {
      auto* job = ready_.front();
      ready_.pop_front();
      begin = run_one(job, begin);
      if (begin >= end_of_turn)
        break;
    }
    if (!ready_.empty())
      schedule_turn();
  }

  /// Gives one actor its messages. Returns the time afterwards, so that a
  /// turn reads the clock once an actor.
  steady::time_point run_one(caf::resumable* queued, steady::time_point begin) {
    caf::intrusive_ptr<caf::resumable> job{queued, false}; // the list's
    auto what_next = job->resume(&unit_, options_.messages_per_actor);
    auto now = steady::now();
    ++load_.resumes;
    auto took = duration_cast<microseconds>(now - begin);
    if (took > load_.longest_turn) {
      load_.longest_turn = took;
      load_.longest_actor = name_of(job.get());
    }
    if (what_next == caf::resumable::resume_later)
      ready_.push_back(job.release());
    return now;
  }

  static std::string name_of(caf::resumable* job) {
    auto* actor = dynamic_cast<caf::local_actor*>(job);
    return actor ? actor->name() : "a task";
  }

  void drain() {
    thread_ = std::this_thread::get_id();
    take_inbox();
    while (!ready_.empty()) {
      auto* job = ready_.front();
      ready_.pop_front();
      run_one(job, steady::now());
      if (ready_.empty())
        take_inbox();
    }
  }

  void probe(steady::time_point due) {
    probe_.expires_at(due);
    probe_.async_wait([this, due](const boost::system::error_code& ec) {
      if (ec)
        return;
      auto now = steady::now();
      load_.lag = duration_cast<microseconds>(now - due);
      options_.on_second(load_);
      load_.longest_turn = microseconds{0};
      load_.longest_actor.clear();
      probe(now + std::chrono::seconds{1});
    });
  }

  asio::io_context& loop_;
  loop_scheduler_options options_;
  loop_unit unit_;
  loop_clock clock_;
  asio::steady_timer probe_;
  std::thread::id thread_;
  /// What posted handlers look at first: the loop outlives us.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::deque<caf::resumable*> ready_; // each holds one reference
  bool turn_pending_ = false;
  loop_load load_;
  // Sends from other threads (the worker pool). A message cannot do: this is
  // what carries messages across.
  std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
};

} // namespace

void use_loop_scheduler(caf::actor_system_config& config,
                        asio::io_context& loop,
                        loop_scheduler_options options) {
  config.module_factories.emplace_back(
      [&loop, options = std::move(options)](
          caf::actor_system& sys) -> caf::actor_system::module* {
        return new loop_scheduler(sys, loop, options); // owned by the system
      });
}

} // namespace outrigger
