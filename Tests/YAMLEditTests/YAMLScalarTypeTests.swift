import Testing

@testable import YAMLEdit

@Suite struct YAMLScalarTypeTests {
  @Test(arguments: [
    "1", "-1", "+1", "1.10", "1.", ".5", "1e3", "123e456", "1E-3", "1_000", "1,000", "012", "0x1f", "0X1F", "0o17",
    "0b01",
    ".inf", "-.INF", ".NaN", "1:30", "8080:80", "0x1p-2", "1.5e+3",
  ])
  func numbers(_ text: String) { #expect(YAMLScalarType(plain: text) == .number) }

  @Test(arguments: ["y", "N", "yes", "No", "ON", "off", "true", "False", "TRUE"])
  func booleans(_ text: String) { #expect(YAMLScalarType(plain: text) == .boolean) }

  @Test(arguments: ["", "~", "null", "Null", "NULL"])
  func missing(_ text: String) { #expect(YAMLScalarType(plain: text) == .null) }

  @Test(arguments: ["2001-12-14", "2001-1-4", "2001-12-14T21:59:43.10-05:00", "2001-12-14 21:59:43"])
  func dates(_ text: String) { #expect(YAMLScalarType(plain: text) == .timestamp) }

  @Test(arguments: [
    "api-v1.2.3", "1.2.3", "v1", "10.0.0.1", "e3", "1e", "1e+", "0xg", "1-2", "-", ".", "+", "a1", "2001-12",
    "2001-12-14-rc",
    "1.2.3-rc.1", "nullx", "trueish", "_1", ":1", "1f3c",
  ])
  func strings(_ text: String) { #expect(YAMLScalarType(plain: text) == .string) }

  @Test(arguments: ["<<", "="])
  func special(_ text: String) { #expect(YAMLScalarType(plain: text) == .special) }

  @Test func quotesAndTagsDecideFirst() throws {
    let document = try document("- '1'\n- |\n  1\n- !!str 1\n- !!int \"1\"\n- !Custom 1\n- 1\n")
    #expect(
      document.root?.elements?.map(\.scalarType) == [.string, .string, .string, .number, .string, .number]
    )
  }
}
