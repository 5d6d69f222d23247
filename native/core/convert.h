// Columns between JavaScript and C++. The JavaScript form, made by src/device/cpu/marshal.ts:
//   { storage, length, nullCount, validity: Uint8Array | null, values: TypedArray,
//     bytes?: Uint8Array, width?: number, dictionary?: { offsets: Int32Array, bytes: Uint8Array } }
#pragma once

#include <napi.h>

#include <vector>

#include "core/column.h"

namespace gdf {

/// Reads a column; throws Napi::TypeError where a buffer is missing or too short for `length`.
ColumnView toColumnView(const Napi::Value& value);
std::vector<ColumnView> toColumnViews(const Napi::Value& array);
/// Reads { offsets: Int32Array, bytes: Uint8Array }.
DictionaryView toDictionaryView(const Napi::Value& value);

/// Hands a buffer to JavaScript without a copy: an external ArrayBuffer that owns it.
Napi::ArrayBuffer toArrayBuffer(Napi::Env env, const BufferPtr& buffer);
Napi::Value toUint8Array(Napi::Env env, const BufferPtr& buffer);
Napi::Object toJsDictionary(Napi::Env env, const BufferPtr& offsets, const BufferPtr& bytes);
Napi::Object toJs(Napi::Env env, const OwnedColumn& column);
Napi::Array toJs(Napi::Env env, const std::vector<OwnedColumn>& columns);

}  // namespace gdf
