// The bytes of the files: read with pread, not mapped. A mapped file that another process cuts short ends this one with
// SIGBUS; a short pread is an error that names the file.
#pragma once

#include <cstdint>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/csv/options.h"

namespace gdf::csv {

class Input {
 public:
  /// Opens every file that is not in memory. Throws KernelError("FILE_ERROR").
  explicit Input(const std::vector<FileSpec>& files);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// Copies bytes [begin, begin + length) of a file; all of them must be there. Safe on several threads.
  void read(uint32_t file, int64_t begin, int64_t length, uint8_t* target) const;

  /// Throws KernelError("FILE_ERROR") where a file is not what its checks say.
  void verify(const Context& context) const;

 private:
  const std::vector<FileSpec>& files_;
  std::vector<int> descriptors_;  // -1: opened for each read, where there are too many to hold them all open
};

/// A buffer of bytes with room to read past both ends: a block after it, eight bytes before it.
class PaddedBytes {
 public:
  /// Room for `length` bytes, followed by zeros.
  uint8_t* reset(size_t length);
  const uint8_t* data() const { return bytes_.data() + kFront; }

 private:
  static constexpr size_t kFront = 64;
  static constexpr size_t kBack = 128;
  std::vector<uint8_t> bytes_;
};

}  // namespace gdf::csv
