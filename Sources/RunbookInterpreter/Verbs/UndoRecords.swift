import PromotionModel
import RunbookCheck

/// What a rollback can bring back while git cannot be read: what the statement names, what this run promoted, or what a
/// former run of this journal did.
struct UndoRecords {
  let rollback: Rollback
  let environment: EnvironmentName

  private var step: StepContext { rollback.step }

  /// - Throws: ``Halt`` with *undetermined* when nothing here knows what ran before; it lists what is kept, each as a line
  ///   to run.
  func targets(in snapshot: EnvironmentSnapshot, _ error: any Error) throws -> [Undoing.Target] {
    let action = rollback.action
    if let version = action.version, case .services(let services) = action.targets, let name = services.first,
      let service = step.fleet.service(name)
    {
      let tag = service.tag.tag(version)
      let promotion = step.memory.promotion(of: name, in: environment)
      let digest = promotion?.change(of: name)?.fromTag == tag ? promotion?.formerDigests[name] : nil
      return [Undoing.Target(service: name, from: nil, tag: tag, digest: digest)]
    }
    let scope = RollbackScope(action: action, step: step)
    let services: [ServiceName] =
      switch action.targets {
      case .promoted: step.memory.promoted(to: environment)
      case .services(let named): named.filter(scope.isOurs)
      case .all: step.fleet.services.map(\.name).filter(scope.isOurs)
      }
    let former = try PromotionHistory(environment: environment, step: step).former()
    var targets: [Undoing.Target] = []
    var unknown: [String] = []
    for name in services {
      guard let service = step.fleet.service(name) else { continue }
      let seen = snapshot.services[name]
      let running = (seen?.workloads ?? []).flatMap { $0.images.values }
      let own = step.memory.promotion(of: name, in: environment)
      let promotion =
        own.flatMap { isMeant($0) ? $0 : nil }
        ?? former.first { promotion in
          isMeant(promotion) && !promotion.isWithdrawn && !promotion.takenBack.contains(name)
            && promotion.change(of: name).map { change in
              running.contains { service.isImage($0, atTag: change.toTag) }
            } == true
        }
      if let promotion, let change = promotion.change(of: name), let tag = change.fromTag {
        targets.append(
          Undoing.Target(service: name, from: change.toTag, tag: tag, digest: promotion.formerDigests[name])
        )
      } else if case .all = action.targets {
        continue
      } else {
        unknown.append(name.text + lines(service, seen))
      }
    }
    guard unknown.isEmpty else {
      throw Halt(
        .undetermined,
        "nothing was taken back: \(error); and nothing here tells what ran before: " + unknown.joined(separator: "; ")
      )
    }
    return targets
  }

  /// What a named commit brought is known without git only where it is the one of a promotion.
  private func isMeant(_ promotion: Promotion) -> Bool {
    guard let named = rollback.action.revertOf else { return true }
    return promotion.commit?.text.hasPrefix(named.lowercased()) == true
  }

  private func lines(_ service: Service, _ seen: ServiceSnapshot?) -> String {
    var lines: [String] = []
    for image in (seen?.workloads ?? []).flatMap(\.formerImages) {
      guard let tag = service.tag(ofImage: image), let version = service.tag.version(ofTag: tag) else { continue }
      let line = "rollback \(environment) \(service.name) to v\(version) by undo"
      if !lines.contains(line) { lines.append(line) }
    }
    return lines.isEmpty ? " (no revision of it is kept)" : ": " + lines.prefix(10).joined(separator: ", ")
  }
}
