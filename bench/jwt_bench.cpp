// JWT BENCH: verifications per second of one core, by thread CPU time, so
// that what else runs on the machine hardly matters.
//
//   accepted     a valid token with the usual claims: form, header, key,
//                signature, claims
//   refused      the same with a wrong signature
//
// The reference is OpenSSL's bare one-shot HMAC over the same bytes.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <openssl/hmac.h>

#include "bench/report.hpp"
#include "bench/statistics.hpp"
#include "tests/support/jwt_signer.hpp"

namespace outrigger::bench {
namespace {

constexpr std::int64_t now = 1'800'000'000;
constexpr const char* claims =
    R"({"iss":"https://ide.example","sub":"ann@example.org","aud":"ws-1",)"
    R"("exp":1800003600,"iat":1800000000,"nbf":1800000000,)"
    R"("jti":"01HV9Z6Q6Y4E3N2K","scope":"read terminal files:/docs:read"})";
constexpr const char* bare = "bare HMAC-SHA256";
constexpr double promised = 20'000; // per second and core, for HS256

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Calls per CPU second of `call`, which answers whether it went well, over
/// about `length` seconds; 0 when one did not.
template <class Call>
double rate_of(double length, Call call) {
  const auto begin = cpu_seconds();
  double calls = 0;
  double spent = 0;
  while (spent < length) {
    for (int i = 0; i < 50; ++i)
      if (!call())
        return 0;
    calls += 50;
    spent = cpu_seconds() - begin;
  }
  return calls / spent;
}

struct subject {
  const char* name;
  jwt_algorithm algorithm;
};

constexpr subject subjects[] = {{"HS256", jwt_algorithm::hs256},
                                {"ES256", jwt_algorithm::es256},
                                {"EdDSA", jwt_algorithm::eddsa}};

void measure_bare_hmac(const std::string& metric, double length, report& out) {
  const auto secret = test::random_bytes(32);
  const auto token = test::jwt_signer{secret, "k"}.token(claims);
  const auto input = token.substr(0, token.rfind('.'));
  out.add(metric, bare, "1/s", rate_of(length, [&] {
            unsigned char digest[32];
            return ::HMAC(::EVP_sha256(), secret.data(), 32,
                          reinterpret_cast<const unsigned char*>(input.data()),
                          input.size(), digest, nullptr) != nullptr;
          }));
}

/// The rate at which valid tokens are accepted.
double measure(const subject& which, double length, report& out) {
  const test::jwt_signer signer{which.algorithm};
  const std::vector keys{signer.key()};
  const jwt_rules rules{"ws-1", 0};
  const auto good = signer.token(claims);
  auto bad = good;
  auto& first_of_signature = bad[bad.rfind('.') + 1];
  first_of_signature = first_of_signature == 'A' ? 'B' : 'A';
  const auto accepted = rate_of(
      length, [&] { return verify_jwt(good, keys, rules, now).has_value(); });
  const auto refused = rate_of(
      length, [&] { return !verify_jwt(bad, keys, rules, now).has_value(); });
  out.add("JWT accepted", which.name, "1/s", accepted, bare);
  out.add("JWT refused", which.name, "1/s", refused, bare);
  return accepted;
}

int run(int rounds, double length, const std::string& json) {
  report out;
  double best = 0; // of HS256
  for (int round = 0; round < rounds; ++round) {
    measure_bare_hmac("JWT accepted", length, out);
    measure_bare_hmac("JWT refused", length, out);
    for (const auto& each : subjects) {
      const auto rate = measure(each, length, out);
      if (each.algorithm == jwt_algorithm::hs256)
        best = std::max(best, rate);
    }
  }
  const bool kept = best >= promised;
  if (!kept)
    out.note("HS256 is slower than promised");
  out.print();
  if (!json.empty())
    std::ofstream{json} << out.to_json();
  return kept ? 0 : 1;
}

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  CLI::App app{"Measures how fast tokens are verified"};
  bool quick = false;
  int rounds = 5;
  std::string json;
  app.add_flag("--quick", quick, "Shorter measurements");
  app.add_option("--rounds", rounds, "How often each is measured")
      ->check(CLI::Range(1, 1000));
  app.add_option("--json", json, "Write the results to this file");
  CLI11_PARSE(app, argc, argv);
  return outrigger::bench::run(rounds, quick ? 0.2 : 1.0, json);
}
