// What a kernel throws. The JavaScript side turns `code` into one of the typed errors of src/base/errors.ts.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace gdf {

class KernelError : public std::runtime_error {
 public:
  KernelError(std::string code, const std::string& message) : std::runtime_error(message), code(std::move(code)) {}
  std::string code;         // "PARSE_ERROR", "INTEGER_OVERFLOW", ...: DataFrameError.code
  int64_t row = -1;         // zero-based input row
  int64_t site = -1;        // index into Program.sites, or of an aggregate call
  int64_t line = -1;        // one-based line of a file
  int64_t column = -1;      // zero-based column of a file or batch
  int64_t byteOffset = -1;  // zero-based byte of a file
};

}  // namespace gdf
