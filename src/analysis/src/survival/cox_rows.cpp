// SPDX-License-Identifier: Apache-2.0
#include "linear/weight_unit.hpp"
#include "survival/cox_state.hpp"
#include "survival/newton.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void sort_rows(const CoxData& data, CoxState& s) {
  s.order.reset(data.event);
  s.order.by(data.stop, true);
  if (!data.stratum.empty()) s.order.by(data.stratum);
  s.source = s.order.positions();
  s.leaving.clear();
  if (data.start.empty()) return;
  s.order.reset(s.n);
  s.order.by(data.start, true);
  if (!data.stratum.empty()) s.order.by(data.stratum);
  s.place.resize(s.n);
  for (std::size_t i = 0; i < s.n; ++i) s.place[s.source[i]] = static_cast<std::uint32_t>(i);
  s.leaving.resize(s.n);
  for (std::size_t i = 0; i < s.n; ++i) s.leaving[i] = s.place[s.order.positions()[i]];
}

/// Event times of sorted rows begin .. end - 1, which are one stratum.
void list_times(const CoxData& data, CoxState& s, std::size_t begin, std::size_t end) {
  std::size_t entered = begin;
  std::size_t left = begin;
  bool first = true;
  const std::size_t opening = s.times.size();
  for (std::size_t i = begin; i < end;) {
    const double time = data.stop[s.source[i]];
    EventTime at{.time = time, .enter = entered, .first = i, .leave = left};
    at.empties = first || entered == left;
    for (; i < end && data.stop[s.source[i]] == time && data.event[s.source[i]] != 0; ++i) {
    }
    at.last = i;
    for (; i < end && data.stop[s.source[i]] == time; ++i) {
    }
    if (at.last == at.first) continue;
    entered = i;
    if (!s.leaving.empty()) {
      while (left < end && data.start[s.source[s.leaving[left]]] >= time) ++left;
    }
    at.enter_end = entered;
    at.leave_end = left;
    at.opens_stratum = first;
    first = false;
    s.times.push_back(at);
  }
  if (s.times.size() > opening) s.times[opening].in_stratum = s.times.size() - opening;
}

}  // namespace

bool valid(const CoxData& data, const CoxOptions& options) {
  if (!finite(data.stop) || !finite(data.start) || !finite(data.design)) return false;
  if (!finite(data.weight) || !finite(data.offset)) return false;
  for (std::size_t i = 0; i < data.start.size(); ++i) {
    if (!(data.stop[i] > data.start[i])) return false;
  }
  if (std::any_of(data.weight.begin(), data.weight.end(), [](double w) { return w <= 0.0; })) {
    return false;
  }
  if (options.ties != CoxTies::exact) return true;
  return data.weight.empty() && !options.robust && !options.firth;
}

bool load(const CoxData& data, const CoxOptions& options, CoxState& s) {
  s.n = data.stop.size();
  s.p = data.columns;
  s.ties = options.ties;
  s.unit = weight_unit(data.weight);
  // With hardly any weight the penalty is all there is, and has a unit of its own.
  if (options.firth) s.unit = std::max(1.0, s.unit);
  s.plain = data.offset.empty();
  s.times.clear();
  s.fit.aliased.clear();
  if (s.n == 0) return true;
  sort_rows(data, s);
  column_scales(data.design, s.p, s.scales);
  s.centre = s.scales.centre;
  s.scale = s.scales.scale;
  s.fit.aliased = s.scales.constant;
  s.x.resize(s.n * s.p);
  s.weight.resize(s.n);
  s.offset.resize(s.n);
  for (std::size_t i = 0; i < s.n; ++i) {
    const std::size_t row = s.source[i];
    s.weight[i] = data.weight.empty() ? 1.0 : data.weight[row] / s.unit;
    s.offset[i] = data.offset.empty() ? 0.0 : data.offset[row];
    for (std::size_t a = 0; a < s.p; ++a) {
      s.x[i * s.p + a] = (data.design[row * s.p + a] - s.centre[a]) / s.scale[a];
    }
  }
  for (std::size_t begin = 0; begin < s.n;) {
    std::size_t end = data.stratum.empty() ? s.n : begin + 1;
    while (end < s.n && data.stratum[s.source[end]] == data.stratum[s.source[begin]]) ++end;
    list_times(data, s, begin, end);
    begin = end;
  }
  return s.fit.aliased.empty();
}

}  // namespace angiotrial::analysis
