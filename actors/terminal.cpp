#include "actors/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <spdlog/spdlog.h>

namespace outrigger {

void terminal_state::start() {
  output.emplace(*session, record.id, record.scrollback_size, counted);
  session->on_ready([me = weak(self)] {
    send_if_alive<terminal_actor>(me, ring_advanced{});
  });
  after_output(); // an adopted session may have ended meanwhile
}

terminal_output::clock::time_point terminal_state::now() const {
  return self->clock().now();
}

// -- viewers ------------------------------------------------------------------

void terminal_state::attach(const attach_viewer& request) {
  if (const auto* handle = output->handle_of(request.who))
    self->demonitor(handle->address());
  const auto& info = session->info();
  output->attach(request.who, request.handle, request.after,
                 {info.cols, info.rows}, now());
  if (output->handle_of(request.who)) // else refused
    self->monitor(request.handle);
  after_output();
}

void terminal_state::detach(viewer_id who) {
  if (const auto* handle = output->handle_of(who))
    self->demonitor(handle->address());
  output->detach(who, now());
}

void terminal_state::advance() {
  output->advance(now());
  after_output();
}

/// Follows everything that may have moved a viewer or shown the exit.
void terminal_state::after_output() {
  if (output->exited() && !exit_reported) {
    exit_reported = true;
    drop_input();
    caf::anon_send(listener,
                   terminal_exited{session->info().key, *output->exited()});
  }
  const auto wait = output->next_tick();
  if (!wait || (next_check && now() + *wait >= *next_check))
    return; // not needed, or early enough as it is
  next_check = now() + *wait;
  self->delayed_send(self, *wait, check_patience{*next_check});
}

void terminal_state::tick(terminal_output::clock::time_point due) {
  if (next_check != due)
    return; // an earlier one has taken its place
  next_check.reset();
  output->tick(now());
  after_output();
}

// -- input --------------------------------------------------------------------

void terminal_state::take_input(const terminal_input& request) {
  input.push_back({request.from, request.bytes, 0});
  if (output->exited())
    drop_input();
  else if (input.size() == 1)
    write_input();
}

void terminal_state::take_left_input(const leave_input& request) {
  for (auto& chunk : input)
    if (chunk.from == request.from) {
      chunk.from = viewer_actor{};
      left_input += chunk.bytes->size();
    }
  limit_left_input();
  leave(*request.rest);
  if (input.size() == 1)
    write_input();
}

/// Keeps as much of `rest` as there is room for.
void terminal_state::leave(const std::string& rest) {
  const auto room =
      limits::left_input - std::min(left_input, limits::left_input);
  const auto kept = std::min(rest.size(), room);
  if (kept < rest.size())
    log_dropped(rest.size() - kept);
  if (kept == 0 || output->exited())
    return;
  input.push_back(
      {viewer_actor{}, std::make_shared<const std::string>(rest, 0, kept), 0});
  left_input += kept;
}

void terminal_state::log_dropped(std::size_t bytes) const {
  spdlog::warn("terminal {}: {} bytes of input dropped: its client is gone and "
               "the program has not read what came before",
               record.id, bytes);
}

/// A program that reads nothing must not collect what one client after
/// another has left: the latest goes.
void terminal_state::limit_left_input() {
  for (auto chunk = input.rbegin();
       left_input > limits::left_input && chunk != input.rend(); ++chunk) {
    if (chunk->from || chunk->written > 0)
      continue;
    log_dropped(chunk->bytes->size());
    left_input -= chunk->bytes->size();
    chunk->bytes = std::make_shared<const std::string>();
  }
  std::erase_if(input, [](const auto& chunk) { return chunk.bytes->empty(); });
}

/// Writes what the pty takes; the rest waits for it to be writable.
void terminal_state::write_input() {
  while (!input.empty()) {
    auto& next = input.front();
    auto rest = std::string_view{*next.bytes}.substr(next.written);
    auto wrote = session->write(rest);
    if (!wrote) {
      spdlog::debug("terminal {}: write input: {}", record.id,
                    wrote.error().message());
      return drop_input(); // the child is going away: the exit follows
    }
    next.written += *wrote;
    if (counted)
      counted->input_bytes += *wrote;
    if (next.written < next.bytes->size()) {
      session->wait_writable([me = weak(self)] {
        send_if_alive<terminal_actor>(me, input_writable{});
      });
      return;
    }
    input_done(next);
    input.pop_front();
  }
}

void terminal_state::input_done(const pending_input& chunk) {
  if (chunk.from)
    caf::anon_send(chunk.from, input_taken{record.id, chunk.bytes->size()});
  else
    left_input -= chunk.bytes->size();
}

void terminal_state::drop_input() {
  for (const auto& chunk : std::exchange(input, {}))
    input_done(chunk);
}

// -- requests -----------------------------------------------------------------

result<terminal_size> terminal_state::resize(terminal_size wanted) {
  const auto what = "resize terminal " + std::to_string(record.id) + ": ";
  if (output->exited())
    return error{errc::not_found, what + "its program has exited"};
  if (auto ec = session->resize(wanted.cols, wanted.rows))
    return error{errc::internal, what + ec.message()};
  return wanted;
}

scrollback
terminal_state::read_scrollback(std::optional<std::size_t> max) const {
  scrollback content;
  content.bytes =
      output->tail_bytes(std::min(max.value_or(record.scrollback_size),
                                  limits::max_scrollback_answer),
                         content.offset);
  content.head = content.offset + content.bytes.size();
  content.session = identity(session->info().key);
  content.exit = output->exited();
  content.alive = !content.exit;
  return content;
}

// -- the actor ----------------------------------------------------------------

terminal_actor::behavior_type
terminal(terminal_actor::stateful_pointer<terminal_state> self,
         terminal_record record, std::shared_ptr<os::session> session,
         exit_listener listener, terminal_meters* counted) {
  end_on_exception(self);
  auto& state = self->state;
  state.self = self;
  state.record = std::move(record);
  state.session = std::move(session);
  state.listener = std::move(listener);
  state.counted = counted;
  state.start();
  // A viewer that failed could not say goodbye.
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.output->drop_viewers_of(down.source, self->state.now());
  });
  return {
      [self](const attach_viewer& request) { self->state.attach(request); },
      [self](const detach_viewer& request) { self->state.detach(request.who); },
      [self](const pull_output& request) {
        self->state.output->pull(request.who, request.max, self->state.now());
        self->state.after_output();
      },
      [self](const ack_output& request) {
        self->state.output->ack(request.who, request.offset, self->state.now());
        self->state.after_output();
      },
      [self](const terminal_input& request) {
        self->state.take_input(request);
      },
      [self](const leave_input& request) {
        self->state.take_left_input(request);
      },
      [self](const resize_terminal& r) -> caf::result<terminal_size> {
        auto applied = self->state.resize(r.size);
        if (!applied)
          return to_caf(applied.error());
        return *applied;
      },
      [self](const viewer_resize& r) {
        if (auto applied = self->state.resize(r.size); !applied)
          caf::anon_send(
              r.from, resize_refused{self->state.record.id, applied.error()});
      },
      [self](const get_scrollback& request) {
        return self->state.read_scrollback(request.max);
      },
      [self](measure_viewers) {
        return viewer_lags{self->state.record.id, self->state.output->lags()};
      },
      [self](const lose_session& request) {
        self->state.session->abandon();
        self->state.output->lose(request.reason, self->state.now());
        self->state.after_output();
      },
      [self](ring_advanced) { self->state.advance(); },
      [self](input_writable) { self->state.write_input(); },
      [self](const check_patience& check) { self->state.tick(check.due); },
  };
}

// -- record -------------------------------------------------------------------

namespace {

constexpr std::string_view tag_mark = "outrigger-terminal-1";

} // namespace

// Fields separated by NUL, which no argument or path can hold:
// mark, id, scrollback size, cwd, then the command.
std::string to_tag(const terminal_record& record, std::size_t max) {
  std::string tag{tag_mark};
  const auto add = [&tag](std::string_view field) {
    tag += '\0';
    tag += field;
  };
  add(std::to_string(record.id));
  add(std::to_string(record.scrollback_size));
  add(record.cwd);
  for (const auto& argument : record.command)
    add(argument);
  if (tag.size() <= max)
    return tag;
  while (max > 0 && (tag[max] & 0xC0) == 0x80) // not inside a character
    --max;
  return tag.substr(0, max);
}

std::optional<terminal_record> from_tag(std::string_view tag) {
  std::vector<std::string> fields;
  for (;;) {
    const auto end = tag.find('\0');
    fields.emplace_back(tag.substr(0, end));
    if (end == std::string_view::npos)
      break;
    tag.remove_prefix(end + 1);
  }
  if (fields.size() < 3 || fields[0] != tag_mark)
    return std::nullopt;
  terminal_record record;
  const auto id = parse_terminal_id(fields[1]);
  const auto& size = fields[2];
  const auto parsed = std::from_chars(size.data(), size.data() + size.size(),
                                      record.scrollback_size);
  if (!id || parsed.ec != std::errc{} ||
      parsed.ptr != size.data() + size.size())
    return std::nullopt;
  record.id = *id;
  if (fields.size() > 3)
    record.cwd = fields[3];
  if (fields.size() > 4)
    record.command.assign(fields.begin() + 4, fields.end());
  return record;
}

terminal_summary summarise(const terminal_record& record,
                           const os::session& session,
                           std::optional<terminal_exit> exit) {
  const auto& info = session.info();
  terminal_summary s;
  s.id = record.id;
  s.session = identity(info.key);
  s.command = record.command;
  s.cwd = record.cwd;
  s.size = {info.cols, info.rows};
  s.alive = !exit;
  s.exit = exit;
  s.created_unix_ms = info.created_unix_ms;
  s.scrollback_size = record.scrollback_size;
  s.pid = info.pid;
  return s;
}

std::string identity(std::uint64_t key) {
  return fmt::format("{:016x}", key);
}

} // namespace outrigger
