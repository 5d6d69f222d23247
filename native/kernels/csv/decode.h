// The second pass, second half: the fields of a region into the columns of the result, one column after the other.
// Values go to their final place; what cannot (bitmaps, plain strings, codes of several threads) is assembled after all
// regions are done (assemble.h).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/buffer.h"
#include "kernels/csv/dictionary.h"
#include "kernels/csv/field.h"
#include "kernels/csv/options.h"
#include "kernels/csv/rows.h"
#include "kernels/csv/statistics.h"

namespace gdf::csv {

/// Bits of one column in one region, from the region's first row on.
struct ColumnBits {
  uint32_t column = 0;
  std::vector<uint64_t> valid;
  std::vector<uint64_t> values;  // Bool only
};

/// Texts of one plain column in one region; their lengths stand in the column's offsets.
struct PlainPart {
  uint32_t column = 0;
  std::vector<uint8_t> bytes;
  size_t sliceBegin = 0;  // bytes before the slice that is being decoded
};

struct Conflict {
  uint32_t column = 0;
  uint32_t file = 0;
  uint8_t kinds = 0;  // TextKind of all texts that do not parse
  int64_t byteOffset = 0;
  int64_t line = 0;
};

struct RegionResult {
  Region region;
  int64_t rowOffset = 0;
  /// Rows before it, skipped ones included: grows with the regions, where rowOffset shrinks as gaps are closed.
  int64_t rowsBefore = 0;
  int64_t rows = 0;
  int lane = 0;
  std::vector<ColumnBits> bits;
  std::vector<PlainPart> plain;
  std::vector<Fault> faults;
  int64_t faultCount = 0;
  std::vector<Conflict> conflicts;

  ColumnBits& bitsOf(uint32_t column);
  PlainPart& plainOf(uint32_t column);
};

/// Where a column's values go.
struct ColumnTarget {
  BufferPtr values;  // fixed: values; dictionary: codes; plain: lengths, one entry later
  bool plain = false;
};

/// What one thread keeps of a column over all its regions.
struct LaneColumn {
  std::unique_ptr<DictionaryBuilder> dictionary;
  Statistics statistics;
  uint8_t conflictKinds = 0;
};

class RegionDecoder {
 public:
  RegionDecoder(const ReadOptions& options, const Input& input, const std::vector<ColumnTarget>& targets);

  /// Decodes the records of `result.region`, at most `limit` rows, to row `result.rowOffset` on.
  void decode(RegionResult& result, int64_t limit);

  std::vector<LaneColumn>& columns() { return columns_; }

 private:
  struct RowFault {
    FaultKind kind;
    int32_t column;
    uint32_t row;
    uint32_t begin;
    uint32_t length;
    uint32_t found;
  };
  /// A column of some rows, and where they go.
  struct Task {
    const Rows& rows;
    size_t at;  // rows of the region that are already decoded
    uint32_t column;
    const ColumnSpec& spec;
    uint32_t position;

    bool isLast() const { return position + 1 == rows.fieldCount; }
  };
  void decodeSlice(const Rows& rows, size_t at);
  void decodeColumn(const Task& task);
  template <class T, class Parse>
  void decodeFixed(const Task& task, Parse parse);
  template <class T>
  void decodeNumbers(const Task& task);
  void decodeBool(const Task& task);
  void decodeDictionary(const Task& task);
  void decodePlain(const Task& task);
  template <class Parse>
  bool decodeField(const Task& task, size_t row, uint32_t begin, uint32_t end, Parse parse);
  void setNull(const Task& task, size_t row);
  void addFault(const Task& task, FaultKind kind, size_t row, uint32_t begin, uint32_t end);
  void addConflict(const Task& task, uint32_t begin, const Content& content);
  Rows dropFaulty(const Rows& rows, size_t at, size_t earlierFaults);
  void finishFaults(size_t examined, bool complete);

  const ReadOptions& options_;
  const Input& input_;
  const std::vector<ColumnTarget>& targets_;
  std::vector<LaneColumn> columns_;
  FieldReader fields_;
  RowIndex index_;
  std::vector<uint32_t> keptEnds_;
  std::vector<RowFault> faults_;
  RegionResult* result_ = nullptr;
};

}  // namespace gdf::csv
