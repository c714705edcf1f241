/// A place in a YAML file.
public struct YAMLPlace: Sendable, Equatable {
  /// Offset in bytes from the start of the file, a byte order mark included.
  public let offset: Int
  /// Line, from 1. Lines end with LF, CRLF or a lone CR.
  public let line: Int
  /// Column in Unicode scalars, from 1.
  public let column: Int

  public init(offset: Int, line: Int, column: Int) {
    self.offset = offset
    self.line = line
    self.column = column
  }
}

/// Why a YAML file could not be read, or an edit could not be made. No error leaves a half-made file behind.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    // Reading
    case tooLarge(limitBytes: Int)
    case tooDeep(limit: Int)
    case tooManyNodes(limit: Int)
    case invalidUTF8
    /// What libyaml refused.
    case syntax
    case undefinedAlias(String)
    /// libyaml had no memory.
    case outOfMemory

    // Paths
    /// The text of a ``YAMLPath`` is none; the place is one in that text.
    case malformedPath
    case noSuchDocument(Int)
    /// The number is that of the step, from 0, at which the search ended.
    case missingKey(String, step: Int)
    case missingIndex(Int, step: Int)
    case noMatch(step: Int)
    case matchedTwice(step: Int)
    case notAMapping(step: Int)
    case notASequence(step: Int)
    /// The key stands twice in its mapping, so that readers differ about its value.
    case duplicateKey(String, step: Int)
    /// The path leads through `*name`: what stands there belongs to the anchor.
    case throughAlias(String, step: Int)
    /// The key is not in the mapping itself, but a merge key `<<` may bring it.
    case throughMerge(String, step: Int)
    case notAScalar

    // Editing
    /// The node, or a collection around it, has an anchor that an alias refers to: editing it would change others.
    case sharedByAlias(String)
    /// The new text has a control character other than tab and line feed.
    case controlCharacter(UInt32)
    /// The node has an explicit tag, such as `!!int`, that the new value is not of.
    case contradictsTag(String)
    /// Two edits of one call name the same scalar.
    case editedTwice
    case keyExists(String)
    /// An insertion's path must end in a key.
    case notAKey
    /// No way of writing the value here read back as exactly this change.
    case unwritable
  }

  public let reason: Reason
  /// One sentence without control characters; what it quotes from the file is cut short and escaped.
  public let message: String
  public let place: YAMLPlace

  public var description: String { "\(place.line):\(place.column): \(message)" }

  init(_ reason: Reason, _ message: String, at place: YAMLPlace) {
    self.reason = reason
    self.message = message
    self.place = place
  }
}

/// Text from outside, made fit for a message: control, format and private characters escaped, cut after 80 scalars.
func quoted(_ text: String) -> String {
  var result = "`"
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < 80 else {
      result += "…"
      break
    }
    count += 1
    if isPresentable(scalar) {
      result.unicodeScalars.append(scalar)
    } else {
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    }
  }
  return result + "`"
}

/// Whether a scalar shows as itself and changes nothing about how its neighbours show.
func isPresentable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}

/// Equality of bytes. `String`'s own holds é and e + ◌́ equal, which YAML's readers do not.
func sameBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.elementsEqual(right.utf8)
}
