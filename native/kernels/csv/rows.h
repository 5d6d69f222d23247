// The second pass, first half: where the fields of a region lie.
//
// `ends` holds the positions of all field ends in order, and the field begins one byte after the end before it:
//
//   a,bc\nd,e\n     ends:  -1 | 1 4 | 6 8      stride 2 (fields a record), record r at ends + r * stride
//
// In a region with a record that does not fit (ragged, empty, a comment) the good records are copied apart, each with
// the end before its first field: stride 3. So a column is decoded with one formula in both cases.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/csv/input.h"
#include "kernels/csv/options.h"
#include "kernels/csv/regions.h"

namespace gdf::csv {

/// Records of a region, or some of them.
struct Rows {
  const uint8_t* data = nullptr;
  const uint32_t* ends = nullptr;
  size_t stride = 0;
  size_t count = 0;
  uint32_t fieldCount = 0;
  bool stripReturn = false;           // a CR before the end of the last field belongs to the record's end
  const uint64_t* special = nullptr;  // bit i: byte i is a quote or an escape; null: there are none

  Rows slice(size_t from, size_t length) const {
    Rows part = *this;
    part.ends += from * stride;
    part.count = length;
    return part;
  }
};

struct RaggedRecord {
  size_t row;  // records before it that are kept
  uint32_t begin;
  uint32_t length;
  uint32_t found;
};

/// Memory of one thread, used again for every region.
struct RowIndex {
  PaddedBytes bytes;
  std::vector<uint32_t> ends;
  std::vector<uint32_t> apart;
  std::vector<uint64_t> special;
  std::vector<RaggedRecord> ragged;
};

/// Reads a region and finds its records. Ragged ones are listed; those that `keepRagged` keeps are cut or padded with
/// missing fields, which begin after their end.
Rows indexRows(const ReadOptions& options, const Input& input, const Region& region, bool keepRagged, RowIndex& index);

/// The rows of `rows` whose bit in `drop` is not set.
Rows withoutRows(const Rows& rows, const std::vector<uint64_t>& drop, std::vector<uint32_t>& ends);

}  // namespace gdf::csv
