// Texts of two columns, one after the other. Pairs of codes that come again are found in a small direct-mapped cache.
#include <cstring>
#include <vector>

#include "kernels/dictionary/encode.h"

namespace gdf::dictionary {
namespace {

/// The texts of a column, whatever its encoding.
class Texts {
 public:
  explicit Texts(const ColumnView& column) : column_(column), isPlain_(column.storage == Storage::Plain) {}

  /// Equal keys of a dictionary column are equal texts; those of a plain column are its rows.
  uint32_t keyOf(int64_t row) const { return isPlain_ ? static_cast<uint32_t>(row) : column_.as<uint32_t>()[row]; }
  /// Under a null a code may be anything.
  Text at(int64_t row) const {
    if (isPlain_) return textAt(column_.as<int32_t>(), column_.bytes, row);
    const uint32_t code = column_.as<uint32_t>()[row];
    return code < column_.dictionary.size ? textAt(column_.dictionary, code) : Text{nullptr, 0};
  }
  bool isPlain() const { return isPlain_; }

 private:
  const ColumnView& column_;
  bool isPlain_;
};

class ConcatEncoder {
 public:
  ConcatEncoder(const ColumnView& a, const ColumnView& b)
      : a_(a), b_(b), remembers_(!a_.isPlain() && !b_.isPlain()), cache_(remembers_ ? kCacheSlots : 0) {}

  uint32_t operator()(int64_t row, DictionaryBuilder& builder) {
    if (!remembers_) return encoded(row, builder);
    const uint64_t pair = uint64_t{a_.keyOf(row)} << 32 | b_.keyOf(row);
    Known& known = cache_[(pair * 0x9e3779b97f4a7c15u) >> (64 - kCacheBits)];
    if (!known.isSet || known.pair != pair) known = {pair, true, encoded(row, builder)};
    return known.code;
  }

 private:
  static constexpr int kCacheBits = 14;
  static constexpr size_t kCacheSlots = size_t{1} << kCacheBits;
  struct Known {
    uint64_t pair = 0;
    bool isSet = false;
    uint32_t code = 0;
  };

  uint32_t encoded(int64_t row, DictionaryBuilder& builder) {
    text_.clear();
    for (const Text& part : {a_.at(row), b_.at(row)}) text_.insert(text_.end(), part.bytes, part.bytes + part.length);
    return builder.add({text_.data(), static_cast<int64_t>(text_.size())});
  }

  Texts a_;
  Texts b_;
  bool remembers_;
  std::vector<Known> cache_;
  std::vector<uint8_t> text_;
};

}  // namespace

OwnedColumn concatTexts(const ColumnView& a, const ColumnView& b, Context context) {
  return encodeRows(a.length, context, [&] { return ConcatEncoder(a, b); });
}

}  // namespace gdf::dictionary
