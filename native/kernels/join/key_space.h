// The keys of both sides as numbers of one space: equal keys, and only they, have equal numbers.
//
// A key column contributes value - min within the range that both sides share (a value outside has no partner), and one
// more number for null where nulls match. Several columns make one number in mixed radix. Where the product of their
// sizes does not fit, the widest are first replaced by dense numbers of their distinct values (a hash table), so that
// any list of keys ends as one u64, exactly: there is no comparison of rows later on.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/key_codes.h"
#include "kernels/join/join.h"

namespace gdf::join {

/// The number of a row that matches nothing.
inline constexpr uint64_t kNoKey = ~uint64_t{0};
/// The dense number of such a row.
inline constexpr uint32_t kNoGroup = 0xffffffffu;
inline constexpr int64_t kKeyVector = 1024;

enum SideIndex { kLeft = 0, kRight = 1 };

class KeySpace {
 public:
  KeySpace(const Side& left, const Side& right, const Spec& spec, Context context);
  ~KeySpace();

  /// Keys are below this.
  uint64_t size() const { return size_; }
  int64_t rowCount(SideIndex side) const { return rowCounts_[side]; }
  /// Keys of the rows [begin, begin + count), count at most kKeyVector.
  void load(SideIndex side, int64_t begin, int64_t count, uint64_t* keys) const;

 private:
  struct Field;
  Field columnField(const ColumnView& left, const ColumnView& right, bool nullEquals, bool isHighHalf, Context context);
  void foldColumn(Field field, Context context);
  void fold(Field field, Context context);
  void densify(Context context);

  std::vector<std::unique_ptr<Field>> fields_;
  std::vector<std::vector<uint32_t>> translations_;
  int64_t rowCounts_[2];
  SideIndex buildSide_;
  uint64_t size_ = 1;
};

}  // namespace gdf::join
