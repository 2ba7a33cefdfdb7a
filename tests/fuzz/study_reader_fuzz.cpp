// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/toml_tree.hpp>
#include <angiotrial/schema/reader.hpp>
#include <angiotrial/schema/resolved.hpp>

#include <array>
#include <cstdint>
#include <string>

// Whatever the bytes: a tree or problems with file and line; and what the reader took from the
// tree is written and read back to the same values.
namespace angiotrial::schema {
namespace {

enum class Separator { isolex, clinimacs };
constexpr std::array<std::string_view, 2> separator_names{"isolex", "clinimacs"};

struct Product {
  units::Ml volume_ml{10};
  double hill = 1;
  int sites = 10;
  bool frozen = false;
  std::string note = "none";
  Separator separator = Separator::isolex;
};

void describe(Visitor& visit, Product& p) {
  visit("volume_ml", p.volume_ml, {0, 100}, "volume", {});
  visit("hill", p.hill, {}, "shape", {});
  visit("sites", p.sites, {1, 60}, "sites", {});
  visit("frozen", p.frozen, "frozen", {});
  visit("note", p.note, "note", {});
  visit("separator", p.separator, separator_names, "device", {});
}

struct Study {
  int seed = 1;
  Product product;
};

void describe(Visitor& visit, Study& p) {
  visit("seed", p.seed, {}, "seed", {});
  visit.group("product", p.product);
}

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void demand_places(const std::vector<diagnostics::Problem>& problems) {
  for (const diagnostics::Problem& problem : problems) {
    demand(problem.file == "study.toml" && problem.line >= 1 && !problem.rule.empty());
  }
}

void try_text(std::string_view text) {
  const auto tree = formats::read_toml(text, "study.toml");
  demand(tree.ok() == tree.problems().empty());
  demand_places(tree.problems());
  if (!tree.ok()) return;
  Diagnosis diagnosis{"study.toml", {}, {}};
  Study study;
  Reader reader(&tree.value(), "", diagnosis);
  describe(static_cast<Visitor&>(reader), study);
  for (const NamedTable& arm : named_tables(&tree.value(), "arms", "", diagnosis)) {
    Product product;
    read_group(arm.table, arm.prefix, product, diagnosis);
  }
  (void)listed_tables(&tree.value(), "visits", "", diagnosis);
  reader.allow("arms");
  reader.allow("visits");
  reader.finish();
  demand_places(diagnosis.problems);
  const auto again = formats::read_toml(to_toml(diagnosis.ledger), "resolved.toml");
  demand(again.ok());
  Diagnosis second{"resolved.toml", {}, {}};
  Study copy;
  Reader check(&again.value(), "", second);
  describe(static_cast<Visitor&>(check), copy);
  for (std::size_t i = 0; i < second.ledger.size(); ++i) {
    demand(second.ledger[i].value == diagnosis.ledger[i].value);
  }
}

}  // namespace
}  // namespace angiotrial::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::schema::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
