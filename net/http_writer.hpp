// Writes HTTP answers to a stream. Apart from http_session for the time it
// takes to compile: each kind of body is a set of Beast's templates.

#pragma once

#include <functional>
#include <memory>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/console.hpp"
#include "net/stream.hpp"

namespace outrigger {

using json_response = beast::http::response<beast::http::string_body>;

/// Called on the loop, once.
using written_function = std::function<void(error_code)>;

/// "100 Continue", before the body is read. `to` must live until `done`.
void write_continue(stream& to, written_function done);

/// Writes a whole answer; with `header_only` what HEAD is answered with. `to`
/// must live until `done`.
void write_answer(stream& to, json_response answer, bool header_only,
                  written_function done);
void write_answer(stream& to, asset_response answer, bool header_only,
                  written_function done);

} // namespace outrigger
