import PromotionModel
import RunLog

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One process a run: an advisory lock on a file, which the kernel frees when the process dies in whatever way.
struct RunGuard {
  private let descriptor: Int32
  private let path: String

  /// - Throws: ``RunIsRunning`` when another process of this machine has it; ``JournalError`` when the folder cannot be
  ///   written.
  init(run: RunID, folder: String) throws {
    path = "\(folder)/run-\(run).lock"
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw JournalError("\(path) cannot be written: \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw RunIsRunning(run: run)
    }
    // The former holder takes the file away before it lets go: a lock on what is gone keeps nobody out.
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
      close(descriptor)
      throw RunIsRunning(run: run)
    }
  }

  /// Whether a process of this machine is at work on the run; nothing is made or changed by asking.
  static func isHeld(_ run: RunID, folder: String) -> Bool {
    let descriptor = open("\(folder)/run-\(run).lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  func release() {
    unlink(path)
    close(descriptor)
  }
}

/// Another process of this machine is at work on the run.
struct RunIsRunning: Error, CustomStringConvertible {
  let run: RunID

  var description: String { "run \(run) is still running in another process" }
}
