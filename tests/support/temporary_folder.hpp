// A folder for one test, removed with all that is in it.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace outrigger::test {

class temporary_folder {
public:
  temporary_folder() {
    auto name =
        (std::filesystem::temp_directory_path() / "outrigger-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    path_ = std::filesystem::canonical(path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored; // what is left is in the system's temp folder
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string operator()(std::string_view name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }

  void folder(std::string_view name) const {
    std::filesystem::create_directories(path_ / name);
  }
  void file(std::string_view name, std::string_view text = {}) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
  }
  void link(std::string_view target, std::string_view name) const {
    std::filesystem::create_symlink(target, path_ / name);
  }
  [[nodiscard]] bool exists(std::string_view name) const {
    return std::filesystem::exists(
        std::filesystem::symlink_status(path_ / name));
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    std::ifstream in{path_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

private:
  std::filesystem::path path_;
};

} // namespace outrigger::test
