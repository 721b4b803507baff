#include "file_setup.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "startup_failure.hpp"

namespace outrigger {
namespace {

/// Slow work is for the disk as much as for the processor; two of them leave
/// the other threads room.
constexpr std::size_t slow_threads = 2;
constexpr std::size_t slow_queue = 64;

workspace::setup setup_of(const options& opts) {
  workspace::setup wanted;
  wanted.root = opts.root;
  wanted.roots = opts.more_roots;
  wanted.everything = opts.fs_root;
  const char* home = std::getenv("HOME");
  wanted.home = home ? home : "/";
  wanted.closed = {opts.state_dir, opts.runtime_dir, opts.token_file};
  if (!opts.tls_key.empty())
    wanted.closed.push_back(opts.tls_key);
  for (const auto& key : opts.jwt_keys)
    wanted.closed.push_back(key.file);
  return wanted;
}

std::shared_ptr<const workspace> open_workspace(const options& opts) {
  auto opened = workspace::open(setup_of(opts));
  if (!opened)
    throw startup_failure{opened.error().detail, exit_bad_options};
  if (opened->main().resolver() == os::path_resolver::walk)
    spdlog::warn("files: no openat2 here: paths are walked step by step, "
                 "which is slower");
  return std::make_shared<const workspace>(std::move(*opened));
}

std::shared_ptr<os::pending_files> open_pending(const options& opts,
                                                const workspace& files) {
  const auto path = opts.state_dir + "/pending";
  auto opened = os::pending_files::open(path);
  if (!opened)
    throw startup_failure{path + ": " + opened.error().message(), exit_failed};
  const auto left = (*opened)->take_left();
  if (left.empty())
    return std::move(*opened);
  const auto roots = files.root_dirs();
  std::vector<const os::root_dir*> borrowed;
  for (const auto& root : roots)
    borrowed.push_back(&root);
  const auto kept = os::remove_left(left, borrowed);
  for (const auto& stays : kept)
    spdlog::warn("files: cannot remove {}, which was left unfinished", stays);
  if (kept.empty())
    (*opened)->forget_left();
  spdlog::info("files: {} unfinished files of an earlier run are removed",
               left.size() - kept.size());
  return std::move(*opened);
}

} // namespace

file_setup::file_setup(const options& opts, boost::asio::io_context& loop,
                       os::worker_pool& quick)
    : slow_{loop, slow_threads, slow_queue} {
  auto context = std::make_shared<file_context>();
  context->files = open_workspace(opts);
  context->pending = open_pending(opts, *context->files);
  context->pool = std::make_shared<file_pool>(loop, quick, slow_);
  context->extractions = std::make_shared<operations>();
  context->types = std::make_shared<type_cache>();
  context_ = std::move(context);
}

files_actor file_setup::spawn_desk(caf::actor_system& system) const {
  return system.spawn(files_desk, context_);
}

void file_setup::stop() {
  context_->pool->stop();
  slow_.stop();
}

} // namespace outrigger
