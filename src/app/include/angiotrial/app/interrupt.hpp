// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace angiotrial::app {

/// From now on the first SIGINT or SIGTERM sets interrupted(); the second one ends the process.
void watch_for_interrupts();

[[nodiscard]] bool interrupted();

}  // namespace angiotrial::app
