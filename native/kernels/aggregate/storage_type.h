// From a storage known at run time to a C++ type.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/column.h"
#include "core/error.h"

namespace gdf::aggregate {

/// Calls visitor(std::type_identity<T>{}) with the type of one value. Bool columns are bytes by the time folds see
/// them.
template <class Visitor>
decltype(auto) visitStorage(Storage storage, const Visitor& visitor) {
  switch (storage) {
    case Storage::Bool:
    case Storage::U8:
      return visitor(std::type_identity<uint8_t>{});
    case Storage::I8:
      return visitor(std::type_identity<int8_t>{});
    case Storage::I16:
      return visitor(std::type_identity<int16_t>{});
    case Storage::U16:
      return visitor(std::type_identity<uint16_t>{});
    case Storage::I32:
      return visitor(std::type_identity<int32_t>{});
    case Storage::U32:
    case Storage::Dictionary:
      return visitor(std::type_identity<uint32_t>{});
    case Storage::I64:
      return visitor(std::type_identity<int64_t>{});
    case Storage::U64:
      return visitor(std::type_identity<uint64_t>{});
    case Storage::F32:
      return visitor(std::type_identity<float>{});
    case Storage::F64:
      return visitor(std::type_identity<double>{});
    default:
      throw KernelError("NOT_SUPPORTED", "aggregate: the column's storage has no fixed-width value");
  }
}

constexpr bool isFloatStorage(Storage storage) {
  return storage == Storage::F32 || storage == Storage::F64;
}
constexpr bool isStringStorage(Storage storage) {
  return storage == Storage::Dictionary || storage == Storage::Plain;
}
constexpr bool isUnsignedStorage(Storage storage) {
  return storage == Storage::U8 || storage == Storage::U16 || storage == Storage::U32 || storage == Storage::U64;
}

}  // namespace gdf::aggregate
