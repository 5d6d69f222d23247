// The right rows of each group, in right order.
//
// Most right sides have one row a group (a lookup table, a primary key): then a group's partner is one number. Only
// where a group has several rows are they listed: the rows of group g are rows[starts[g] .. starts[g + 1]).
#pragma once

#include <cstdint>

#include "core/buffer.h"
#include "core/thread_pool.h"

namespace gdf::join {

class Partners {
 public:
  /// `groups`: of every right row, kNoGroup for none.
  Partners(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context);

  bool isUnique() const { return !starts_; }
  /// Unique: the group's row, or kNoRow.
  uint32_t row(uint32_t group) const { return rows_->as<uint32_t>()[group]; }
  /// Not unique.
  uint32_t begin(uint32_t group) const { return starts_->as<uint32_t>()[group]; }
  uint32_t end(uint32_t group) const { return starts_->as<uint32_t>()[group + 1]; }
  const uint32_t* rows() const { return rows_->as<uint32_t>(); }

 private:
  bool fillUnique(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context);
  void fillLists(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context);

  BufferPtr starts_;
  BufferPtr rows_;
};

}  // namespace gdf::join
