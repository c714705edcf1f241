import PromotionModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The folder of one repository's cache: private to the user, shared by all runs on the machine.
struct GitCacheDirectory: Sendable {
  /// The bare repository.
  let repository: String
  private let parent: String

  /// - Parameter cache: an absolute folder, such as `~/.cache/slipway`.
  init(cache: String, url: String) {
    parent = "\(cache)/git"
    repository = "\(parent)/\(Self.name(of: Self.absolute(url))).git"
  }

  /// `url` as it is meant from anywhere: a relative path is one from the working directory.
  static func absolute(_ url: String) -> String {
    guard !url.hasPrefix("/"), !url.contains(":") else { return url }
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getcwd(&buffer, buffer.count) != nil else { return url }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) + "/" + url
  }

  /// A readable name, the same for the same URL and another for another; without the user's name and password.
  static func name(of url: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in url.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    let place = url.split(separator: "@").last.map(String.init) ?? url
    let readable = place.utf8.suffix(80).map { byte -> Character in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "-")
      return isPlain ? Character(Unicode.Scalar(byte)) : "_"
    }
    return String(readable) + "-" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether a first fetch was completed.
  var isComplete: Bool { access(marker, F_OK) == 0 }

  func markComplete() throws {
    let file = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure("cannot write", marker) }
    close(file)
  }

  private var marker: String { "\(repository)/slipway-complete" }

  /// Runs `body` while no other process does so for this cache. The lock goes with the process that holds it.
  func exclusively(clock: any WorldClock, _ body: () async throws -> Void) async throws {
    try create(parent)
    let path = "\(repository).lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure("cannot open", path) }
    defer { close(file) }
    let deadline = clock.now() + .seconds(900)
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw Self.failure("cannot lock", path) }
      guard clock.now() < deadline else {
        throw WorldError(tool: Git.tool, reason: .timedOut, message: "another run is still filling the cache \(repository)")
      }
      try await clock.sleep(for: .milliseconds(100))
    }
    try await body()
  }

  /// Makes a folder and those above it, each for the user alone; one that another user could change is refused.
  private func create(_ path: String) throws {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw Self.failure("cannot make", made) }
    }
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
      status.st_mode & 0o022 == 0
    else {
      throw WorldError(
        tool: Git.tool, reason: .refused, message: "the cache folder \(path) is not a folder that only you can write to",
        advice: "Remove it, or name another with XDG_CACHE_HOME")
    }
  }

  private static func failure(_ what: String, _ path: String) -> WorldError {
    WorldError(
      tool: Git.tool, reason: .refused, message: "\(what) \(path): \(String(cString: strerror(errno)))",
      advice: "Name another cache folder with XDG_CACHE_HOME")
  }
}
