import Testing

@testable import YAMLEdit

@Suite struct BlockScalarTests {
  @Test(arguments: [
    Replacement("a: |\n  x\n  y\nb: 1\n", "a", "z\n", "a: |\n  z\nb: 1\n"),
    Replacement("a: | # c\n    x\n\n\nb: 1\n", "a", "p\n\n q\n", "a: | # c\n    p\n\n     q\n\n\nb: 1\n"),
    Replacement("a: |-\r\n  x\r\nb: 1\r\n", "a", "p\nq", "a: |-\r\n  p\r\n  q\r\nb: 1\r\n"),
    Replacement("a: |-\r  x\rb: 1\r", "a", "p\nq", "a: |-\r  p\r  q\rb: 1\r"),
    Replacement("a: |+\n  x\n\n\nb: 1\n", "a", "z\n\n\n", "a: |+\n  z\n\n\nb: 1\n"),
    Replacement("a: |+\n  x\n\n\nb: 1\n", "a", "z\n", "a: |+\n  z\nb: 1\n"),
    Replacement("a: |2\n   x\nb: 1\n", "a", "  p\nq\n", "a: |2\n    p\n  q\nb: 1\n"),
    Replacement("a:\n  b: &n !!str |-\n      x\n", "a.b", "y", "a:\n  b: &n !!str |-\n      y\n"),
    Replacement("a: |-\n  x", "a", "y", "a: |-\n  y"),
    Replacement("- |\n x\n- y\n", "[0]", "#no: comment\n", "- |\n #no: comment\n- y\n"),
  ])
  func literalKeepsItsHeader(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    Replacement("a: | # c\n  x\nb: 1\n", "a", "z", "a: |- # c\n  z\nb: 1\n"),
    Replacement("a: |-\n  x\nb: 1\n", "a", "z\n", "a: |\n  z\nb: 1\n"),
    Replacement("a: |\n  x\n\nb: 1\n", "a", "z\n\n\n", "a: |+\n  z\n\n\nb: 1\n"),
    Replacement("a: |+\n  x\n\nb: 1\n", "a", "z", "a: |-\n  z\n\nb: 1\n"),
    Replacement("a: |2\n  x\nb: 1\n", "a", "z", "a: |2-\n  z\nb: 1\n"),
  ])
  func chompingFollowsTheText(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    Replacement("a: >\n  x\n  y\n\nb: 1\n", "a", "p q\n", "a: >\n  p q\n\nb: 1\n"),
    Replacement("a: >-\n  x\nb: 1\n", "a", "p\nq\n\nr", "a: >-\n  p\n\n  q\n\n\n  r\nb: 1\n"),
    Replacement("a: >-\n  x\nb: 1\n", "a", "\np", "a: >-\n\n  p\nb: 1\n"),
    Replacement("a: >-\n  x\nb: 1\n", "a", "p\n q", "a: \"p\\n q\"\nb: 1\n"),
  ])
  func folded(_ replacement: Replacement) throws { try replacement.check() }

  @Test(arguments: [
    Replacement("a: | # c\n  x\n\nb: 1\n", "a", "", "a: \"\" # c\n\nb: 1\n"),
    Replacement("a: |\n  x\nb: 1\n", "a", " p\n", "a: \" p\\n\"\nb: 1\n"),
    Replacement("a: |\n  x\nb: 1\n", "a", "\tp\n", "a: \"\\tp\\n\"\nb: 1\n"),
    Replacement("a: |\n  x\nb: 1\n", "a", "p\u{2028}q\n", "a: \"p\\u2028q\\n\"\nb: 1\n"),
    Replacement("a: |\nb: 1\n", "a", "p", "a: \"p\"\nb: 1\n"),
    Replacement("a: |\n\n\nb: 1\n", "a", "p", "a: \"p\"\n\n\nb: 1\n"),
    Replacement("a: |", "a", "p", "a: \"p\""),
    Replacement("a: |+\n  x\n\nb: 1\n", "a", "\n", "a: \"\\n\"\n\nb: 1\n"),
  ])
  func doubleQuotesWhereABlockCannot(_ replacement: Replacement) throws { try replacement.check() }

  @Test func aCommentAfterItStays() throws {
    try Replacement(
      "a:\n  b: |\n    x\n# note\n\nc: 1\n",
      "a.b",
      "y\nz\n",
      "a:\n  b: |\n    y\n    z\n# note\n\nc: 1\n"
    ).check()
  }
}
