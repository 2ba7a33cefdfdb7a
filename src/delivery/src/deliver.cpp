// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/deliver.hpp>

namespace angiotrial::delivery {

Procedure deliver(const Parameters& p, const heart::Ventricle& ventricle,
                  const heart::Perfusion& perfusion, const product::Bag& bag,
                  const cohort::Patient& patient, const random::Streams& streams,
                  const tissue::RetentionSaturation& saturation) {
  const Endocardium wall = endocardium_of(p, ventricle, perfusion);
  Procedure done;
  done.map = measure(p, wall, streams);
  done.plan = plan(p, done.map);
  done.administration = inject(p, wall, done.plan, bag, patient, streams, saturation);
  return done;
}

}  // namespace angiotrial::delivery
