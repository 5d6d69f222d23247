// What a CSV read is asked to do. The meaning of every field is in kernels/csv/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gdf::csv {

struct Dialect {
  uint8_t delimiter = ',';
  int quote = -1;   // -1: none
  int escape = -1;  // -1: none, or quotes escape themselves
  int comment = -1;
};

// The numbers are shared with src/device/cpu/csv.ts.
enum class FieldType : uint8_t {
  Bool = 0,
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
  String = 11,
  Date = 12,
  Timestamp = 13,
  Duration = 14,
  Decimal = 15,
};

struct ColumnSpec {
  FieldType type = FieldType::String;
  int unitDigits = 6;               // Timestamp, Duration: decimal digits of the unit, 0 3 6 9. Decimal: its scale
  int precision = 38;               // Decimal
  bool typed = false;               // the user named the dtype: what does not parse is a fault, not a conflict
  std::vector<uint32_t> positions;  // by file
};

/// What the bytes of a file must be: CRC-32 of blocks one after the other, from `begin` on; the last one may end with
/// the file.
struct Checks {
  int64_t begin = 0;
  int64_t blockBytes = 0;
  std::vector<uint32_t> crcs;
};

/// The line, from 1 on, of a byte.
struct KnownLine {
  int64_t offset = 0;
  int64_t line = 1;
};

struct FileSpec {
  std::string path;
  const uint8_t* bytes = nullptr;  // content in memory; else it is read from `path`
  int64_t byteLength = 0;
  uint8_t newline = '\n';
  uint32_t fieldCount = 0;
  Checks checks;
  KnownLine knownLine;  // lines are counted from there on, and need not be from the begin of the file
};

/// Whole records of one file.
struct Range {
  uint32_t file = 0;
  int64_t begin = 0;
  int64_t end = 0;
  bool goesOn = false;  // the last record may have its end behind that of the range, and is none of it
};

enum class OnError : uint8_t { Throw = 0, Null = 1, Skip = 2 };

struct ReadOptions {
  Dialect dialect;
  std::vector<FileSpec> files;
  std::vector<Range> ranges;
  std::vector<ColumnSpec> columns;
  std::vector<std::string> nullValues;
  OnError onError = OnError::Throw;
  int64_t limit = -1;  // -1: none
  int64_t maxRecordBytes = 64 << 20;
  int64_t chunkBytes = 512 << 10;
};

// The numbers are shared with src/device/cpu/csv.ts.
enum class FaultKind : uint8_t { Fields = 0, Value = 1, Quotes = 2, Utf8 = 3, OpenQuote = 4, RecordBytes = 5 };

/// What is wrong with a record (column -1) or with a field.
struct Fault {
  FaultKind kind = FaultKind::Fields;
  uint32_t file = 0;
  int32_t column = -1;  // index into ReadOptions::columns
  uint32_t found = 0;   // Fields: how many there are
  int64_t byteOffset = 0;
  int64_t length = 0;
  int64_t line = 0;
};

}  // namespace gdf::csv
