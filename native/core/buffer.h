// Memory that kernels write results into: 64-byte aligned, padded to whole cache lines, freed by its last owner, which
// may be a JavaScript ArrayBuffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace gdf {

class Buffer {
 public:
  /// Uninitialised, except that the padding after `bytes` is zero. Throws KernelError("MEMORY_BUDGET").
  static std::shared_ptr<Buffer> allocate(size_t bytes);
  static std::shared_ptr<Buffer> allocateZeroed(size_t bytes);
  /// Of all buffers of the process, those that JavaScript owns included.
  static size_t bytesInUse();
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(data_);
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }
  /// Shortens the visible size; the memory stays as it is.
  void shrink(size_t bytes) { size_ = bytes; }

 private:
  Buffer(uint8_t* data, size_t size, size_t capacity) : data_(data), size_(size), capacity_(capacity) {}
  uint8_t* data_;
  size_t size_;
  size_t capacity_;
};

using BufferPtr = std::shared_ptr<Buffer>;

}  // namespace gdf
