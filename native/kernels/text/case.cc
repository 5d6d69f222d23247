// Upper and lower case by all of Unicode's rules but those of a locale: several letters for one, and the sigma that
// ends a word. ASCII runs take neither tables nor decoding.
#include <cstring>

#include "kernels/text/text.h"

namespace gdf::text {
namespace {

constexpr uint32_t kCapitalSigma = 0x3a3;
constexpr uint32_t kFinalSigma = 0x3c2;

class CaseMapper final : public TextMapper {
 public:
  CaseMapper(const CaseTables& tables, bool upper)
      : tables_(tables), mapped_(upper ? tables.upper : tables.lower), first_(upper ? 'a' : 'A'), upper_(upper) {}

  bool apply(const Text& text, std::vector<uint8_t>& out) override {
    const uint8_t* end = text.bytes + text.length;
    for (const uint8_t* at = text.bytes; at < end;) {
      const uint8_t byte = *at;
      if (byte < 0x80) {
        at = appendAscii(out, at, end);
        continue;
      }
      const uint32_t codePoint = decodeAt(at);
      if (!upper_ && codePoint == kCapitalSigma && endsWord(text, at)) {
        appendCodePoint(out, kFinalSigma);
      } else {
        appendMapped(out, codePoint);
      }
      at += sequenceLength(byte);
    }
    return true;
  }

 private:
  /// A run of ASCII; gives its end. Two loops without branches in their bodies, so that compilers make vectors of them.
  const uint8_t* appendAscii(std::vector<uint8_t>& out, const uint8_t* at, const uint8_t* end) const {
    const uint8_t* stop = at;
    for (uint64_t word; end - stop >= 8; stop += 8) {
      std::memcpy(&word, stop, 8);
      if ((word & 0x8080808080808080u) != 0) break;
    }
    while (stop < end && *stop < 0x80) ++stop;
    const size_t size = out.size();
    out.resize(size + static_cast<size_t>(stop - at));
    uint8_t* target = out.data() + size;
    for (; at < stop; ++at, ++target) *target = *at ^ (static_cast<uint8_t>(*at - first_) < 26 ? 0x20 : 0);
    return stop;
  }

  void appendMapped(std::vector<uint8_t>& out, uint32_t codePoint) const {
    const int32_t change = mapped_[tables_.indexOf(codePoint)];
    if (change < CaseTables::kSpecial) {
      return appendCodePoint(out, static_cast<uint32_t>(static_cast<int32_t>(codePoint) + change));
    }
    const uint32_t* special = tables_.specials + (change - CaseTables::kSpecial);
    for (uint32_t i = 1; i <= special[0]; ++i) appendCodePoint(out, special[i]);
  }

  uint8_t propertiesAt(const uint8_t* at) const { return tables_.properties[tables_.indexOf(decodeAt(at))]; }

  /// Unicode's Final_Sigma: a cased letter before it and none after it, over what is ignored for case.
  bool endsWord(const Text& text, const uint8_t* sigma) const {
    const uint8_t* end = text.bytes + text.length;
    const uint8_t* before = sigma;
    bool follows = false;
    while (before > text.bytes) {
      before = previousCodePoint(before);
      const uint8_t properties = propertiesAt(before);
      if ((properties & 2) != 0) continue;
      follows = (properties & 1) != 0;
      break;
    }
    if (!follows) return false;
    for (const uint8_t* after = sigma + 2; after < end; after += sequenceLength(*after)) {
      const uint8_t properties = propertiesAt(after);
      if ((properties & 2) == 0) return (properties & 1) == 0;
    }
    return true;
  }

  CaseTables tables_;
  const int32_t* mapped_;
  uint8_t first_;
  bool upper_;
};

}  // namespace

std::unique_ptr<TextMapper> makeCaseMapper(const Function& function) {
  return std::make_unique<CaseMapper>(function.cases, function.kind == Function::Kind::Upper);
}

}  // namespace gdf::text
