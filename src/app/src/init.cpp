// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/formats/atomic_file.hpp>

#include "study_template.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace angiotrial::app {
namespace {

namespace fs = std::filesystem;

/// The rule that study::read_study applies to study.id.
bool is_study_id(const std::string& name) {
  return !name.empty() && name.size() <= 40 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// The template under another id.
std::string study_named(const std::string& id) {
  constexpr std::string_view line = "id = \"FIRST-STEPS\"";
  std::string text(study_template);
  const auto at = text.find(line);
  if (at != std::string::npos) text.replace(at, line.size(), "id = \"" + id + "\"");
  return text;
}

}  // namespace

Ending perform(const Init& command) {
  fs::path path = command.name;
  if (path.extension() != ".toml") path += ".toml";
  const std::string name = path.stem().string();
  if (!is_study_id(name)) {
    return {Exit::bad_input, "",
            "init: " + command.name + ": a name is 1 to 40 letters, digits, - or _\n"};
  }
  if (fs::exists(fs::symlink_status(path))) {
    return {Exit::outside_world, "", path.string() + ": exists already and is left as it is\n"};
  }
  formats::write_atomically(path, study_named(upper_case(name)));
  const std::string shown = path.string();
  return {Exit::success,
          "Wrote " + shown + ". Next: angiotrial check " + shown +
              "\n      and then: angiotrial run " + shown + "\n",
          ""};
}

}  // namespace angiotrial::app
