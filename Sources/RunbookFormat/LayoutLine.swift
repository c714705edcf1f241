/// A statement's line up to its `{` or its end, which is broken where it is too long or where a comment ends it.
struct LayoutLine {
  /// How a piece follows the one before.
  enum Joint {
    /// At the beginning of the line.
    case first
    /// With nothing between.
    case joined
    /// With a blank between.
    case spaced
    /// With a blank or a line break between.
    case breakable
    /// A comment behind a word.
    case suffix
    /// A comment on a line of its own.
    case ownLine
  }

  private struct Piece {
    let bytes: ArraySlice<UInt8>
    let joint: Joint
    /// Characters up to the first line break in it, and behind the last one.
    let firstWidth: Int
    let lastWidth: Int?

    init(_ bytes: ArraySlice<UInt8>, _ joint: Joint) {
      (self.bytes, self.joint) = (bytes, joint)
      let lineBreak = UInt8(ascii: "\n")
      let end = bytes.firstIndex(of: lineBreak)
      firstWidth = Self.width(end.map { bytes[..<$0] } ?? bytes)
      lastWidth = end == nil ? nil : bytes.lastIndex(of: lineBreak).map { Self.width(bytes[$0...].dropFirst()) }
    }

    private static func width(_ bytes: ArraySlice<UInt8>) -> Int {
      bytes.reduce(into: 0) { count, byte in
        if byte & 0xC0 != 0x80 { count += 1 }
      }
    }
  }

  private let indentation: Int
  private var pieces: [Piece] = []

  init(indentation: Int) { self.indentation = indentation }

  var isEmpty: Bool { pieces.isEmpty }

  mutating func append(_ bytes: ArraySlice<UInt8>, _ joint: Joint) {
    pieces.append(Piece(bytes, joint))
  }

  /// Writes the line with its line break.
  func write(to output: inout [UInt8]) {
    var column = 0
    for (index, piece) in pieces.enumerated() {
      let isBehindComment = index > 0 && isComment(pieces[index - 1])
      if index == 0 {
        column = indent(by: indentation, &output)
      } else if isBehindComment || piece.joint == .ownLine || breaks(before: index, at: column) {
        output.append(UInt8(ascii: "\n"))
        column = indent(by: continuation, &output)
      } else {
        column += blanks(before: piece, &output)
      }
      output += piece.bytes
      column = piece.lastWidth ?? column + piece.firstWidth
    }
    output.append(UInt8(ascii: "\n"))
  }

  /// Twice as deep as a block, so that the rest of a head does not look like the first statement behind it.
  private var continuation: Int { indentation + 4 }

  private func isComment(_ piece: Piece) -> Bool { piece.joint == .suffix || piece.joint == .ownLine }

  private func indent(by count: Int, _ output: inout [UInt8]) -> Int {
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    return count
  }

  private func blanks(before piece: Piece, _ output: inout [UInt8]) -> Int {
    switch piece.joint {
    case .first, .joined: return 0
    case .spaced, .breakable, .ownLine: return indent(by: 1, &output)
    case .suffix: return indent(by: 2, &output)
    }
  }

  /// Whether what stands from here to the next place for a break does not fit any more.
  private func breaks(before index: Int, at column: Int) -> Bool {
    guard pieces[index].joint == .breakable else { return false }
    var end = column
    for (offset, piece) in pieces[index...].enumerated() {
      guard offset == 0 || piece.joint != .breakable, !isComment(piece) else { break }
      end += piece.firstWidth + (piece.joint == .joined ? 0 : 1)
      if piece.lastWidth != nil { break }
    }
    return end > lineWidth
  }
}
