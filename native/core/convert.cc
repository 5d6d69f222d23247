#include "core/convert.h"

#include <string>

#include "core/block.h"
#include "core/thread_pool.h"

namespace gdf {
namespace {

constexpr size_t kLargeBuffer = size_t{32} << 20;

/// A run of bytes of a block: { block, offset, byteLength }.
Bytes rangeOf(const Napi::Object& range, const char* what) {
  const Buffer& buffer = readByNextJob(range.Get("block"));
  const int64_t offset = range.Get("offset").ToNumber().Int64Value();
  const int64_t size = range.Get("byteLength").ToNumber().Int64Value();
  if (offset < 0 || size < 0 || static_cast<size_t>(offset) + static_cast<size_t>(size) > buffer.size()) {
    throw Napi::RangeError::New(range.Env(), std::string(what) + " is beyond the end of its block");
  }
  return {buffer.data() + offset, static_cast<size_t>(size)};
}

size_t valueBytes(const ColumnView& column) {
  const auto rows = static_cast<size_t>(column.length);
  switch (column.storage) {
    case Storage::Bool:
      return (rows + 7) / 8;
    case Storage::Words:
      return rows * static_cast<size_t>(column.width) * 4;
    case Storage::Plain:
      return rows == 0 ? 0 : (rows + 1) * 4;
    default:
      return rows * static_cast<size_t>(storageBytes(column.storage));
  }
}

void require(Napi::Env env, bool condition, const char* message) {
  if (!condition) throw Napi::TypeError::New(env, message);
}

Napi::Value toTyped(Napi::Env env, const OwnedColumn& column) {
  if (column.values->size() >= kLeastBlock) return toBlock(env, column.values);
  Napi::ArrayBuffer buffer = toArrayBuffer(env, column.values);
  const auto rows = static_cast<size_t>(column.length);
  switch (column.storage) {
    case Storage::Bool:
      return Napi::Uint8Array::New(env, (rows + 7) / 8, buffer, 0);
    case Storage::I8:
      return Napi::Int8Array::New(env, rows, buffer, 0);
    case Storage::U8:
      return Napi::Uint8Array::New(env, rows, buffer, 0);
    case Storage::I16:
      return Napi::Int16Array::New(env, rows, buffer, 0);
    case Storage::U16:
      return Napi::Uint16Array::New(env, rows, buffer, 0);
    case Storage::I32:
      return Napi::Int32Array::New(env, rows, buffer, 0);
    case Storage::U32:
    case Storage::Dictionary:
      return Napi::Uint32Array::New(env, rows, buffer, 0);
    case Storage::I64:
      return Napi::BigInt64Array::New(env, rows, buffer, 0);
    case Storage::U64:
      return Napi::BigUint64Array::New(env, rows, buffer, 0);
    case Storage::F32:
      return Napi::Float32Array::New(env, rows, buffer, 0);
    case Storage::F64:
      return Napi::Float64Array::New(env, rows, buffer, 0);
    case Storage::Words:
      return Napi::Uint32Array::New(env, rows * static_cast<size_t>(column.width), buffer, 0);
    case Storage::I128:
      return Napi::Uint32Array::New(env, rows * 4, buffer, 0);
    case Storage::Plain:
      return Napi::Int32Array::New(env, rows + 1, buffer, 0);
  }
  throw Napi::TypeError::New(env, "unknown storage");
}

}  // namespace

Bytes toBytes(const Napi::Value& value, const char* what) {
  if (value.IsExternal()) {
    const Buffer& buffer = readByNextJob(value);
    return {buffer.data(), buffer.size()};
  }
  if (!value.IsTypedArray()) {
    if (value.IsObject()) return rangeOf(value.As<Napi::Object>(), what);
    throw Napi::TypeError::New(value.Env(), std::string(what) + " is not a typed array");
  }
  // napi_get_typedarray_info also accepts views over a SharedArrayBuffer, which Napi::TypedArray::ArrayBuffer refuses.
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
  static constexpr size_t kElement[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  // An empty array has no address. Kernels count from that of an empty text, and pass it to memcmp.
  alignas(8) static const uint8_t kNothing[8] = {};
  if (data == nullptr) return {kNothing, 0};
  return {static_cast<const uint8_t*>(data), length * kElement[type]};
}

ColumnView toColumnView(const Napi::Value& value) {
  Napi::Env env = value.Env();
  Napi::Object object = value.As<Napi::Object>();
  ColumnView column;
  column.storage = static_cast<Storage>(object.Get("storage").ToNumber().Uint32Value());
  column.length = object.Get("length").ToNumber().Int64Value();
  column.nullCount = object.Get("nullCount").ToNumber().Int64Value();
  require(env, column.storage <= Storage::I128 && column.length >= 0, "not a column");
  if (column.storage == Storage::Words) column.width = object.Get("width").ToNumber().Int32Value();
  const Bytes values = toBytes(object.Get("values"), "values");
  require(env, values.size >= valueBytes(column), "values are shorter than the column");
  column.values = values.data;
  if (!object.Get("validity").IsNull()) {
    const Bytes validity = toBytes(object.Get("validity"), "validity");
    require(env, validity.size >= static_cast<size_t>(column.length + 7) / 8, "validity is shorter than the column");
    column.validity = validity.data;
  }
  if (column.storage == Storage::Plain) column.bytes = toBytes(object.Get("bytes"), "bytes").data;
  if (column.storage == Storage::Dictionary) column.dictionary = toDictionaryView(object.Get("dictionary"));
  return column;
}

DictionaryView toDictionaryView(const Napi::Value& value) {
  Napi::Object object = value.As<Napi::Object>();
  const Bytes offsets = toBytes(object.Get("offsets"), "dictionary.offsets");
  DictionaryView dictionary;
  dictionary.offsets = reinterpret_cast<const int32_t*>(offsets.data);
  dictionary.size = offsets.size < 4 ? 0 : static_cast<int64_t>(offsets.size / 4) - 1;
  dictionary.bytes = toBytes(object.Get("bytes"), "dictionary.bytes").data;
  return dictionary;
}

// Giving back so much to the system takes milliseconds: not on this thread.
void letGo(BufferPtr buffer) {
  if (!buffer || buffer->size() < kLargeBuffer || buffer.use_count() > 1) return;
  try {
    ThreadPool::instance().submit([last = std::move(buffer)]() mutable { last.reset(); });
  } catch (const std::exception&) {
    // No memory for the queue, or no thread: then here.
  }
}

namespace {

// V8 counts the bytes itself.
void release(Napi::Env, void*, BufferPtr* held) {
  letGo(std::move(*held));
  delete held;
}

}  // namespace

Napi::ArrayBuffer toArrayBuffer(Napi::Env env, const BufferPtr& buffer) {
  auto owner = std::make_unique<BufferPtr>(buffer);
  const Napi::ArrayBuffer array = Napi::ArrayBuffer::New(env, buffer->data(), buffer->size(), release, owner.get());
  owner.release();
  return array;
}

Napi::Value toUint8Array(Napi::Env env, const BufferPtr& buffer) {
  return Napi::Uint8Array::New(env, buffer->size(), toArrayBuffer(env, buffer), 0);
}

Napi::Value toBlockOrArray(Napi::Env env, const BufferPtr& buffer) {
  return buffer->size() >= kLeastBlock ? toBlock(env, buffer) : toUint8Array(env, buffer);
}

Napi::Object toJs(Napi::Env env, const OwnedColumn& column) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("storage", static_cast<uint32_t>(column.storage));
  object.Set("length", static_cast<double>(column.length));
  object.Set("nullCount", static_cast<double>(column.nullCount));
  object.Set("validity", column.validity ? toBlockOrArray(env, column.validity) : env.Null());
  object.Set("values", toTyped(env, column));
  if (column.storage == Storage::Words) object.Set("width", column.width);
  if (column.storage == Storage::Plain) {
    object.Set("bytes", toBlockOrArray(env, column.bytes));
    object.Set("byteLength", static_cast<double>(column.bytes->size()));
  }
  if (column.storage == Storage::Dictionary) {
    object.Set("dictionary", toJsDictionary(env, column.dictionaryOffsets, column.dictionaryBytes));
  }
  return object;
}

Napi::Object toJsDictionary(Napi::Env env, const BufferPtr& offsets, const BufferPtr& bytes) {
  Napi::Object dictionary = Napi::Object::New(env);
  const size_t entries = offsets->size() / 4;
  dictionary.Set("offsets", Napi::Int32Array::New(env, entries, toArrayBuffer(env, offsets), 0));
  dictionary.Set("bytes", toUint8Array(env, bytes));
  return dictionary;
}

}  // namespace gdf
