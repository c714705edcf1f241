import RunbookSyntax

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#endif

/// libFuzzer's own entry, for programs that have a `main`:
/// https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Fuzzes with the arguments of the process, and ends it.
public func runFuzzer() {
  var count = CommandLine.argc
  var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
  let status = runDriver(&count, &arguments) { bytes, length in
    examine(Array(UnsafeBufferPointer(start: bytes, count: length)))
    return 0
  }
  exit(status)
}

/// The words and signs of the language, in the form of libFuzzer's dictionaries.
public func dictionary() -> String {
  let words = Keyword.allCases.map(\.rawValue)
  let values = [
    "api", "web", "staging", "production", "30m", "1h30m", "v1.2.3", "1.2.3-rc.1+b7", "0.5%", "18:00",
    "2026-12-24T18:00Z", "3", "1.5",
  ]
  let signs = [
    "{", "}", "(", ")", "[", "]", ",", ";", "=", "+", " - ", "<=", ">=", "#", "\\\"", "\\\"\\\"\\\"", "{{", "}}",
  ]
  return (words.flatMap { ["\($0)", "\($0) "] } + values + signs + ["\\x0a", "\\x0d\\x0a"])
    .map { "\"\($0)\"" }.joined(separator: "\n")
}
