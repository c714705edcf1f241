import FoundationEssentials
import PromotionModel

/// A workload of an Application as it is changed: which one, and what its pods are made of.
struct WorkloadTemplate: KubernetesObject {
  struct Spec: Decodable, Sendable {
    var paused: Bool?
    var template: PodTemplate?
    var whole: JSONValue?

    private enum CodingKeys: String, CodingKey { case paused, template }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      paused = try container.decodeIfPresent(Bool.self, forKey: .paused)
      template = try container.decodeIfPresent(PodTemplate.self, forKey: .template)
      whole = try container.decodeIfPresent(JSONValue.self, forKey: .template)
    }
  }
  var metadata: ObjectMetadata
  var spec: Spec?

  /// The template's annotation that `kubectl rollout restart` writes.
  static let restartedAt = "kubectl.kubernetes.io/restartedAt"
  /// The label that the Deployment controller gives the pods of a ReplicaSet; no part of the template.
  static let hashLabel = "pod-template-hash"

  var restartedAt: Timestamp? {
    guard case .string(let text)? = spec?.whole?["metadata"]?["annotations"]?[Self.restartedAt] else { return nil }
    return Timestamp(text)
  }

  /// The template without the label of its ReplicaSet.
  var plainTemplate: JSONValue? {
    guard var template = spec?.whole else { return nil }
    if var metadata = template["metadata"], var labels = metadata["labels"] {
      labels[Self.hashLabel] = nil
      metadata["labels"] = labels
      template["metadata"] = metadata
    }
    return template
  }

  var revision: Int64? { metadata.annotations?[Deployment.revision].flatMap { Int64($0) } }

  func runs(_ service: Service, atTag tag: String) -> Bool {
    (spec?.template?.images ?? [:]).values.contains { service.isImage($0, atTag: tag) }
  }

  /// Whether it runs the service, whatever version.
  func runs(_ service: Service) -> Bool {
    (spec?.template?.images ?? [:]).values.contains { service.tag(ofImage: $0) != nil }
  }
}

/// The workloads of one service, by its Application's resource list, and what can be done to them.
struct WorkloadChange {
  let place: ClusterPlace
  let service: Service
  let application: Application

  private struct Reference {
    var kind: String
    var resource: KubernetesResource
    var name: String
  }

  private var references: [Reference] {
    (application.status?.resources ?? []).compactMap { resource in
      guard resource.group == "apps", resource.namespace == place.environment.namespace else { return nil }
      let kind: KubernetesResource
      switch resource.kind {
      case "Deployment": kind = .deployments
      case "StatefulSet": kind = .statefulSets
      case "DaemonSet": kind = .daemonSets
      default: return nil
      }
      return Reference(kind: resource.kind, resource: kind, name: resource.name)
    }
  }

  private func uri(_ reference: Reference) -> String {
    reference.resource.object(reference.name, place.environment.namespace)
  }

  private func what(_ reference: Reference) -> String { "\(reference.kind) \(reference.name)" }

  private func changed(_ reference: Reference, _ metadata: ObjectMetadata) -> ChangedWorkload {
    ChangedWorkload(
      kind: reference.kind,
      name: reference.name,
      uid: metadata.uid ?? "",
      generation: metadata.generation ?? 0
    )
  }

  private func found() throws -> [Reference] {
    let references = references
    guard !references.isEmpty else {
      throw WorldError(
        tool: "kubectl",
        reason: .notFound,
        message: "the Application \(application.metadata.name) owns no workload in \(place.environment.namespace)"
      )
    }
    return references
  }

  // MARK: Restart

  func restart(at moment: Timestamp) async throws -> [ChangedWorkload] {
    var done: [ChangedWorkload] = []
    for reference in try found() {
      let now = try await place.cluster.get(WorkloadTemplate.self, uri(reference), what: what(reference))
      if let earlier = now.restartedAt, earlier >= moment {
        done.append(changed(reference, now.metadata))
        continue
      }
      if now.spec?.paused == true { throw paused(reference) }
      let annotations = JSONValue.object([WorkloadTemplate.restartedAt: .string(moment.description)])
      let template = JSONValue.object(["metadata": .object(["annotations": annotations])])
      let after = try await place.cluster.patch(
        uri(reference),
        merging: JSONValue.object(["spec": .object(["template": template])]),
        as: BareObject.self,
        what: "restarting \(what(reference))"
      )
      done.append(changed(reference, after.metadata))
    }
    return done
  }

  /// As kubectl does it: what is done to a paused Deployment happens when somebody goes on with it.
  private func paused(_ reference: Reference) -> WorldError {
    WorldError(
      tool: "kubectl",
      reason: .refused,
      message: "\(what(reference)) is paused",
      advice: "kubectl rollout resume goes on with it"
    )
  }

  // MARK: Undo

  private struct Return {
    var reference: Reference
    var now: WorkloadTemplate
    /// nil: it runs the tag already.
    var template: JSONValue?
  }

  /// Nothing is changed unless every workload of the service has a way back.
  func undo(to tag: String) async throws -> [ChangedWorkload] {
    var returns: [Return] = []
    var sets: [WorkloadTemplate]?
    for reference in try found() {
      let now = try await place.cluster.get(WorkloadTemplate.self, uri(reference), what: what(reference))
      if now.runs(service, atTag: tag) {
        returns.append(Return(reference: reference, now: now))
        continue
      }
      guard reference.kind == "Deployment" else {
        guard now.runs(service) else { continue }
        throw WorldError(
          tool: "kubectl",
          reason: .refused,
          message:
            "\(what(reference)) cannot be undone in the cluster: only Deployments keep their former revisions whole"
        )
      }
      if sets == nil {
        sets = try await place.cluster.list(
          .replicaSets,
          of: WorkloadTemplate.self,
          in: place.environment.namespace
        ).items
      }
      let own = (sets ?? []).filter { $0.metadata.controller?.uid == now.metadata.uid && now.metadata.uid != nil }
      let kept = own.filter { $0.runs(service, atTag: tag) }
        .max { ($0.revision ?? 0, $0.metadata.name) < ($1.revision ?? 0, $1.metadata.name) }
      guard let template = kept?.plainTemplate else {
        guard now.runs(service) || own.contains(where: { $0.runs(service) }) else { continue }
        throw notKept(reference, tag, own)
      }
      if now.spec?.paused == true { throw paused(reference) }
      returns.append(Return(reference: reference, now: now, template: template))
    }
    guard !returns.isEmpty else {
      throw WorldError(
        tool: "kubectl",
        reason: .notFound,
        message: "no workload of \(application.metadata.name) runs \(service.name), so there is nothing to undo"
      )
    }
    var done: [ChangedWorkload] = []
    for plan in returns {
      guard let template = plan.template else {
        done.append(changed(plan.reference, plan.now.metadata))
        continue
      }
      // The version makes the server refuse it when the Deployment changed since it was read.
      let version = plan.now.metadata.resourceVersion.map { JSONValue.string($0) } ?? .null
      let after = try await place.cluster.patch(
        uri(plan.reference),
        operations: [
          .object(["op": .string("replace"), "path": .string("/metadata/resourceVersion"), "value": version]),
          .object(["op": .string("replace"), "path": .string("/spec/template"), "value": template]),
        ],
        as: BareObject.self,
        what: "undoing \(what(plan.reference))"
      )
      done.append(changed(plan.reference, after.metadata))
    }
    return done
  }

  private func notKept(_ reference: Reference, _ tag: String, _ own: [WorkloadTemplate]) -> WorldError {
    let images = Set(own.flatMap { ($0.spec?.template?.images ?? [:]).values })
    let kept = images.sorted().prefix(10).joined(separator: ", ")
    return WorldError(
      tool: "kubectl",
      reason: .notFound,
      message: "no kept revision of \(what(reference)) runs \(tag); kept: "
        + (kept.isEmpty ? "none" : LocalPrograms.sanitize(line: kept, limit: 600))
    )
  }
}
