import Testing

@testable import GitOpsLayout

@Suite struct UnifiedDiffTests {
  func diff(_ from: String?, _ to: String?, path: String = "a.yaml") -> String {
    UnifiedDiff.text(path: path, from: from.map { Array($0.utf8) }, to: to.map { Array($0.utf8) })
  }

  @Test func showsThreeLinesAround() {
    let old = (1...12).map { "line \($0)\n" }.joined()
    #expect(
      diff(old, old.replacing("line 6\n", with: "line six\n")) == """
        diff --git a/a.yaml b/a.yaml
        --- a/a.yaml
        +++ b/a.yaml
        @@ -3,7 +3,7 @@
         line 3
         line 4
         line 5
        -line 6
        +line six
         line 7
         line 8
         line 9

        """
    )
  }

  @Test func joinsNearHunksAndSplitsFarOnes() {
    let old = (1...40).map { "\($0)\n" }.joined()
    let near = old.replacing("\n10\n", with: "\nx\n").replacing("\n17\n", with: "\ny\n")
    let far = old.replacing("\n10\n", with: "\nx\n").replacing("\n18\n", with: "\ny\n")
    #expect(diff(old, near).split(separator: "\n").filter { $0.hasPrefix("@@") } == ["@@ -7,14 +7,14 @@"])
    #expect(
      diff(old, far).split(separator: "\n").filter { $0.hasPrefix("@@") } == ["@@ -7,7 +7,7 @@", "@@ -15,7 +15,7 @@"]
    )
  }

  @Test func showsNewAndDeletedFiles() {
    #expect(
      diff(nil, "a\n", path: "b c.yaml")
        == "diff --git a/b c.yaml b/b c.yaml\nnew file mode 100644\n--- /dev/null\n+++ b/b c.yaml\t\n@@ -0,0 +1 @@\n+a\n"
    )
    #expect(
      diff("a\nb\n", nil)
        == "diff --git a/a.yaml b/a.yaml\ndeleted file mode 100644\n--- a/a.yaml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    )
    #expect(diff(nil, "") == "diff --git a/a.yaml b/a.yaml\nnew file mode 100644\n")
    #expect(diff("a", "a").isEmpty)
  }

  @Test func marksAMissingLastLineEnd() {
    #expect(diff("a\nb", "a\nb\n").hasSuffix("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"))
    #expect(diff("a\nb", "x\nb").hasSuffix("-a\n+x\n b\n\\ No newline at end of file\n"))
  }

  @Test func keepsCarriageReturns() {
    #expect(diff("a\r\nb\r\n", "a\r\nc\r\n").hasSuffix("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"))
  }

  @Test func replacesWholesaleWhatIsTooMuchToCompare() {
    let old = (0..<2100).map { "a\($0)\n" }.joined()
    let new = (0..<2100).map { "b\($0)\n" }.joined()
    #expect(diff(old, new).contains("@@ -1,2100 +1,2100 @@\n-a0\n"))
  }
}
