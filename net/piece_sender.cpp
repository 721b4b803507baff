#include "net/piece_sender.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "net/client_watch.hpp"
#include "net/http_writer.hpp"
#include "net/request_log.hpp"

namespace outrigger {
namespace {

std::string chunk_header(std::size_t size) {
  std::array<char, 20> hex;
  const auto end =
      std::to_chars(hex.data(), hex.data() + hex.size(), size, 16).ptr;
  return std::string{hex.data(), end} + "\r\n";
}

class piece_sender final : public transfer {
public:
  piece_sender(transfer_setup setup, std::shared_ptr<body_source> source,
               piece_framing framing, bool patient_head)
      : transfer{std::move(setup)}, source_{std::move(source)},
        chunked_{framing == piece_framing::chunked},
        patient_head_{patient_head}, client_{setup_.context.loop, setup_.to} {}

  ~piece_sender() override {
    if (!is_over()) // the source has forgotten us
      setup_.to.reset();
  }

  void start() override {
    client_.on_gone(weak_from_this(), [this] { finish(asio::error::eof); });
    go_on();
  }

private:
  /// Does what can be done, until something is waited for.
  void go_on() {
    while (!is_over()) {
      if (!pulling_ && !ready_ && !ended_)
        pull();
      else if (!writing_ && is_sent())
        return finish({});
      else if (!writing_ && has_something())
        write();
      else
        break;
    }
    if (!is_over() && pulling_ && !writing_ && !patient_head_)
      client_.start();
  }

  [[nodiscard]] bool has_something() const {
    return ready_ || ended_ || (!setup_.head.empty() && !patient_head_);
  }

  [[nodiscard]] bool is_sent() const {
    return ended_ && !ready_ && setup_.head.empty() && !(chunked_ && !closed_);
  }

  // -- from the source --------------------------------------------------------

  void pull() {
    pulling_ = true;
    in_pull_ = true;
    const auto kept = source_;
    kept->next([self = shared<piece_sender>()](result<std::string> piece) {
      self->came(std::move(piece));
    });
    in_pull_ = false;
  }

  void came(result<std::string> piece) {
    client_.stop();
    pulling_ = false;
    if (is_over())
      return;
    if (!piece) {
      log_warn(setup_.request_id, "http: an answer is cut short: {}",
               piece.error().detail);
      setup_.to.reset();
      return finish(asio::error::connection_aborted);
    }
    if (piece->empty())
      ended_ = true;
    else
      ready_ = std::move(*piece);
    if (!in_pull_)
      go_on();
  }

  /// Not at once: it may be what calls us.
  void forget() override {
    client_.stop();
    asio::post(setup_.to.get_executor(), [source = std::move(source_)] {});
  }

  // -- to the client ----------------------------------------------------------

  void write() {
    writing_ = true;
    before_ = std::exchange(setup_.head, {});
    piece_ = std::exchange(ready_, std::nullopt).value_or(std::string{});
    after_ = {};
    if (chunked_ && !piece_.empty()) {
      before_ += chunk_header(piece_.size());
      after_ = "\r\n";
    } else if (chunked_ && ended_) {
      before_ += "0\r\n\r\n";
      closed_ = true;
    }
    setup_.clock.start();
    write_all(
        setup_.to, {before_, piece_, after_},
        [self = shared<piece_sender>()](error_code ec) { self->written(ec); });
  }

  void written(error_code ec) {
    writing_ = false;
    if (ec)
      return finish(ec);
    sent_ += piece_.size();
    setup_.clock.stop();
    go_on();
  }

  std::shared_ptr<body_source> source_;
  bool chunked_;
  bool patient_head_;
  client_watch client_;
  // What is being written.
  std::string before_;
  std::string piece_;
  std::string_view after_;
  std::optional<std::string> ready_; // to be written next
  bool pulling_ = false;
  bool in_pull_ = false; // what comes now is seen when pull() returns
  bool writing_ = false;
  bool ended_ = false;  // nothing more comes
  bool closed_ = false; // nor after the last chunk
};

} // namespace

std::shared_ptr<transfer> send_pieces(transfer_setup setup,
                                      std::shared_ptr<body_source> source,
                                      piece_framing framing,
                                      bool patient_head) {
  return std::make_shared<piece_sender>(std::move(setup), std::move(source),
                                        framing, patient_head);
}

} // namespace outrigger
