// What can be wrong with a record or a field, in the words that all readers use.

import { type DType, dtypeName } from "../../dtype/index.ts";

export type CsvFault =
  | { readonly kind: "fields"; readonly found: number; readonly expected: number }
  | { readonly kind: "value"; readonly dtype: DType }
  | { readonly kind: "quotes" }
  | { readonly kind: "utf8" }
  | { readonly kind: "openQuote" }
  | { readonly kind: "recordBytes"; readonly limit: number };

export function faultReason(fault: CsvFault, text: string): string {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  switch (fault.kind) {
    case "fields":
      return `${fault.found} fields instead of ${fault.expected}`;
    case "value":
      return `${shown} is not ${dtypeName(fault.dtype)}`;
    case "quotes":
      return `a quote inside an unquoted field, or text after a closing quote: ${shown}`;
    case "utf8":
      return "invalid UTF-8";
    case "openQuote":
      return "the quote that opens here is never closed";
    case "recordBytes":
      return `a record longer than ${fault.limit} bytes`;
  }
}

export function faultHint(fault: CsvFault): string {
  switch (fault.kind) {
    case "fields":
      return 'Check `delimiter` and `quote`, or read with onError: "null" or "skip".';
    case "value":
      return 'Give the column a wider dtype in `schema`, add the text to `nullValues`, or read with onError: "null" or "skip".';
    case "quotes":
      return "Double the quotes inside quoted fields, set `escape`, or read with quote: null if quotes are plain text.";
    case "utf8":
      return "Convert the file to UTF-8 first, for example with iconv.";
    case "openQuote":
      return "Close the quote, or read with quote: null if quotes are plain text.";
    case "recordBytes":
      return "Look for an unclosed quote in this record, or raise `maxRecordBytes`.";
  }
}
