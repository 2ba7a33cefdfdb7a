// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/dataset_json.hpp>

#include "byte_source.hpp"
#include "dataset_json_head.hpp"
#include "dataset_json_rows.hpp"
#include "json_builder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace angiotrial::formats {
namespace {

using dataset_json::Head;
using dataset_json::RowFilling;
using diagnostics::Problem;
using diagnostics::Result;

/// The bytes of a source one by one, with the line on which the next one stands.
class Stream final : public JsonBytes {
 public:
  explicit Stream(const ByteSource& source) : source_(source) { fill(); }

  [[nodiscard]] bool ended() const override { return at_ == block_.size(); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const char& front() const override { return block_[at_]; }
  void advance() override {
    place.last = block_[at_];
    if (place.last == '\n') ++place.line;
    if (++at_ == block_.size()) fill();
  }
  void skip_blanks() {
    while (!ended() && (front() == ' ' || front() == '\t' || front() == '\n' || front() == '\r')) {
      advance();
    }
  }

 private:
  void fill() {
    block_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(std::uint64_t{1} << 20U, source_.size() - offset_)));
    const auto got = source_.read(offset_, block_.data(), block_.size());
    failed_ = failed_ || !got || (*got == 0 && offset_ < source_.size());
    block_.resize(got.value_or(0));
    offset_ += block_.size();
    at_ = 0;
  }

  const ByteSource& source_;
  std::uint64_t offset_ = 0;
  std::string block_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// Builds a tree of the attributes and hands the rows on, of which no tree is built.
class Events final : public JsonBuilder {
 public:
  Events(const std::string& file, const JsonPlace& place) : JsonBuilder(file, place) {}

  enum class Rows { none, skipped, handed_on };
  Rows rows = Rows::none;
  std::optional<RowFilling> filling;  ///< set when the columns are known
  bool lines_of_rows = false;         ///< the object is read, what follows are rows (NDJSON)
  const TableLimits* limits = nullptr;

  bool key(string_t& name) override {
    if (!JsonBuilder::key(name)) return false;
    rows_next_ = open_.size() == 1 && key_ == "rows";
    return true;
  }
  bool null() override { return handle(JsonValue{}) || (free() && JsonBuilder::null()); }
  bool boolean(bool flag) override {
    JsonValue value;
    value.kind = JsonValue::Kind::boolean;
    value.scalar = flag;
    return handle(value) || (free() && JsonBuilder::boolean(flag));
  }
  bool string(string_t& text) override {
    if (depth_ != 2) return free() && JsonBuilder::string(text);
    JsonValue value;
    value.kind = JsonValue::Kind::string;
    value.scalar = std::move(text);
    return handle(value);
  }
  bool start_object(std::size_t size) override { return free() && JsonBuilder::start_object(size); }
  bool start_array(std::size_t size) override {
    if (rows_next_) return begin_rows();
    if (depth_ == 1 || (lines_of_rows && depth_ == 0)) return begin_row();
    return free() && JsonBuilder::start_array(size);
  }
  bool end_array() override {
    if (depth_ == 2) return end_row();
    if (depth_ == 0) return JsonBuilder::end_array();
    depth_ = 0;
    return true;
  }
  bool number_integer(number_integer_t number) override {
    JsonValue value;
    value.kind = JsonValue::Kind::integer;
    value.scalar = std::int64_t{number};
    return handle(value) || (free() && JsonBuilder::number_integer(number));
  }
  bool number_float(number_float_t number) override {
    return real(number) || (free() && JsonBuilder::number_float(number));
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (number > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()) &&
        real(static_cast<double>(number))) {
      return true;
    }
    return JsonBuilder::number_unsigned(number);
  }

 private:
  bool real(double number) {
    JsonValue value;
    value.kind = JsonValue::Kind::number;
    value.scalar = number;
    return handle(value);
  }

  /// Takes a value that stands in a row.
  bool handle(const JsonValue& value) {
    if (depth_ != 2) return false;
    if (rows == Rows::handed_on) filling->add(value);
    return true;
  }

  /// Whether a value may stand here that belongs to no row; else a problem.
  bool free() {
    if (depth_ == 2)
      return refuse("a value of a row must be a text, a number, true, false or null");
    if (rows_next_) return refuse("must be an array of rows");
    if (depth_ == 1) return refuse("each row must be an array");
    if (lines_of_rows) return refuse("each line after the first must be a row, an array");
    if (open_.empty() && root.kind != JsonValue::Kind::null) return refuse("must be one object");
    return true;
  }

  bool begin_rows() {
    rows_next_ = false;
    depth_ = 1;
    if (!filling && complete()) {
      auto head = dataset_json::read_head(root, file_);
      if (!head) {
        problems = head.problems();
        return false;
      }
      filling.emplace(std::move(head).value(), *limits);
    }
    rows = filling ? Rows::handed_on : Rows::skipped;
    return true;
  }

  /// Whether all that the rows depend on stood before them, as it does in all files known.
  [[nodiscard]] bool complete() const {
    constexpr std::array<std::string_view, 7> wanted{"datasetJSONCreationDateTime",
                                                     "datasetJSONVersion",
                                                     "itemGroupOID",
                                                     "records",
                                                     "name",
                                                     "label",
                                                     "columns"};
    return std::ranges::all_of(wanted, [&](std::string_view key) { return root.find(key); });
  }

  bool begin_row() {
    depth_ = 2;
    if (rows == Rows::handed_on) filling->begin(place_.line);
    return true;
  }

  bool end_row() {
    depth_ = lines_of_rows ? 0 : 1;
    return rows != Rows::handed_on || filling->end();
  }

  int depth_ = 0;  ///< 1 within the rows, 2 within a row
  bool rows_next_ = false;
};

class Reader {
 public:
  Reader(const ByteSource& source, const std::string& file, const TableLimits& limits)
      : source_(source), file_(file), limits_(limits) {}

  Result<DataTable> read() {
    auto table = pass(std::nullopt);
    if (!head_) return table;
    return pass(std::move(head_));  // the rows stood before the columns: once more
  }

 private:
  /// One reading. Where rows had to be skipped it leaves the head for a second.
  Result<DataTable> pass(std::optional<Head> known) {
    Stream stream(source_);
    Events events(file_, stream.place);
    events.limits = &limits_;
    if (known) events.filling.emplace(*std::move(known), limits_);
    head_.reset();
    if (!parse_json_value(stream, events)) return stopped(events);
    if (events.root.kind != JsonValue::Kind::object) {
      return refuse(1, "must be an object with the attributes of Dataset-JSON");
    }
    stream.skip_blanks();
    if (events.rows == Events::Rows::none) {
      return lines(stream, events);
    }
    if (stream.failed()) return refuse(stream.place.line, "cannot be read to its end");
    if (!stream.ended()) return refuse(stream.place.line, "text follows the object");
    if (events.rows == Events::Rows::handed_on) return events.filling->take();
    auto head = dataset_json::read_head(events.root, file_);
    if (!head) return head.problems();
    head_ = std::move(head).value();
    return refuse(0, "the rows are not yet read");
  }

  /// The further lines of NDJSON.
  Result<DataTable> lines(Stream& stream, Events& events) {
    auto head = dataset_json::read_head(events.root, file_);
    if (!head) return head.problems();
    if (stream.ended() && head.value().records != 0) {
      return refuse(stream.place.line, "there are no rows");
    }
    events.filling.emplace(std::move(head).value(), limits_);
    events.rows = Events::Rows::handed_on;
    events.lines_of_rows = true;
    for (; !stream.ended(); stream.skip_blanks()) {
      if (!parse_json_value(stream, events)) return stopped(events);
    }
    if (stream.failed()) return refuse(stream.place.line, "cannot be read to its end");
    return events.filling->take();
  }

  Result<DataTable> refuse(int line, std::string rule) {
    return std::vector{Problem{file_, line, "", "", std::move(rule), ""}};
  }

  /// What stopped the parser, after what was wrong in the rows before.
  static Result<DataTable> stopped(Events& events) {
    std::vector<Problem> all;
    if (events.filling) all = std::move(events.filling->problems);
    all.insert(all.end(), events.problems.begin(), events.problems.end());
    return all;
  }

  const ByteSource& source_;
  const std::string& file_;
  const TableLimits& limits_;
  std::optional<Head> head_;
};

Result<DataTable> read_from(const ByteSource& source, const std::string& file,
                            const TableLimits& limits) {
  try {
    return Reader(source, file, limits).read();
  } catch (const std::bad_alloc&) {
    return std::vector{
        Problem{file, 0, "", "", "the table does not fit into this machine's memory", ""}};
  }
}

}  // namespace

Result<DataTable> read_dataset_json(const std::filesystem::path& path, const TableLimits& limits) {
  const auto source = ByteSource::open(path);
  if (!source) return source.problems();
  return read_from(source.value(), path.string(), limits);
}

Result<DataTable> parse_dataset_json(std::string_view bytes, const std::string& file,
                                     const TableLimits& limits) {
  return read_from(ByteSource(bytes), file, limits);
}

}  // namespace angiotrial::formats
