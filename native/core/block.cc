// newBlock(byteLength) -> block         of any content: whoever asks fills it
// showBlock(block) -> ArrayBuffer       which owns the memory from then on; the block is empty
// freeBlock(block)                      calls that read it keep it until they end
// readBlock(block, offset, into: Uint8Array), writeBlock(block, offset, from: Uint8Array)
#include "core/block.h"

#include <cstring>
#include <memory>
#include <utility>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"

namespace gdf {
namespace {

using Handle = Napi::External<BufferPtr>;

// Arguments are read in the same turn in which their job starts. Not in ColumnView, which kernels copy in their loops.
thread_local std::vector<BufferPtr> readNext;

BufferPtr& ownerOf(const Napi::Value& handle) {
  if (!handle.IsExternal()) throw Napi::TypeError::New(handle.Env(), "not a block");
  return *handle.As<Handle>().Data();
}

Napi::Value newBlock(const Napi::CallbackInfo& info) {
  try {
    return toBlock(info.Env(), Buffer::allocate(static_cast<size_t>(info[0].ToNumber().Int64Value())));
  } catch (const KernelError&) {
    throw toJsError(info.Env(), std::current_exception());
  }
}

Napi::Value showBlock(const Napi::CallbackInfo& info) {
  const BufferPtr buffer = blockOf(info[0]);
  Napi::Value shown = toArrayBuffer(info.Env(), buffer);
  ownerOf(info[0]).reset();
  return shown;
}

Napi::Value freeBlock(const Napi::CallbackInfo& info) {
  letGo(std::move(ownerOf(info[0])));
  return info.Env().Undefined();
}

/// The bytes of `block` that as many bytes of `array` are copied from or to.
uint8_t* rangeOf(const Napi::CallbackInfo& info, const BufferPtr& block, const Napi::Uint8Array& array) {
  const int64_t offset = info[1].ToNumber().Int64Value();
  const auto size = static_cast<int64_t>(block->size());
  if (offset < 0 || offset > size || static_cast<int64_t>(array.ByteLength()) > size - offset) {
    throw Napi::RangeError::New(info.Env(), "beyond the end of the block");
  }
  return block->data() + offset;
}

Napi::Value readBlock(const Napi::CallbackInfo& info) {
  const BufferPtr block = blockOf(info[0]);
  auto into = info[2].As<Napi::Uint8Array>();
  const uint8_t* from = rangeOf(info, block, into);
  if (into.ByteLength() > 0) std::memcpy(into.Data(), from, into.ByteLength());
  return info.Env().Undefined();
}

Napi::Value writeBlock(const Napi::CallbackInfo& info) {
  const BufferPtr block = blockOf(info[0]);
  const auto from = info[2].As<Napi::Uint8Array>();
  uint8_t* into = rangeOf(info, block, from);
  if (from.ByteLength() > 0) std::memcpy(into, from.Data(), from.ByteLength());
  return info.Env().Undefined();
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("newBlock", exported(env, newBlock));
  exports.Set("showBlock", exported(env, showBlock));
  exports.Set("freeBlock", exported(env, freeBlock));
  exports.Set("readBlock", exported(env, readBlock));
  exports.Set("writeBlock", exported(env, writeBlock));
});

}  // namespace

Napi::Value toBlock(Napi::Env env, const BufferPtr& buffer) {
  auto owner = std::make_unique<BufferPtr>(buffer);
  const auto forget = [](Napi::Env, BufferPtr* owned) {
    letGo(std::move(*owned));
    delete owned;
  };
  Napi::Value handle = Handle::New(env, owner.get(), forget);
  owner.release();
  return handle;
}

BufferPtr blockOf(const Napi::Value& handle) {
  const BufferPtr& buffer = ownerOf(handle);
  if (!buffer) throw Napi::Error::New(handle.Env(), "a block is used after it was shown or freed");
  return buffer;
}

const Buffer& readByNextJob(const Napi::Value& handle) {
  return *readNext.emplace_back(blockOf(handle));
}

void addReadByNextJob(BufferPtr buffer) {
  readNext.push_back(std::move(buffer));
}

std::vector<BufferPtr> takeReadByNextJob() {
  return std::exchange(readNext, {});
}

}  // namespace gdf
