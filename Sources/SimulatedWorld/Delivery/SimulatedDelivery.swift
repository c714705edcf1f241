public import PromotionModel

/// Asking the simulated Argo CD for something.
public struct SimulatedDelivery: DeliveryWriting {
  let simulation: Simulation

  public func refresh(_ services: [ServiceName], in environment: EnvironmentName) async throws {
    try await simulation.call(.deliveryRefresh) { outside in
      for service in services {
        let place = Place(environment: environment, service: service)
        try outside.checkApplication(place)
        outside.refresh(place)
      }
    }
  }

  public func terminateOperations(of services: [ServiceName], in environment: EnvironmentName) async throws {
    try await simulation.call(.deliveryTerminate) { outside in
      for service in services { outside.terminate(Place(environment: environment, service: service)) }
    }
  }

  public func carryOut(_ order: DeliveryOrder, for service: ServiceName, in environment: EnvironmentName) async throws
    -> DeliveryAnswer
  {
    try await simulation.call(order.touch) { outside in
      let place = Place(environment: environment, service: service)
      try outside.checkApplication(place)
      return try outside.carryOut(order, at: place)
    }
  }
}

extension DeliveryOrder {
  fileprivate var touch: Touch {
    switch self {
    case .restart: .deliveryRestart
    case .sync: .deliverySync
    case .suspendAutoSync: .deliverySuspend
    case .restoreAutoSync: .deliveryRestore
    case .undo: .deliveryUndo
    }
  }
}

extension Outside {
  fileprivate mutating func carryOut(_ order: DeliveryOrder, at place: Place) throws -> DeliveryAnswer {
    switch order {
    case .restart(let moment):
      guard let deployment = deployments[place] else { throw noWorkload(place) }
      let earlier = Timestamp(deployment.restartedAt)
      if earlier.map({ $0 < moment }) ?? true {
        setTemplate(place, to: TemplateState(image: deployment.image, restartedAt: moment.description))
      }
      return .accepted(changedWorkload(place))
    case .sync(let mark, replacing: _): return sync(place, mark: mark)
    case .suspendAutoSync(let holder):
      if applications[place]?.hasAutoSync == true {
        applications[place]?.hasAutoSync = false
        applications[place]?.suspendedBy = holder
        changed.insert(place.environment)
      }
      return .accepted([])
    case .restoreAutoSync:
      if applications[place]?.suspendedBy != nil {
        applications[place]?.hasAutoSync = true
        applications[place]?.suspendedBy = nil
        changed.insert(place.environment)
        refresh(place)
      }
      return .accepted([])
    case .undo(let tag): return try undo(place, to: tag)
    }
  }

  private mutating func undo(_ place: Place, to tag: String) throws -> DeliveryAnswer {
    guard let deployment = deployments[place], let service = fleet.service(place.service) else {
      throw noWorkload(place)
    }
    if !service.isImage(deployment.image, atTag: tag) {
      guard let kept = deployment.revisions.last(where: { service.isImage($0.image, atTag: tag) }) else {
        let images = deployment.revisions.map(\.image).joined(separator: ", ")
        throw WorldError(
          tool: "kubectl",
          reason: .notFound,
          message: "no kept revision of deployment \(place.service) runs \(tag); kept: \(images)"
        )
      }
      setTemplate(place, to: kept)
      noticeDrift(place)
    }
    return .accepted(changedWorkload(place))
  }

  private func changedWorkload(_ place: Place) -> [ChangedWorkload] {
    deployments[place].map {
      [ChangedWorkload(kind: "Deployment", name: place.service.text, uid: $0.uid, generation: $0.generation)]
    } ?? []
  }

  private func noWorkload(_ place: Place) -> WorldError {
    WorldError(tool: "kubectl", reason: .notFound, message: "\(place.service) has no workload in \(place.environment)")
  }

  /// An Application that git asks for, but that Argo CD has not made yet, may be asked for too.
  fileprivate func checkApplication(_ place: Place) throws {
    guard applications[place] == nil, fleet.service(place.service) == nil else { return }
    throw WorldError(
      tool: "kubectl",
      reason: .notFound,
      message: "there is no Application \(fleet.argocd.application(of: place.service, in: place.environment))"
    )
  }
}
