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
}

extension Outside {
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
