import PromotionModel

/// A version that may be meant, and what is known of it.
package struct KnownVersion: Hashable, Sendable {
  package var version: Version
  /// Where and since when it stood; nil: nothing is known.
  package var about: String?

  package init(_ version: Version, about: String? = nil) { (self.version, self.about) = (version, about) }
}

/// Something that may be written.
package struct Suggestion: Equatable, Sendable {
  package enum Kind: Sendable { case function, variable, module, value, keyword, constant, `operator` }

  package var label: String
  /// What is inserted, where it is not the label.
  package var text: String
  package var kind: Kind
  package var detail: String?
  package var documentation: String?

  package init(
    _ label: String,
    _ kind: Kind,
    text: String? = nil,
    detail: String? = nil,
    documentation: String? = nil
  ) {
    (self.label, self.kind, self.detail, self.documentation) = (label, kind, detail, documentation)
    self.text = text ?? label
  }
}
