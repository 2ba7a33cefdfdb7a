// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/arguments.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/campaign/campaign.hpp>
#include <angiotrial/report/output.hpp>
#include <angiotrial/study/read_study.hpp>

#include <vector>

namespace angiotrial::app {

/// Gathers the shard files, in the order of their replicates, and writes the outputs: the manifest
/// last, and then work/ goes. Expects every shard file to be there. Throws diagnostics::IoError.
[[nodiscard]] Ending finish(const OutputFolder& folder, const study::Study& study,
                            const std::vector<campaign::Shard>& shards,
                            const report::OutputFiles& adam, const Session& session);

}  // namespace angiotrial::app
