// Columns between JavaScript and C++. The JavaScript form, made by src/device/cpu/marshal.ts:
//   { storage, length, nullCount, validity: Span | null, values: Span,
//     bytes?: Span, byteLength?: of bytes, width?: number, dictionary?: { offsets: Int32Array, bytes: Uint8Array } }
// A Span is a typed array, a block (core/block.h) or a run of one: { block, offset, byteLength }.
#pragma once

#include <napi.h>

#include <vector>

#include "core/column.h"

namespace gdf {

struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// Reads a Span for the job that starts next (readByNextJob). Throws Napi::TypeError that names `what`, or Napi::Error
/// where a block was freed.
Bytes toBytes(const Napi::Value& span, const char* what);

/// Reads a column; throws Napi::TypeError where a buffer is missing or too short for `length`.
ColumnView toColumnView(const Napi::Value& value);
/// Of an array of columns, or of { views } that addViews (core/column_lists.cc) has read in parts. For the job that
/// starts next, as toBytes.
std::vector<ColumnView> toColumnViews(const Napi::Value& columns);
/// Reads { offsets: Int32Array, bytes: Uint8Array }.
DictionaryView toDictionaryView(const Napi::Value& value);

/// Hands a buffer to JavaScript without a copy: an external ArrayBuffer that owns it.
Napi::ArrayBuffer toArrayBuffer(Napi::Env env, const BufferPtr& buffer);
Napi::Value toUint8Array(Napi::Env env, const BufferPtr& buffer);
/// A block, or where it is small a Uint8Array.
Napi::Value toBlockOrArray(Napi::Env env, const BufferPtr& buffer);
/// Ends an owner; a large buffer that it was the last one of is freed by another thread.
void letGo(BufferPtr buffer);
Napi::Object toJsDictionary(Napi::Env env, const BufferPtr& offsets, const BufferPtr& bytes);
Napi::Object toJs(Napi::Env env, const OwnedColumn& column);
/// An array, or of many columns a handle that JavaScript takes them from in parts (takeColumns in
/// core/column_lists.cc).
Napi::Value toJs(Napi::Env env, const std::vector<OwnedColumn>& columns);

}  // namespace gdf
