internal import RunLog

#if canImport(Darwin)
internal import Darwin
#else
internal import Glibc
#endif

/// The journal's file on disk: nobody but its owner reads it, since runbooks and what tools said stand in it.
enum JournalFile {
  /// Creates the folders (0700) and the file (0600) that are not there yet.
  /// - Throws: ``JournalError`` with the folder or file that cannot be made.
  static func create(_ path: String) throws {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw JournalError("the path \"\(path)\" names no file") }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createFolder(String(path[..<slash])) }
    // Created before SQLite opens it, so that it is never readable for others. An existing file is not opened here:
    // closing any descriptor of it would drop the locks of a connection that this process has already.
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      close(descriptor)
      return
    }
    guard errno == EEXIST else { throw failure(path, "cannot be created") }
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path, "cannot be looked at") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw JournalError("\(path) is not a file") }
    if status.st_uid == geteuid(), status.st_mode & 0o077 != 0, chmod(path, 0o600) != 0 {
      throw failure(path, "cannot be kept from others")
    }
  }

  private static func createFolder(_ path: String) throws {
    if mkdir(path, 0o700) == 0 { return }
    switch errno {
    case EEXIST:
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw JournalError("\(path) is not a folder")
      }
    case ENOENT:
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
        throw failure(path, "cannot be created")
      }
      try createFolder(String(path[..<slash]))
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure(path, "cannot be created") }
    default: throw failure(path, "cannot be created")
    }
  }

  private static func failure(_ path: String, _ what: String) -> JournalError {
    let reason =
      switch errno {
      case ENOSPC, EDQUOT: "the disk is full"
      case EROFS: "the file system is read-only"
      case EACCES, EPERM: "no permission; look at the folder's rights"
      case ENOTDIR: "a part of the path is a file, not a folder"
      case ENAMETOOLONG: "the path is too long"
      case let code: String(cString: strerror(code))
      }
    return JournalError("\(path) \(what): \(reason)")
  }
}
