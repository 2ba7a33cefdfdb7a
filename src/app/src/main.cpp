// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>

namespace {

using angiotrial::app::Ending;
using angiotrial::app::Exit;

constexpr const char* our_bug =
    "\nThis is a bug of AngioTrial, not of your study. Please report it with the study file.\n";

Ending perform(int argc, char** argv) {
  const auto parsed = angiotrial::app::parse(argc, argv);
  if (const auto* ending = std::get_if<Ending>(&parsed)) return *ending;
  return std::visit([](const auto& command) { return angiotrial::app::perform(command); },
                    std::get<angiotrial::app::Command>(parsed));
}

/// The four kinds of failure that are not an Ending already.
Ending guarded(int argc, char** argv) {
  try {
    return perform(argc, argv);
  } catch (const angiotrial::diagnostics::IoError& error) {
    return {Exit::outside_world, "", std::string(error.what()) + "\n"};
  } catch (const std::filesystem::filesystem_error& error) {
    return {Exit::outside_world, "", error.path1().string() + ": " + error.code().message() + "\n"};
  } catch (const std::bad_alloc&) {
    return {Exit::outside_world, "", "not enough memory\n"};
  } catch (const std::exception& error) {
    return {Exit::bug, "", error.what() + std::string(our_bug)};
  } catch (...) {
    return {Exit::bug, "", "an unknown exception" + std::string(our_bug)};
  }
}

bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A file beyond the size limit is then a failed write, with its message, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  Ending ending = guarded(argc, argv);
  if (!print(ending.out)) {
    ending.err += std::string("standard output cannot be written: ") + std::strerror(errno) + "\n";
    if (ending.code == Exit::success) ending.code = Exit::outside_world;
  }
  std::fputs(ending.err.c_str(), stderr);
  return static_cast<int>(ending.code);
}
