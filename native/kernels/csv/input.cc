#include "kernels/csv/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/crc32.h"
#include "core/error.h"

namespace gdf::csv {
namespace {

constexpr size_t kMaxOpenFiles = 256;

int openFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw KernelError("FILE_ERROR", "cannot read " + path + ": " + std::strerror(errno));
#ifdef POSIX_FADV_SEQUENTIAL
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  return descriptor;
}

void readFully(int descriptor, const std::string& path, int64_t begin, int64_t length, uint8_t* target) {
  while (length > 0) {
    const ssize_t count = pread(descriptor, target, static_cast<size_t>(length), begin);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw KernelError("FILE_ERROR", "cannot read " + path + ": " + std::strerror(errno));
    if (count == 0) throw KernelError("FILE_ERROR", path + " has become shorter since it was opened");
    begin += count;
    target += count;
    length -= count;
  }
}

}  // namespace

Input::Input(const std::vector<FileSpec>& files) : files_(files), descriptors_(files.size(), -1) {
  if (files.size() > kMaxOpenFiles) return;
  for (size_t file = 0; file < files.size(); ++file) {
    if (files[file].bytes == nullptr) descriptors_[file] = openFile(files[file].path);
  }
}

Input::~Input() {
  for (const int descriptor : descriptors_) {
    if (descriptor >= 0) close(descriptor);
  }
}

void Input::read(uint32_t file, int64_t begin, int64_t length, uint8_t* target) const {
  const FileSpec& spec = files_[file];
  if (spec.bytes != nullptr) {
    std::memcpy(target, spec.bytes + begin, static_cast<size_t>(length));
  } else if (descriptors_[file] >= 0) {
    readFully(descriptors_[file], spec.path, begin, length, target);
  } else {
    struct Closing {
      int descriptor;
      ~Closing() { close(descriptor); }
    } opened{openFile(spec.path)};
    readFully(opened.descriptor, spec.path, begin, length, target);
  }
}

void Input::verify(const Context& context) const {
  for (uint32_t file = 0; file < files_.size(); ++file) {
    const FileSpec& spec = files_[file];
    const Checks& checks = spec.checks;
    context.parallelFor(checks.crcs.size(), [&](size_t block, int) {
      thread_local std::vector<uint8_t> bytes;
      const int64_t begin = checks.begin + static_cast<int64_t>(block) * checks.blockBytes;
      bytes.resize(static_cast<size_t>(std::min(checks.blockBytes, spec.byteLength - begin)));
      read(file, begin, static_cast<int64_t>(bytes.size()), bytes.data());
      if (crc32(bytes.data(), bytes.size(), 0) == checks.crcs[block]) return;
      throw KernelError("FILE_ERROR", spec.path + " was altered: its checksum does not fit");
    });
  }
}

uint8_t* PaddedBytes::reset(size_t length) {
  if (bytes_.size() < kFront + length + kBack) bytes_.resize(kFront + length + length / 8 + kBack);
  uint8_t* data = bytes_.data() + kFront;
  std::memset(data + length, 0, kBack);
  return data;
}

}  // namespace gdf::csv
