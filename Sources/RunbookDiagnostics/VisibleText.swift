/// The text with everything escaped that a terminal would obey or a reader would not see: control characters, line
/// breaks, bidirectional overrides and invisible characters become `\u{…}`.
///
/// Source texts, file names and messages pass through here before they are shown. See "Trojan Source"
/// (CVE-2021-42574) for what unescaped overrides do.
public func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isTreacherous) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isTreacherous(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
  }
  return result
}

/// `\u{1B}` for the escape character.
func escape(_ scalar: Unicode.Scalar) -> String {
  "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
}

/// Whether a character must not reach a terminal as it is.
func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x20...0x7E: false
  case 0x00...0x1F, 0x7F...0x9F, 0xAD: true
  // Arabic letter mark; marks, zero-width space and separators; embeddings, overrides and isolates; byte order mark.
  case 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
  case 0xE0000...0xE0FFF: true
  default: false
  }
}

/// The columns that a character takes on a terminal.
func columnWidth(_ character: Character) -> Int {
  var width = 0
  for scalar in character.unicodeScalars { width = max(width, columnWidth(scalar)) }
  return width
}

private func columnWidth(_ scalar: Unicode.Scalar) -> Int {
  if scalar.value < 0x300 { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return scalar.value == 0xFE0F ? 2 : 0
  default: break
  }
  switch scalar.value {
  // The wide and full-width ranges of Unicode Standard Annex 11, taken together where only unassigned ones lie between.
  case 0x1100...0x115F, 0x231A...0x231B, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3: return 2
  case 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18DFF, 0x1B000...0x1B2FF:
    return 2
  case 0x20000...0x3FFFD: return 2
  default: return scalar.properties.isEmojiPresentation ? 2 : 1
  }
}
