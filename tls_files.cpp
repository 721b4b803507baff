#include "tls_files.hpp"

#include <string>

namespace outrigger {

namespace ssl = boost::asio::ssl;

result<std::shared_ptr<ssl::context>> load_tls(const options& opts) {
  if (opts.tls_cert.empty())
    return std::shared_ptr<ssl::context>{};
  auto tls = std::make_shared<ssl::context>(ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  // What a client's TLS library may ask for in the middle of a connection.
  ::SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // OpenSSL would ask for it on the terminal, and wait.
  const auto encrypted = std::make_shared<bool>(false);
  tls->set_password_callback(
      [encrypted](std::size_t, ssl::context::password_purpose) {
        *encrypted = true;
        return std::string{};
      });
  boost::system::error_code ec;
  tls->use_certificate_chain_file(opts.tls_cert, ec);
  if (ec)
    return error{errc::malformed,
                 "--tls-cert " + opts.tls_cert + ": " + ec.message()};
  tls->use_private_key_file(opts.tls_key, ssl::context::pem, ec);
  if (ec)
    return error{errc::malformed,
                 "--tls-key " + opts.tls_key + ": " +
                     (*encrypted ? "needs a password: give one that is "
                                   "not encrypted"
                                 : ec.message())};
  return tls;
}

} // namespace outrigger
