// What becomes of sessions when the daemon goes, and how the next finds them.
#include "actors/os/listen_socket.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/socket.h>

#include <filesystem>

namespace outrigger::os::test {

namespace {

// What a flood of numbered lines must look like from any offset on: "N\r\n".
bool is_counting(const std::string& text) {
  auto at = text.find('\n');
  long last = -1;
  while (at != std::string::npos && at + 1 < text.size()) {
    const auto end = text.find('\r', at + 1);
    if (end == std::string::npos)
      return true;
    const long number = std::stol(text.substr(at + 1, end - at - 1));
    if (last >= 0 && number != last + 1)
      return false;
    last = number;
    at = text.find('\n', end);
  }
  return last >= 0;
}

} // namespace

TEST_CASE("a second daemon adopts what the first left without goodbye") {
  running_holder holder;
  std::uint64_t key = 0;
  std::string before;
  std::uint64_t cursor = 0;
  {
    daemon_side first(holder.socket());
    auto request =
        shell("i=0; while read x; do i=$((i+1)); echo line $i; done");
    request.tag = std::string("id\0=7", 5);
    auto program = first.spawn(request);
    REQUIRE(program.has_value());
    key = (*program)->info().key;
    REQUIRE((*program)->write("\n").has_value());
    REQUIRE(first.shows(**program, "line 1\r\n"));
    REQUIRE(!(*program)->resize(99, 33));
    before = text_of((*program)->output());
    cursor = before.size();
  }
  daemon_side second(holder.socket());
  auto adopted = second.list();
  REQUIRE(adopted.size() == 1);
  session& kept = *adopted.front();
  CHECK(kept.info().key == key);
  CHECK(kept.info().tag == std::string("id\0=7", 5));
  CHECK(kept.info().cols == 99);
  CHECK(kept.info().rows == 33);
  CHECK(kept.info().created_unix_ms > 0);
  REQUIRE(kept.write("\n").has_value());
  REQUIRE(second.shows(kept, "line 2\r\n"));
  CHECK(text_of(kept.output(), cursor) == "\r\nline 2\r\n");
  CHECK(text_of(kept.output()) == before + "\r\nline 2\r\n");
}

TEST_CASE("an exit while nobody is connected is kept") {
  running_holder holder;
  std::uint64_t key = 0;
  pid_t pid = 0;
  {
    daemon_side first(holder.socket());
    auto program = first.spawn(shell("read x; echo bye; exit 42"));
    auto piped =
        first.spawn(shell("read x; echo bye; exit 43", session_kind::pipes));
    REQUIRE(piped.has_value());
    key = (*program)->info().key;
    pid = (*program)->info().pid;
    REQUIRE((*program)->write("\n").has_value());
    REQUIRE((*piped)->write("\n").has_value());
  }
  REQUIRE(eventually([&] { return holder.children().empty(); }));
  daemon_side second(holder.socket());
  auto adopted = second.list();
  REQUIRE(adopted.size() == 2);
  for (const auto& kept : adopted) {
    const bool pty = kept->info().key == key;
    const auto status = second.exit_of(*kept);
    REQUIRE(status);
    CHECK(status->value == (pty ? 42 : 43));
    CHECK(text_of(kept->output()) == (pty ? "\r\nbye\r\n" : "bye\n"));
    CHECK(!second.forget(kept->info().key));
  }
  CHECK_FALSE(process_exists(pid));
}

TEST_CASE("without a daemon a flood runs freely") {
  running_holder holder;
  {
    daemon_side first(holder.socket());
    auto program = first.spawn(shell("read x; seq 1 300000; echo end; read x"));
    REQUIRE(program.has_value());
    (*program)->set_credit(1000); // a daemon that paces, and then dies
    REQUIRE((*program)->write("\n").has_value());
    REQUIRE(
        first.run_until([&] { return (*program)->output().head() == 1000; }));
  }
  daemon_side second(holder.socket());
  auto adopted = second.list();
  REQUIRE(adopted.size() == 1);
  session& flood = *adopted.front();
  REQUIRE(second.shows(flood, "end\r\n"));
  CHECK(flood.output().credit() == free_running);
  CHECK(flood.output().tail() > 0);
  const auto text = text_of(flood.output());
  CHECK(text.size() == flood.output().capacity());
  CHECK(is_counting(text.substr(0, text.find("end"))));
}

TEST_CASE("stdin that was closed stays closed for the next daemon") {
  running_holder holder;
  {
    daemon_side first(holder.socket());
    auto program =
        first.spawn(shell("cat; exec sleep 1000", session_kind::pipes));
    (*program)->close_input();
    REQUIRE(!first.ping());
  }
  daemon_side second(holder.socket());
  auto adopted = second.list();
  REQUIRE(adopted.size() == 1);
  CHECK(adopted.front()->write("x").error() == os_error(EPIPE));
}

TEST_CASE("a client without its holder gets errors, once") {
  auto holder = std::make_unique<running_holder>();
  daemon_side daemon(holder->socket());
  auto program = daemon.spawn(shell("read x"));
  ::kill(holder->pid(), SIGSTOP);
  std::optional<std::error_code> pending;
  daemon.client->ping([&](std::error_code error) { pending = error; });
  ::kill(holder->pid(), SIGKILL);
  REQUIRE(daemon.run_until([&] { return daemon.lost.has_value(); }));
  CHECK(pending == make_error_code(errc::holder_lost));
  CHECK(daemon.ping() == errc::holder_lost);
  CHECK(daemon.spawn(shell("true")).has_error());
  ::kill((*program)->info().pid, SIGKILL);
}

TEST_CASE("sessions are found again though the runtime directory was removed") {
  running_holder holder({}, {}, "run/holder.sock");
  {
    daemon_side first(holder.socket());
    REQUIRE(first.spawn(shell("exec sleep 1000")).has_value());
    std::filesystem::remove_all(holder.directory() + "/run");
  }
  REQUIRE(eventually([&] { return holder_listening(holder.socket()); }, 5s));
  daemon_side second(holder.socket());
  CHECK(second.list().size() == 1);
}

TEST_CASE("a socket that was removed comes back while its daemon is served") {
  running_holder holder;
  daemon_side daemon(holder.socket());
  REQUIRE(daemon.spawn(shell("exec sleep 1000")).has_value());
  std::filesystem::remove(holder.socket());
  CHECK(
      daemon.run_until([&] { return holder_listening(holder.socket()); }, 15s));
  CHECK(!daemon.ping());
}

TEST_CASE("a successor's socket is left alone") {
  running_holder holder;
  auto daemon = std::make_unique<daemon_side>(holder.socket());
  REQUIRE(daemon->spawn(shell("exec sleep 1000")).has_value());
  std::filesystem::remove(holder.socket());
  const auto successor = listen_at(holder.socket());
  REQUIRE(successor.has_value());
  daemon.reset();
  // Long enough for the holder to look.
  CHECK_FALSE(eventually([&] { return holder.ended().has_value(); }, 300ms));
  REQUIRE(holder_listening(holder.socket()));
  CHECK(unique_fd(::accept(successor->get(), nullptr, nullptr)));
}

} // namespace outrigger::os::test
