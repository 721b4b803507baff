#include "tests/support/self_signed.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace outrigger::test {

std::shared_ptr<boost::asio::ssl::context> self_signed() {
  namespace ssl = boost::asio::ssl;
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key{
      ::EVP_EC_gen("P-256"), ::EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&::X509_free)> certificate{::X509_new(),
                                                                  ::X509_free};
  if (!key || !certificate)
    throw std::runtime_error{"OpenSSL makes no key"};
  auto* name = ::X509_get_subject_name(certificate.get());
  ::X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  ::X509_set_issuer_name(certificate.get(), name);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -3600);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), 3600);
  ::X509_set_pubkey(certificate.get(), key.get());
  auto out = std::make_shared<ssl::context>(ssl::context::tls_server);
  if (::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) == 0 ||
      ::SSL_CTX_use_certificate(out->native_handle(), certificate.get()) != 1 ||
      ::SSL_CTX_use_PrivateKey(out->native_handle(), key.get()) != 1)
    throw std::runtime_error{"OpenSSL takes no certificate"};
  return out;
}

} // namespace outrigger::test
