import FoundationEssentials
import PromotionModel
import RunbookDiagnostics

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Input {
  /// The runbooks that are named: files as they are, and of folders, and the folders in them, every `.runbook` file in
  /// order. None named: those of the working directory.
  func runbooks(in paths: [String]) throws -> [String] {
    var found: [String] = []
    for path in paths.isEmpty ? ["."] : paths {
      var isFolder = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw fail(ExitStatus.runbookWrong, "there is no file or folder \(visible(path))")
      }
      guard isFolder else {
        found.append(path)
        continue
      }
      do {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        found += names.filter { $0.hasSuffix(".runbook") }.sorted().map { path == "." ? $0 : "\(path)/\($0)" }
      } catch {
        throw fail(ExitStatus.runbookWrong, "the folder \(visible(path)) cannot be read")
      }
    }
    return found
  }

  /// Writes a file that others may read, as a build server does.
  /// - Throws: ``EarlyExit`` when the file cannot be written.
  func writeReport(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    let isWhole = descriptor >= 0 && Screen.write(Array(text.utf8), to: descriptor)
    let error = errno
    guard isWhole, close(descriptor) == 0 else {
      throw fail(ExitStatus.failed, "\(visible(path)) cannot be written: \(String(cString: strerror(error)))")
    }
  }
}
