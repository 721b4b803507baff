#include "actors/os/holder_client_impl.hpp"

#include <utility>

namespace outrigger::os {

void throw_exception_from_error(const spawn_error& error,
                                const boost::source_location&) {
  throw std::system_error(error.error, error.step);
}

holder_client::holder_client(boost::asio::io_context& loop)
    : impl_(std::make_shared<impl>(loop)) {}

holder_client::~holder_client() {
  impl_->close();
}

std::error_code holder_client::connect(const std::string& path) {
  return impl_->connect(path);
}

std::error_code holder_client::use(holder_connection connection) {
  return impl_->use(std::move(connection));
}

pid_t holder_client::holder_pid() const noexcept {
  return impl_->pid;
}

void holder_client::spawn(const spawn_request& request, spawn_callback done) {
  impl_->spawn(request, std::move(done));
}

void holder_client::list(list_callback done) {
  impl_->list(std::move(done));
}

void holder_client::signal(std::uint64_t key, int signo, done_callback done) {
  impl_->request(holder::verb::signal, key, signo, std::move(done));
}

void holder_client::end(std::uint64_t key, done_callback done) {
  impl_->request(holder::verb::end, key, 0, std::move(done));
}

void holder_client::forget(std::uint64_t key, done_callback done) {
  impl_->request(holder::verb::forget, key, 0, std::move(done));
}

void holder_client::ping(done_callback done) {
  impl_->request(holder::verb::ping, std::move(done));
}

void holder_client::on_exited(key_handler handler) {
  impl_->exited = std::move(handler);
}

void holder_client::on_ended(key_handler handler) {
  impl_->ended = std::move(handler);
}

void holder_client::on_lost(std::function<void(std::error_code)> handler) {
  impl_->lost = std::move(handler);
}

} // namespace outrigger::os
