#include "actors/files/file_calls.hpp"
namespace outrigger {
result<std::unique_ptr<body_consumer>> runtime_upload(const file_context&, const rest_call&) { return error{errc::unsupported, "not served yet"}; }
}
