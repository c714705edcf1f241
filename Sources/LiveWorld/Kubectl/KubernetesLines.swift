import NIOCore
import PromotionModel

extension KubernetesClient {
  /// How long one stream of lines is read before it is taken up anew.
  private static let longestStream = Duration.seconds(3600)

  /// Reads a text answer line by line as it comes, until the server ends it.
  /// - Throws: ``WorldError`` when it was refused or broke off.
  func lines(of uri: String, what: String, _ take: ([UInt8]) -> Void) async throws {
    let path = try await endpoint.socketPath()
    let connection = try await KubernetesConnection.open(path)
    defer { connection.close() }
    let (head, pieces) = try await connection.stream(KubernetesRequest(uri), within: Self.longestStream)
    guard head.status == 200 else { throw try await refusal(head, pieces, what) }
    serverTime.note(head.date)
    var splitter = LineSplitter(limit: KubernetesConnection.bodyLimit)
    for try await piece in pieces {
      for line in try splitter.take(piece, what) { take(line) }
    }
    try Task.checkCancellation()
  }
}
