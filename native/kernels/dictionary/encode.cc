#include "kernels/dictionary/encode.h"

namespace gdf::dictionary {

OwnedColumn encode(const ColumnView& plain, Context context) {
  return encodeRows(plain.length, context, [&] {
    return [&](int64_t row, DictionaryBuilder& builder) {
      return plain.isValid(row) ? builder.add(textAt(plain.as<int32_t>(), plain.bytes, row)) : 0u;
    };
  });
}

}  // namespace gdf::dictionary
