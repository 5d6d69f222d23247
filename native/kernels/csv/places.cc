#include "kernels/csv/places.h"

#include <algorithm>

namespace gdf::csv {
namespace {

constexpr int64_t kMaxText = 1024;
constexpr int64_t kReadBytes = 1 << 20;

/// One-based line numbers of offsets that ascend within a file, counted from the file's known line on.
class LineCounter {
 public:
  LineCounter(const ReadOptions& options, const Input& input) : options_(options), input_(input) {}

  int64_t lineOf(uint32_t file, int64_t offset) {
    if (file != file_ || offset < position_) {
      const KnownLine& known = options_.files[file].knownLine;
      const bool isBehind = known.offset <= offset;
      file_ = file;
      position_ = isBehind ? known.offset : 0;
      line_ = isBehind ? known.line : 1;
    }
    while (position_ < offset) {
      const int64_t length = std::min(kReadBytes, offset - position_);
      buffer_.resize(static_cast<size_t>(length));
      input_.read(file, position_, length, buffer_.data());
      line_ += std::count(buffer_.begin(), buffer_.end(), options_.files[file].newline);
      position_ += length;
    }
    return line_;
  }

 private:
  const ReadOptions& options_;
  const Input& input_;
  std::vector<uint8_t> buffer_;
  uint32_t file_ = ~uint32_t{0};
  int64_t position_ = 0;
  int64_t line_ = 1;
};

std::string textOf(const Input& input, const Fault& fault) {
  std::string text(static_cast<size_t>(std::min(fault.length, kMaxText)), '\0');
  input.read(fault.file, fault.byteOffset, static_cast<int64_t>(text.size()), reinterpret_cast<uint8_t*>(text.data()));
  return text;
}

}  // namespace

void locate(const ReadOptions& options, const Input& input, ReadResult& result) {
  LineCounter lines(options, input);
  if (result.fatal) {
    result.fatal->line = lines.lineOf(result.fatal->file, result.fatal->byteOffset);
    result.texts.push_back(textOf(input, *result.fatal));
    return;
  }
  for (Fault& reject : result.rejects) {
    reject.line = lines.lineOf(reject.file, reject.byteOffset);
    result.texts.push_back(textOf(input, reject));
  }
  std::vector<Conflict*> ascending;
  for (Conflict& conflict : result.conflicts) ascending.push_back(&conflict);
  std::sort(ascending.begin(), ascending.end(), [](const Conflict* a, const Conflict* b) {
    return a->file != b->file ? a->file < b->file : a->byteOffset < b->byteOffset;
  });
  for (Conflict* conflict : ascending) conflict->line = lines.lineOf(conflict->file, conflict->byteOffset);
}

}  // namespace gdf::csv
