#include "reloader.hpp"

#include <csignal>
#include <memory>
#include <utility>

#include <spdlog/spdlog.h>

#include "credential_files.hpp"
#include "tls_files.hpp"

namespace outrigger {

namespace {

void told(std::error_code ec) {
  if (ec)
    spdlog::warn("reload: service manager: {}", ec.message());
}

} // namespace

struct reloader::read_files {
  result<loaded_credentials> credentials{error{}};
  result<std::shared_ptr<boost::asio::ssl::context>> tls{error{}};
};

reloader::reloader(const options& opts, edge_setup& edge,
                   os::worker_pool& workers, os::service_notify& notify)
    : opts_{opts}, edge_{edge}, workers_{workers}, notify_{notify},
      hangup_{edge.loop} {
  hangup_.add(SIGHUP);
}

void reloader::start() {
  wait();
}

void reloader::wait() {
  hangup_.async_wait([this](boost::system::error_code ec, int) {
    if (ec)
      return;
    reload();
    wait();
  });
}

/// One at a time: a signal meanwhile asks for another.
void reloader::reload() {
  if (std::exchange(reading_, true)) {
    again_ = true;
    return;
  }
  told(notify_.reloading());
  auto files = std::make_shared<read_files>();
  const bool queued = workers_.run(
      [files, &opts = opts_] {
        files->credentials = load_credentials(opts, missing_token::is_an_error);
        files->tls = load_tls(opts);
      },
      [this, files] {
        take(std::move(*files));
        told(notify_.ready());
        reading_ = false;
        if (std::exchange(again_, false))
          reload();
      });
  if (queued)
    return;
  reading_ = false;
  spdlog::error("reload: too much other work, nothing was read");
  told(notify_.ready());
}

void reloader::take(read_files files) {
  auto& context = *edge_.context;
  if (files.credentials)
    context.access.known = std::move(files.credentials->store);
  else
    spdlog::error("reload: {}; the tokens stay as they were",
                  files.credentials.error().detail);
  if (files.tls)
    context.tls = std::move(*files.tls);
  else
    spdlog::error("reload: {}; the certificate stays as it was",
                  files.tls.error().detail);
  spdlog::info("reload: {} tokens, {} JWT keys",
               context.access.known.tokens.size(),
               context.access.known.keys.size());
  edge_.served->access_changed();
}

} // namespace outrigger
