import PromotionModel

/// An answer of `git cat-file --batch`.
struct GitObject: Hashable, Sendable {
  enum Kind: String, Sendable { case commit, tree, blob, tag }

  /// The object's id; what was asked for where there is no such object.
  var name: String
  /// nil: there is none in the cache.
  var content: Content?

  struct Content: Hashable, Sendable {
    var kind: Kind
    var bytes: [UInt8]
  }

  struct Unreadable: Error {}

  /// Takes the answers apart as their bytes come in.
  struct Reader {
    private var bytes: [UInt8] = []
    /// What was read already.
    private var start = 0
    /// As many bytes of answers came in and were not taken yet.
    var pending: Int { bytes.count - start }

    mutating func append(_ piece: [UInt8]) {
      if start == bytes.count { (bytes, start) = ([], 0) }
      bytes += piece
    }

    /// The next whole answer; nil while it is not all there.
    mutating func next() throws(Unreadable) -> GitObject? {
      guard let end = bytes[start...].prefix(Self.headerLimit).firstIndex(of: newline) else {
        if pending >= Self.headerLimit { throw Unreadable() }
        return nil
      }
      let fields = String(decoding: bytes[start..<end], as: UTF8.self).split(separator: " ").map(String.init)
      if fields.count == 2, fields[1] == "missing" {
        start = end + 1
        return GitObject(name: fields[0], content: nil)
      }
      guard fields.count == 3, let kind = Kind(rawValue: fields[1]), let size = Int(fields[2]),
        (0...Git.outputLimit).contains(size)
      else { throw Unreadable() }
      let last = end + 1 + size
      guard last < bytes.count else { return nil }
      guard bytes[last] == newline else { throw Unreadable() }
      let content = Content(kind: kind, bytes: Array(bytes[(end + 1)..<last]))
      start = last + 1
      return GitObject(name: fields[0], content: content)
    }

    private let newline = UInt8(ascii: "\n")
    private static let headerLimit = 256
  }
}

/// One entry of a tree, as the object holds it.
struct GitTreeEntry: Hashable, Sendable {
  /// In the form that `git ls-tree` writes, so that old variants of a regular file's mode are one.
  var mode: String
  var name: [UInt8]
  var object: String

  var isTree: Bool { mode == "040000" }

  /// The entries of a tree whose id has `idLength` hexadecimal digits; nil when it is none.
  static func read(_ tree: [UInt8], idLength: Int) -> [GitTreeEntry]? {
    var rest = tree[...]
    var entries: [GitTreeEntry] = []
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let mode = mode(rest[..<space]),
        let zero = rest[space...].firstIndex(of: 0), rest.endIndex - zero - 1 >= idLength / 2
      else { return nil }
      let id = rest[(zero + 1)..<(zero + 1 + idLength / 2)]
      entries.append(GitTreeEntry(mode: mode, name: Array(rest[(space + 1)..<zero]), object: hexadecimal(id)))
      rest = rest[id.endIndex...]
    }
    return entries
  }

  private static func mode(_ digits: ArraySlice<UInt8>) -> String? {
    guard (5...6).contains(digits.count), let mode = Int(String(decoding: digits, as: UTF8.self), radix: 8) else {
      return nil
    }
    switch mode & 0o170000 {
    case 0o100000: return mode & 0o100 == 0 ? "100644" : "100755"
    case 0o040000: return "040000"
    case 0o120000: return "120000"
    case 0o160000: return "160000"
    case _: return nil
    }
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
