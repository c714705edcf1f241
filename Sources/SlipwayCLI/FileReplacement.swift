#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Replaces the content of a file at once: whoever reads it sees the old or the new, whole. Its permissions stay; behind a
/// symbolic link, the file that it leads to is replaced and the link stays.
struct FileReplacement {
  let path: String

  /// - Throws: ``FileReplacementError``; the file is then as it was.
  func write(_ bytes: [UInt8]) throws {
    guard let resolved = realpath(path, nil) else { throw failure() }
    defer { free(resolved) }
    let target = String(cString: resolved)
    var status = stat()
    guard stat(target, &status) == 0 else { throw failure() }
    // A rename asks for no right to write to the file itself.
    guard access(target, W_OK) == 0 else { throw failure() }
    let temporary = "\(target).slipway-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure() }
    do {
      defer { close(descriptor) }
      // Only root may give a file away; whoever may not keeps it.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      guard fchmod(descriptor, status.st_mode & 0o7777) == 0, writeAll(bytes, descriptor), fsync(descriptor) == 0 else {
        throw failure(removing: temporary)
      }
    }
    guard rename(temporary, target) == 0 else { throw failure(removing: temporary) }
  }

  private func writeAll(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var start = 0
    while start < bytes.count {
      let size = bytes.count - start
      let count = bytes.withUnsafeBytes { buffer in
        #if canImport(Darwin)
        Darwin.write(descriptor, buffer.baseAddress?.advanced(by: start), size)
        #elseif canImport(Glibc)
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), size)
        #elseif canImport(Musl)
        Musl.write(descriptor, buffer.baseAddress?.advanced(by: start), size)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      start += count
    }
    return true
  }

  private func failure(removing temporary: String? = nil) -> FileReplacementError {
    let reason = String(cString: strerror(errno))
    if let temporary { unlink(temporary) }
    return FileReplacementError(description: "\(path) cannot be written: \(reason)")
  }
}

struct FileReplacementError: Error, CustomStringConvertible {
  let description: String
}
