import FoundationEssentials
import PromotionModel

/// One environment's cluster and Argo CD: that they are the right ones, that the Applications are there, and what this login
/// may do.
struct ClusterCheck: Sendable {
  let environment: PromotionModel.Environment
  let fleet: Fleet
  let proxies: KubectlProxies
  let clock: any WorldClock

  private var name: EnvironmentName { environment.name }
  /// Clocks that differ by more make timestamps of logs and locks hard to read for people; nothing depends on it
  /// (rule 8 of the language).
  private static let skew = Duration.seconds(30)

  func run() async throws -> [CheckUp] {
    let cluster = KubectlCluster(fleet: fleet, proxies: proxies, clock: clock)
    let place = try cluster.place(name)
    let context = environment.context.map { "the context \($0)" } ?? "kubeconfig's current context"
    let uid: String
    do {
      uid = try await cluster.identify(name)
    } catch let error as WorldError {
      return [CheckUp("cluster", name.text, error)]
    }
    var found: [CheckUp] = []
    if environment.clusterUID == nil {
      found.append(
        CheckUp(
          "cluster",
          name.text,
          .warning,
          "\(context) is answered, by a cluster that the configuration does not pin",
          advice:
            "Write cluster: \(LocalPrograms.sanitize(line: uid, limit: 60)) in environments.\(name), and no other can stand in for it"
        )
      )
    } else {
      found.append(CheckUp("cluster", name.text, .good, "\(context) reaches the pinned cluster"))
    }
    found.append(clocks(place))
    return found + (try await applications(place))
  }

  private func clocks(_ place: ClusterPlace) -> CheckUp {
    guard let server = place.cluster.serverTime.now() else {
      return CheckUp("clock", name.text, .unknown, "the server did not say its time")
    }
    let difference = clock.now() - server
    let size = difference < .zero ? .zero - difference : difference
    guard size > Self.skew else { return CheckUp("clock", name.text, .good, "it goes with the cluster's") }
    let seconds = Duration.seconds(size.components.seconds).runbookText
    return CheckUp(
      "clock",
      name.text,
      .warning,
      "this machine's clock is \(seconds) \(difference < .zero ? "behind" : "ahead of") the cluster's",
      advice: "Set it by a time server: timedatectl set-ntp true"
    )
  }

  private func applications(_ place: ClusterPlace) async throws -> [CheckUp] {
    let all: [Application]
    do {
      all = try await place.argocd.list(.applications, of: Application.self, in: place.argocdNamespace).items
    } catch let error as WorldError where error.reason == .notFound {
      return [
        CheckUp(
          "argocd",
          name.text,
          .bad,
          "the cluster does not know Argo CD's Applications",
          advice: "Look at argocd.context and argocd.namespace, or install Argo CD there"
        )
      ]
    } catch let error as WorldError {
      return [CheckUp("argocd", name.text, error)]
    }
    let names = Set(all.map(\.metadata.name))
    let wanted = fleet.services.map { (service: $0.name, application: fleet.argocd.application(of: $0.name, in: name)) }
    let missing = wanted.filter { !names.contains($0.application) }
    var found: [CheckUp] = []
    if missing.count < wanted.count {
      found.append(
        CheckUp("argocd", name.text, .good, "\(wanted.count - missing.count) of \(wanted.count) Applications found")
      )
    }
    for entry in missing {
      found.append(
        CheckUp(
          "argocd",
          "\(name) \(entry.service)",
          missing.count == wanted.count ? .bad : .warning,
          "there is no Application \(entry.application) in \(place.argocdNamespace)",
          advice: "Look at argocd.application; fine for a service that is not there yet"
        )
      )
    }
    return found
  }

  // MARK: Rights

  /// One verb on one resource of a ``ClusterRule``.
  private struct Right {
    var verb: String
    var resource: String
    var rule: ClusterRule

    var words: String { "\(verb) \(resource)" + (rule.group.isEmpty ? "" : ".\(rule.group)") }
    /// Only `diagnose` sees less without it.
    var isOfDiagnosis: Bool { rule.need == .diagnosis }
  }

  /// Without what only runbooks need that restart or undo something, and without the cluster's name, which was read before.
  private static let rights = ClusterRule.all.filter { $0.need != .workloads && $0.names.isEmpty }.flatMap { rule in
    rule.verbs.flatMap { verb in rule.resources.map { Right(verb: verb, resource: $0, rule: rule) } }
  }

  func rights() async throws -> [CheckUp] {
    let place = try KubectlCluster(fleet: fleet, proxies: proxies, clock: clock).place(name)
    var answers: [(right: Right, isAllowed: Bool)] = []
    for right in Self.rights {
      do {
        answers.append((right, try await isAllowed(right, place)))
      } catch let error as WorldError {
        return [CheckUp("rights", name.text, error)]
      }
    }
    let needed = answers.filter { !$0.right.isOfDiagnosis }
    let denied = needed.filter { !$0.isAllowed }
    var found = denied.map { answer in
      CheckUp(
        "rights",
        name.text,
        .bad,
        "this login may not \(answer.right.words): \(answer.right.rule.loss)",
        advice: "Ask for a Role in \(namespace(of: answer.right, place)) with it"
      )
    }
    if denied.isEmpty { found.append(CheckUp("rights", name.text, .good, "\(needed.count) rights that a run needs")) }
    let blind = answers.filter { $0.right.isOfDiagnosis && !$0.isAllowed }.map(\.right.words)
    if !blind.isEmpty {
      found.append(
        CheckUp(
          "rights",
          name.text,
          .warning,
          "diagnose sees less: this login may not \(blind.joined(separator: ", "))",
          advice: "No run needs it; ask for it to see more when something is wrong"
        )
      )
    }
    return found
  }

  private func namespace(of right: Right, _ place: ClusterPlace) -> String {
    switch right.rule.place {
    case .environment: environment.namespace
    case .argocd: place.argocdNamespace
    case .cluster: ""
    }
  }

  private func isAllowed(_ right: Right, _ place: ClusterPlace) async throws -> Bool {
    let parts = right.resource.split(separator: "/", maxSplits: 1).map(String.init)
    let attributes = AccessReview.Attributes(
      namespace: namespace(of: right, place),
      verb: right.verb,
      group: right.rule.group,
      resource: parts[0],
      subresource: parts.count > 1 ? parts[1] : ""
    )
    let client = right.rule.place == .argocd ? place.argocd : place.cluster
    let answer = try await client.create(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      AccessReview(spec: .init(resourceAttributes: attributes)),
      as: AccessReview.Answer.self,
      what: "the question for rights"
    )
    return answer.status?.allowed ?? false
  }
}

/// The question whether one may do something
/// (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/): nothing is
/// stored by it.
struct AccessReview: Encodable, Sendable {
  struct Attributes: Encodable, Sendable {
    var namespace: String
    var verb: String
    var group: String
    var resource: String
    var subresource: String
  }
  struct Spec: Encodable, Sendable { var resourceAttributes: Attributes }
  struct Answer: Decodable, Sendable {
    struct Status: Decodable, Sendable { var allowed: Bool? }
    var status: Status?
  }

  let apiVersion = "authorization.k8s.io/v1"
  let kind = "SelfSubjectAccessReview"
  let spec: Spec

  init(spec: Spec) { self.spec = spec }
}
