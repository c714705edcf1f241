import FoundationEssentials
import PromotionModel

/// What an instant query came to (Prometheus, HTTP API, `/api/v1/query`).
enum PrometheusAnswer {
  private struct Envelope: Decodable {
    var status: String
    var error: String?
    var data: Payload?
    /// Part of the data may be missing: a store that did not answer, a remote read that failed.
    var warnings: [String]?
  }

  private struct Payload: Decodable {
    var resultType: String
    var result: Result

    enum Result: Decodable {
      case vector([Series])
      case scalar(Sample)
      case other

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let series = try? container.decode([Series].self) {
          self = .vector(series)
        } else if let sample = try? container.decode(Sample.self) {
          self = .scalar(sample)
        } else {
          self = .other
        }
      }
    }
  }

  private struct Series: Decodable { var value: Sample }

  /// `[1435781451.781, "0.25"]`: the time as a number, the value as a text.
  private struct Sample: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      _ = try values.decode(Double.self)
      text = try values.decode(String.self)
    }
  }

  /// - Parameter secret: what must stand in no message, whoever sends it back.
  static func read(status: Int, body: some Collection<UInt8>, hiding secret: String?) -> MetricAnswer {
    func said(_ text: String) -> String {
      LocalPrograms.sanitize(line: secret.map { text.replacing($0, with: "…") } ?? text, limit: 200)
    }
    let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(body))
    guard status == 200 else {
      let why = envelope?.error.map { ": \(said($0))" } ?? ""
      return .unknown("Prometheus answers \(status)\(why)")
    }
    guard let envelope, envelope.status == "success", let data = envelope.data else {
      return .unknown(
        envelope?.error.map { "Prometheus says: \(said($0))" } ?? "what Prometheus answers is not understood"
      )
    }
    if let warning = envelope.warnings?.first { return .unknown("Prometheus warns: \(said(warning))") }
    switch (data.resultType, data.result) {
    case ("vector", .vector(let series)):
      guard let first = series.first else { return .unknown("it has no data") }
      guard series.count == 1 else {
        return .unknown("its query gives \(series.count) series, not one: put `sum(…)` or the like around it")
      }
      return value(first.value.text)
    case ("scalar", .scalar(let sample)): return value(sample.text)
    case _: return .unknown("its query gives no number but a \(said(data.resultType))")
    }
  }

  /// `1`, `1.5e-05`, `NaN`, `+Inf`: only what is finite can be compared.
  private static func value(_ text: String) -> MetricAnswer {
    let isDecimal = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
    if isDecimal, let value = Double(text), value.isFinite { return .value(value) }
    switch text {
    case "NaN": return .unknown("it is NaN, as nothing was counted")
    case "+Inf", "-Inf", "Inf": return .unknown("it is infinite")
    default: return .unknown("its value is not understood")
    }
  }
}
