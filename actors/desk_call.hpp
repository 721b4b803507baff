// What the bridge hands to a desk: a REST call that the gate let in, and the
// function that takes its answer. A desk is an actor that runs the calls of
// one part of the route table; each call is answered once, on the loop, at the
// latest by its own timeout.

#pragma once

#include <functional>
#include <memory>

#include "actors/caf.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

struct desk_call {
  rest_call call;
  answer_function answer;
};

/// A call whose body is still to come: see endpoint::upload.
struct desk_upload {
  rest_call call;
  std::function<void(result<std::shared_ptr<body_sink>>)> answer;
};

/// A desk without anything else to say.
using call_actor = caf::typed_actor<caf::reacts_to<desk_call>>;

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::desk_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::desk_upload)
