import FoundationEssentials
import PromotionModel

/// The alerts that fire (Prometheus, HTTP API, `/api/v1/alerts`).
enum PrometheusAlerts {
  private struct Envelope: Decodable {
    struct Payload: Decodable { var alerts: [Alert] }
    var status: String
    var error: String?
    var data: Payload?
  }

  struct Alert: Decodable {
    var labels: [String: String]
    var annotations: [String: String]?
    /// `firing`, `pending`, `inactive`.
    var state: String

    /// The same, as it is about a service.
    func firing(_ service: ServiceName) -> FiringAlert {
      let name = LocalPrograms.sanitize(line: labels["alertname"] ?? "without a name", limit: 100)
      let text = annotations?["summary"] ?? annotations?["description"] ?? annotations?["message"] ?? ""
      let id = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      return FiringAlert(name, of: service, summary: LocalPrograms.sanitize(line: text, limit: 200), id: id)
    }
  }

  /// - Parameter secret: what must stand in no message, whoever sends it back.
  /// - Throws: ``WorldError`` when they could not be told.
  static func read(status: Int, body: some Collection<UInt8>, hiding secret: String?) throws(WorldError) -> [Alert] {
    let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(body))
    guard status == 200, let envelope, envelope.status == "success", let data = envelope.data else {
      let said = envelope?.error.map { error in
        ": " + LocalPrograms.sanitize(line: secret.map { error.replacing($0, with: "…") } ?? error, limit: 200)
      }
      throw WorldError(
        tool: "Prometheus",
        reason: .nonsense,
        message: status == 200 && said == nil ? "its alerts are not understood" : "it answers \(status)\(said ?? "")"
      )
    }
    return data.alerts.filter { $0.state == "firing" }
  }
}
