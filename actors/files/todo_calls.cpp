#include "actors/files/file_calls.hpp"
namespace outrigger {
static const error later{errc::unsupported, "not served yet"};
result<rest_answer> oblien_download(const file_context&, const rest_call&,
                                    std::stop_token) {
  return later;
}
result<std::unique_ptr<body_consumer>> oblien_upload(const file_context&,
                                                     const rest_call&) {
  return later;
}
result<rest_answer> runtime_extract(const file_context&, const rest_call&,
                                    std::stop_token) {
  return later;
}
result<rest_answer> runtime_extract_show(const file_context&, const rest_call&,
                                         std::stop_token) {
  return later;
}
result<std::unique_ptr<body_consumer>> runtime_upload(const file_context&,
                                                      const rest_call&) {
  return later;
}
} // namespace outrigger
