// Columns as kernels see them. A ColumnView reads memory that JavaScript holds alive for the length of the job; an
// OwnedColumn is a result. Storage is physical: date is I32, timestamp and duration are I64, string codes are U32.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/buffer.h"

namespace gdf {

// The numbers are shared with src/device/cpu (storage.ts).
enum class Storage : uint8_t {
  Bool = 0,  // bitmap, least significant bit first
  I8 = 1,
  U8 = 2,
  I16 = 3,
  U16 = 4,
  I32 = 5,
  U32 = 6,
  I64 = 7,
  U64 = 8,
  F32 = 9,
  F64 = 10,
  Words = 11,       // `width` u32 words a row
  Dictionary = 12,  // u32 codes into a dictionary
  Plain = 13,       // i32 offsets + bytes
  I128 = 14,        // decimals: 16 bytes a value, at any multiple of 4 (int128.h)
};

/// Bytes of one value; 0 where a value has no whole number of bytes (Bool, Words, Plain).
constexpr int storageBytes(Storage storage) {
  switch (storage) {
    case Storage::I8:
    case Storage::U8:
      return 1;
    case Storage::I16:
    case Storage::U16:
      return 2;
    case Storage::I32:
    case Storage::U32:
    case Storage::F32:
    case Storage::Dictionary:
      return 4;
    case Storage::I64:
    case Storage::U64:
    case Storage::F64:
      return 8;
    case Storage::I128:
      return 16;
    default:
      return 0;
  }
}

/// Entry k is bytes[offsets[k] .. offsets[k + 1]). Entries are distinct.
struct DictionaryView {
  const int32_t* offsets = nullptr;
  const uint8_t* bytes = nullptr;
  int64_t size = 0;
};

struct ColumnView {
  Storage storage = Storage::I32;
  int64_t length = 0;
  int64_t nullCount = 0;
  const uint8_t* validity = nullptr;  // null: no nulls
  const void* values = nullptr;       // codes for Dictionary, offsets for Plain
  const uint8_t* bytes = nullptr;     // Plain only
  int32_t width = 0;                  // Words only: u32 words a row
  DictionaryView dictionary;          // Dictionary only

  template <class T>
  const T* as() const {
    return static_cast<const T*>(values);
  }
  bool isValid(int64_t row) const { return validity == nullptr || ((validity[row >> 3] >> (row & 7)) & 1) != 0; }
};

struct OwnedColumn {
  Storage storage = Storage::I32;
  int64_t length = 0;
  int64_t nullCount = 0;
  BufferPtr validity;  // empty: no nulls
  BufferPtr values;
  BufferPtr bytes;  // Plain only
  int32_t width = 0;
  // Dictionary only; codes alone (storage U32) where JavaScript attaches a dictionary that it already has.
  BufferPtr dictionaryOffsets;
  BufferPtr dictionaryBytes;
};

}  // namespace gdf
