public import PromotionModel
import FleetConfiguration
import RunbookDiagnostics

/// What a language server may look at beside the documents that are open. It has no other way to the outside.
public struct Surroundings: Sendable {
  /// The bytes of a file; nil when there is none that can be read.
  public var file: @Sendable (_ path: String) -> [UInt8]?
  /// The configuration to use; nil: the `slipway.yaml` found upward from each document.
  public var configuration: String?
  /// The versions of a service that may be written, the likeliest first; the environment is nil where any may be meant.
  public var versions: @Sendable (_ service: ServiceName, _ environment: EnvironmentName?) -> [Version]

  public init(
    file: @escaping @Sendable (_ path: String) -> [UInt8]?,
    configuration: String? = nil,
    versions: @escaping @Sendable (_ service: ServiceName, _ environment: EnvironmentName?) -> [Version] = { _, _ in []
    }
  ) {
    (self.file, self.configuration, self.versions) = (file, configuration, versions)
  }
}

/// A configuration that was read.
struct LoadedConfiguration: Sendable {
  let path: String
  let source: SourceText
  let fleet: Fleet?
  let findings: [Diagnostic]

  init(path: String, bytes: [UInt8]) {
    self.path = path
    source = SourceText(name: path, bytes: bytes)
    (fleet, findings) = FleetConfiguration.load(source)
  }
}

extension Surroundings {
  /// The path and the bytes of the configuration that holds for the files of a folder.
  ///
  /// - Parameter open: documents that the editor has, by path: they count before what is on disk.
  func configuration(for folder: String?, open: [String: [UInt8]]) -> (path: String, bytes: [UInt8])? {
    if let path = configuration {
      return (open[path] ?? file(path)).map { (path, $0) }
    }
    guard var folder else { return nil }
    while true {
      let path = (folder == "/" ? "" : folder) + "/slipway.yaml"
      if let bytes = open[path] ?? file(path) { return (path, bytes) }
      if folder == "/" { return nil }
      folder = DocumentPath.folder(ofPath: folder)
    }
  }
}
