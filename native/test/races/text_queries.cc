#include <memory>

#include "kernels/csv/format.h"
#include "kernels/csv/read.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/dictionary/ranks.h"
#include "test/races/query.h"
#include "test/races/race.h"
#include "test/races/table.h"

namespace gdf::races {
namespace {

constexpr int64_t kRows = 40000;
/// Small, so that the file has many regions.
constexpr int64_t kChunkBytes = 16 << 10;

std::string csvText(bool faults) {
  Random random(5);
  std::string text;
  for (int64_t row = 0; row < kRows; ++row) {
    text += std::to_string(static_cast<int64_t>(random.next()) >> random.below(60));
    text += ',' + std::to_string(static_cast<double>(random.below(1000000)) / 1000);
    text += ",group " + std::to_string(random.below(70));
    // Distinct texts, some with line ends inside quotes: whether a chunk begins inside them its neighbours know.
    text += random.below(5) == 0 ? ",\"line\n" + std::to_string(row) + '"' : ",t" + std::to_string(random.next());
    text += faults && row % 5000 == 4999 ? ",1,2\n" : "\n";
  }
  return text;
}

csv::ReadOptions readOptions(const uint8_t* bytes, size_t size) {
  csv::ReadOptions options;
  options.dialect.quote = '"';
  csv::FileSpec file;
  file.bytes = bytes;
  file.byteLength = static_cast<int64_t>(size);
  file.fieldCount = 4;
  options.files = {file};
  options.ranges = {{0, 0, file.byteLength}};
  uint32_t position = 0;
  for (const auto type : {csv::FieldType::I64, csv::FieldType::F64, csv::FieldType::String, csv::FieldType::String}) {
    csv::ColumnSpec column;
    column.type = type;
    column.typed = true;
    column.positions = {position++};
    options.columns.push_back(column);
  }
  options.chunkBytes = kChunkBytes;
  return options;
}

uint64_t digestOf(const csv::ReadResult& result) {
  Digest digest;
  if (result.fatal) {
    // How much was read beside it is nobody's business.
    digest.add(static_cast<uint64_t>(result.fatal->byteOffset));
    digest.add(static_cast<uint64_t>(result.fatal->line));
    return digest.value();
  }
  digest.add(static_cast<uint64_t>(result.rowCount));
  digest.add(static_cast<uint64_t>(result.rejectCount));
  for (const csv::Fault& fault : result.rejects) digest.add(static_cast<uint64_t>(fault.line));
  for (const OwnedColumn& column : result.columns) digest.add(column);
  return digest.value();
}

Query csvRead(std::string name, bool faults, csv::OnError onError, int64_t limit) {
  auto text = std::make_shared<std::string>(csvText(faults));
  return {std::move(name), [text, onError, limit](Context context) {
            csv::ReadOptions options = readOptions(reinterpret_cast<const uint8_t*>(text->data()), text->size());
            options.onError = onError;
            options.limit = limit;
            return digestOf(csv::readCsv(options, context));
          }};
}

struct Texts {
  Table table;
  ColumnView codes;
  ColumnView plain;
  ColumnView floats;
  DictionaryView other;
};

std::shared_ptr<const Texts> makeTexts() {
  auto texts = std::make_shared<Texts>();
  Random random(9);
  Table& table = texts->table;
  texts->codes =
      table.addDictionary(3 * kRows, 9, 70000, [&](int64_t) { return static_cast<uint32_t>(random.below(70000)); });
  texts->plain = table.addPlain(3 * kRows, 9, [&](int64_t) { return "text " + std::to_string(random.below(9000)); });
  texts->floats = table.add<double>(Storage::F64, 3 * kRows, 9,
                                    [&](int64_t) { return static_cast<double>(random.below(100000)) / 8; });
  texts->other = table.dictionary(80000, 35000);
  return texts;
}

Query csvFormat(const std::shared_ptr<const Texts>& texts) {
  return {"CSV format", [texts](Context context) {
            const std::vector<csv::FormatColumn> columns = {{texts->codes}, {texts->floats, csv::FieldType::F64}};
            Digest digest;
            for (const BufferPtr& piece : csv::formatRows(columns, 3, 2 * kRows, {}, context)) digest.add(*piece);
            return digest.value();
          }};
}

template <class Work>
Query dictionaryQuery(std::string name, const std::shared_ptr<const Texts>& texts, Work work) {
  return {std::move(name), [texts, work](Context context) {
            Digest digest;
            work(*texts, digest, context);
            return digest.value();
          }};
}

}  // namespace

std::vector<Query> textQueries() {
  using csv::OnError;
  const auto texts = makeTexts();
  // The code under a null may be any.
  const auto addEncoded = [](Digest& digest, OwnedColumn encoded, const ColumnView& source) {
    for (int64_t row = 0; row < encoded.length; ++row) {
      if (!source.isValid(row)) encoded.values->as<uint32_t>()[row] = 0;
    }
    digest.add(encoded);
  };
  const auto addNumbers = [](Digest& digest, const std::vector<uint32_t>& numbers) {
    digest.add(numbers.data(), numbers.size() * 4);
  };
  return {
      csvRead("CSV", false, OnError::Throw, -1),
      csvRead("CSV with a fault", true, OnError::Throw, -1),
      csvRead("CSV without its faults", true, OnError::Skip, -1),
      csvRead("the first rows of CSV", true, OnError::Skip, 20000),
      csvFormat(texts),
      dictionaryQuery("encode", texts,
                      [addEncoded](const Texts& t, Digest& digest, Context context) {
                        const dictionary::TextForm number{dictionary::TextForm::Kind::Number};
                        addEncoded(digest, dictionary::encode(t.plain, context), t.plain);
                        addEncoded(digest, dictionary::format(t.floats, number, context), t.floats);
                        addEncoded(digest, dictionary::concatTexts(t.plain, t.codes, context), t.plain);
                      }),
      dictionaryQuery("work on dictionaries", texts,
                      [addNumbers](const Texts& t, Digest& digest, Context context) {
                        const DictionaryView& entries = t.codes.dictionary;
                        const auto unified = dictionary::unify({entries, t.other}, context);
                        for (const BufferPtr& remap : unified.remaps) digest.add(*remap);
                        digest.add(*dictionary::match(entries, dictionary::Predicate::Contains, {'9', '7'}, context));
                        addNumbers(digest, dictionary::translate(entries, t.other, context));
                        addNumbers(digest, dictionary::find(entries, t.other, context));
                        const dictionary::TextForm number{dictionary::TextForm::Kind::Number};
                        digest.add(*dictionary::parse(entries, Storage::I64, number, 16, context).fits);
                        addNumbers(digest, dictionary::ranks(entries, context));
                      }),
  };
}

}  // namespace gdf::races
