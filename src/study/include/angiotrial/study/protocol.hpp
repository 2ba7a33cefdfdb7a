// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/study/spec.hpp>

/// Descriptions of the study's own tables; those of the rooms stand beside their structs.
namespace angiotrial::study {

/// [study] without the seed, which has no default and 64 bits.
void describe(schema::Visitor& visit, Identity& p);
void describe(schema::Visitor& visit, Protocol& p);
/// [arms.NAME] without the dose keys, which product::ArmDose describes.
void describe(schema::Visitor& visit, Arm& p);
void describe(schema::Visitor& visit, Visit& p);
void describe(schema::Visitor& visit, Scenario& p);
void describe(schema::Visitor& visit, Run& p);

}  // namespace angiotrial::study
