// SPDX-License-Identifier: Apache-2.0
#include "plan/response_adaptive_options.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>

#include "plan/sequential_options.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source granholm{
    schema::Provenance::recalled,
    "Granholm A et al. adaptr: an R package for simulating and comparing adaptive clinical trials. "
    "J Open Source Softw 2022",
    "10.21105/joss.04284"};
constexpr schema::Range a_probability{.least = 0.0, .most = 1.0};
constexpr schema::Range a_size{.least = 0.0, .most = 1e6};
constexpr schema::Range a_value{.least = -1e9, .most = 1e9};
constexpr std::array<std::string_view, 3> endpoints{"binary", "normal", "normal_estimated"};
constexpr std::array<std::string_view, 2> directions{"larger", "smaller"};
constexpr std::array<std::string_view, 6> control_shares{"adaptive",   "fixed",      "root",
                                                         "root_start", "root_fixed", "match"};

void describe_shares(schema::Visitor& visit, AdaptiveArms& d) {
  visit("start", d.start, a_probability,
        "share of each arm up to the first look, within its limits; none: equal", analyst);
  visit("fixed", d.fixed, a_probability, "share of each arm that never changes; 0: it adapts",
        analyst);
  visit("least", d.least, a_probability, "least share of each arm; none: 0", analyst);
  visit("most", d.most, a_probability, "greatest share of each arm, above 0; none: 1", analyst);
  visit("softening", d.softening, a_probability,
        "power of P(best) to which shares are proportional, one number or one a look", granholm);
  visit("control_share", d.control_share, control_shares,
        "share of the control: as every arm's; control_fixed; square root of the number of other "
        "arms to 1, of those left, of those at the start, or left with the others equal; the "
        "largest of the others",
        granholm);
  visit("control_fixed", d.control_fixed, a_probability, "for control_share = \"fixed\"", analyst);
}

std::optional<std::size_t> place_of(const std::vector<std::string>& names,
                                    const std::string& name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

std::vector<int> whole(std::string_view key, const std::vector<double>& list, const Task& task) {
  std::vector<int> out;
  for (const double x : list) out.push_back(static_cast<int>(x));
  if (!std::ranges::equal(list, out)) task.bad_option(key, listed(list), "must be whole numbers");
  return out;
}

}  // namespace

void describe_arms(schema::Visitor& visit, ArmsOptions& o) {
  AdaptiveArms& d = o.design;
  visit("arms", o.arms, "names of the arms, 2 to 20", analyst);
  visit("endpoint", d.endpoint, endpoints,
        "rates; means of known spread; means with error sd / sqrt(n - 1)", analyst);
  visit("favours", d.favours, directions, "rates or means that are better", analyst);
  visit("prior_events", d.prior_events, {.least = 0.1, .most = 1e6},
        "binary: first parameter of every arm's beta prior", granholm);
  visit("prior_others", d.prior_others, {.least = 0.1, .most = 1e6}, "binary: second parameter",
        granholm);
  visit("looks", o.looks, a_size, "patients with an outcome at each look; the last: the maximum",
        analyst);
  visit("randomised", o.randomised, a_size, "patients randomised by each look; none: the same",
        analyst);
  visit("control", o.control, "common control, which others are compared with; none: the best wins",
        analyst);
  describe_shares(visit, d);
  visit("superiority", d.superiority, a_probability,
        "an arm wins above this probability, one number or one a look; 1: never", granholm);
  visit("inferiority", d.inferiority, a_probability,
        "an arm is dropped below this probability; 0: never", granholm);
  visit("equivalence", d.equivalence, a_probability,
        "equivalent arms are dropped above this probability, without control the trial stops; "
        "none: not assessed",
        granholm);
  visit("equivalence_margin", d.equivalence_margin, {.least = 0.0, .most = 1e9},
        "difference of rates or means below which arms are equivalent", analyst);
  visit("equivalence_first_only", d.equivalence_first_only,
        "only with the control that the trial began with", analyst);
  visit("futility", d.futility, a_probability,
        "futile arms are dropped above this probability; none: not assessed", granholm);
  visit("futility_margin", d.futility_margin, {.least = 0.0, .most = 1e9},
        "benefit over the control below which an arm is futile", analyst);
  visit("futility_first_only", d.futility_first_only,
        "only with the control that the trial began with", analyst);
}

std::optional<std::size_t> named_arm(const ArmsOptions& o, std::string_view key,
                                     const std::string& name, const Task& task) {
  const auto at = place_of(o.arms, name);
  if (!at) task.bad_option(key, name, "must be one of the arms");
  return at;
}

bool check_unread(const ArmsOptions& o, bool complete, const Task& task) {
  const std::size_t before = task.problems.size();
  const AdaptiveArms& d = o.design;
  const AdaptiveArms unsaid;
  if (d.endpoint != ArmsEndpoint::binary) {
    none_given(task,
               {{"prior_events", d.prior_events != unsaid.prior_events},
                {"prior_others", d.prior_others != unsaid.prior_others}},
               "endpoint = \"binary\"");
  }
  if (d.control_share != ControlShare::fixed) {
    none_given(task, {{"control_fixed", d.control_fixed != unsaid.control_fixed}},
               "control_share = \"fixed\"");
  }
  if (d.control_share == ControlShare::root_fixed) {
    none_given(task, {{"softening", d.softening != unsaid.softening}},
               "a control_share other than root_fixed");
  }
  if (o.control.empty()) {
    none_given(task,
               {{"control_share", d.control_share != unsaid.control_share},
                {"equivalence_first_only", d.equivalence_first_only},
                {"futility_margin", d.futility_margin != unsaid.futility_margin},
                {"futility_first_only", d.futility_first_only}},
               "control");
  }
  if (d.equivalence.empty()) {
    none_given(
        task,
        {{"equivalence_margin", !complete && d.equivalence_margin != unsaid.equivalence_margin},
         {"equivalence_first_only", d.equivalence_first_only}},
        "equivalence");
  }
  if (d.futility.empty()) {
    none_given(task,
               {{"futility_margin", !complete && d.futility_margin != unsaid.futility_margin},
                {"futility_first_only", d.futility_first_only}},
               "futility");
  }
  return task.problems.size() == before;
}

std::optional<AdaptiveArms> arms_design(const ArmsOptions& o, const Task& task) {
  const std::size_t before = task.problems.size();
  AdaptiveArms d = o.design;
  d.arms = o.arms.size();
  d.looks = whole("looks", o.looks, task);
  d.randomised = whole("randomised", o.randomised, task);
  if (!o.control.empty()) d.control = named_arm(o, "control", o.control, task);
  names_differ(task, "arms", o.arms);
  if (task.problems.size() > before) return std::nullopt;
  const ArmsStatus status = check(d);
  if (status == ArmsStatus::valid) return d;
  const bool shares = status == ArmsStatus::invalid_shares || status == ArmsStatus::invalid_start;
  task.bad_option(
      shares ? "start" : "arms",
      shares ? listed(d.start) : std::to_string(d.arms) + " arms, looks " + listed(o.looks),
      std::string(name_of(status)));
  return std::nullopt;
}

std::string arms_in_words(const AdaptiveArms& d) {
  std::string text = "posterior: ";
  text += d.endpoint == ArmsEndpoint::binary ? "beta, prior " + formats::shortest(d.prior_events) +
                                                   ", " + formats::shortest(d.prior_others)
          : d.endpoint == ArmsEndpoint::normal ? "normal, flat prior, spread known"
                                               : "normal, flat prior, error sd / sqrt(n - 1)";
  text += "; better: " + std::string(directions[static_cast<std::size_t>(d.favours)]);
  text += "; superiority above " + listed(d.superiority) + "; inferiority below " +
          listed(d.inferiority);
  if (!d.equivalence.empty()) {
    text += "; equivalence " + formats::shortest(d.equivalence_margin) + " above " +
            listed(d.equivalence);
  }
  if (!d.futility.empty()) {
    text += "; futility " + formats::shortest(d.futility_margin) + " above " + listed(d.futility);
  }
  return text + "; softening: " + listed(d.softening) + "; probabilities: by quadrature";
}

}  // namespace angiotrial::analysis
