import PromotionModel
import Testing

@testable import LiveWorld

/// Rule 6: an environment's Applications go to its namespace in its cluster, or nothing runs.
@Suite(.timeLimit(.minutes(1))) struct ArgoCDDestinationTests {
  static let inCluster = "https://kubernetes.default.svc"

  static func server(_ url: String, namespace: String = "prod") -> String {
    #"{"server":"\#(url)","namespace":"\#(namespace)"}"#
  }
  static func named(_ name: String, namespace: String = "prod") -> String {
    #"{"name":"\#(name)","namespace":"\#(namespace)"}"#
  }

  /// Asks a cluster whose Applications go where `applications` says, by the names of their services.
  static func identify(
    _ applications: KeyValuePairs<String, String>,
    destination: String? = nil,
    context: String? = nil,
    argocd: String? = nil,
    services: [String] = ["api", "web"]
  ) async throws -> String {
    var fleet = Fixture.fleet
    fleet.environments[0].destination = destination
    fleet.environments[0].context = context
    fleet.argocd.context = argocd
    fleet.services = services.map { Service(name: ServiceName($0), tag: TagPattern(prefix: "\($0)-v")) }
    let objects = applications.map { Fixture.application("\($0.key)-production", destination: $0.value) }
    let server = try await ScriptedServer.start { request in
      request.path == ArgoCDObserverTests.applicationsPath
        ? ArgoCDObserverTests.page(objects) : ArgoCDObserverTests.cluster(request)
    }
    let cluster = KubectlCluster(fleet: fleet, proxies: ArgoCDObserverTests.proxies(server))
    let result: Result<String, any Error>
    do {
      result = .success(try await cluster.identify(ArgoCDObserverTests.production))
    } catch {
      result = .failure(error)
    }
    await server.close()
    return try result.get()
  }

  /// The error of the same, which must be there and be this one.
  static func refusal(
    _ applications: KeyValuePairs<String, String>,
    destination: String? = nil,
    context: String? = nil,
    argocd: String? = nil,
    services: [String] = ["api", "web"]
  ) async throws -> WorldError {
    let error = await #expect(throws: WorldError.self) {
      try await identify(
        applications,
        destination: destination,
        context: context,
        argocd: argocd,
        services: services
      )
    }
    let found = try #require(error)
    #expect(found.reason == .wrongPlace && found.tool == "Argo CD")
    return found
  }

  @Test(arguments: [
    server(inCluster), server(inCluster + "/"), server(inCluster + ":443"), server(inCluster + ":443/"),
    server("HTTPS://Kubernetes.Default.svc"), named("in-cluster"),
    #"{"server":"","name":"in-cluster","namespace":"prod"}"#,
  ])
  func theClusterOfArgoCDIsMeantWhereNothingIsSaid(destination: String) async throws {
    #expect(try await Self.identify(["api": destination]) == "here")
    #expect(try await Self.identify(["api": destination], context: "live") == "here")
    #expect(try await Self.identify(["api": destination], context: "live", argocd: "live") == "here")
    #expect(try await Self.identify(["api": destination], destination: Self.inCluster) == "here")
    #expect(try await Self.identify(["api": destination], destination: "in-cluster", argocd: "hub") == "here")
  }

  @Test(arguments: [
    server("https://10.0.4.1:6443"), server("http://kubernetes.default.svc"), server(inCluster + ":6443"),
    server(inCluster + ".example.org"), server(inCluster + "//"), server("https://me@kubernetes.default.svc"),
    server("https://\u{212A}ubernetes.default.svc"), server("kubernetes.default.svc"), server(inCluster + "?x=/"),
    server("in-cluster"), named(inCluster), named("In-Cluster"), named("prod"), #"{"namespace":"prod"}"#,
    #"{"server":"https://kubernetes.default.svc","name":"in-cluster","namespace":"prod"}"#,
  ])
  func anyOtherIsAnotherCluster(destination: String) async throws {
    let error = try await Self.refusal(["api": destination])
    #expect(error.message.contains("the Application api-production says "))
    #expect(error.message.contains("the cluster that Argo CD runs in (server https://kubernetes.default.svc"))
    #expect(error.advice?.contains("destination: of production in slipway.yaml") ?? false)
  }

  @Test(arguments: [
    ("https://10.0.4.1:6443", server("https://10.0.4.1:6443")),
    ("https://10.0.4.1:6443", server("https://10.0.4.1:6443/")),
    ("https://Prod.Example.org:443/", server("HTTPS://prod.example.org")),
    ("http://prod:80", server("http://prod")),
    ("https://r.example.org/k8s/clusters/C-1", server("https://R.example.org/k8s/clusters/C-1/")),
    ("http://agents:9090?agentName=prod", server("http://agents:9090?agentName=prod")),
    ("prod-eu", named("prod-eu")),
    ("arn:aws:eks:eu-west-1:1:cluster/prod", named("arn:aws:eks:eu-west-1:1:cluster/prod")),
  ])
  func theConfiguredClusterIsTheOneThatIsMeant(destination: String, application: String) async throws {
    #expect(try await Self.identify(["api": application], destination: destination) == "here")
    #expect(try await Self.identify(["api": application], destination: destination, argocd: "hub") == "here")
  }

  @Test(arguments: [
    ("https://10.0.4.1:6443", server(inCluster)),
    ("https://10.0.4.1:6443", server("https://10.0.4.1")),
    ("https://10.0.4.1:6443", server("https://10.0.4.2:6443")),
    ("https://10.0.4.1:6443", named("10.0.4.1:6443")),
    ("https://r.example.org/k8s/clusters/C-1", server("https://r.example.org/k8s/clusters/c-1")),
    ("http://agents:9090?agentName=prod", server("http://agents:9090?agentName=test")),
    ("prod-eu", named("prod-us")), ("prod-eu", named("Prod-eu")), ("prod-eu", server("https://prod-eu")),
    ("prod-eu", named("in-cluster")),
  ])
  func notTheConfiguredCluster(destination: String, application: String) async throws {
    let error = try await Self.refusal(["api": application], destination: destination)
    #expect(error.message.contains(destination))
    #expect(error.advice?.hasPrefix("Correct the destination of production in slipway.yaml") ?? false)
  }

  @Test func whereArgoCDRunsElsewhereTheClusterMustBeConfigured() async throws {
    for context in [nil, "live"] {
      let error = try await Self.refusal(["api": Self.server(Self.inCluster)], context: context, argocd: "hub")
      #expect(error.message.contains("it cannot be told to which cluster the Applications of production must go"))
      #expect(error.message.contains(#"api-production says server "https://kubernetes.default.svc", namespace "prod""#))
      #expect(error.advice?.hasPrefix("Write destination: of production in slipway.yaml") ?? false)
    }
    #expect(try await Self.refusal([:], argocd: "hub").message.contains("by the context hub and production by"))
  }

  @Test func theNamespaceMustBeTheEnvironmentsToo() async throws {
    let error = try await Self.refusal(["api": Self.server(Self.inCluster, namespace: "test")])
    #expect(error.message.contains("production is the namespace prod in "))
    #expect(error.message.contains(#"namespace "test""#))
    #expect(error.advice?.hasPrefix("Correct the namespace of production in slipway.yaml") ?? false)
    let both = try await Self.refusal(["api": Self.named("a", namespace: "b")], destination: "prod")
    #expect(both.advice?.hasPrefix("Correct the destination and the namespace of production") ?? false)
    let unsaid = try await Self.refusal(["api": #"{"server":"https://kubernetes.default.svc"}"#])
    #expect(unsaid.message.contains("no namespace"))
    let neither = try await Self.refusal(["api": Self.named("a", namespace: "b")])
    #expect(neither.advice?.hasSuffix("and correct its namespace") ?? false)
    #expect(try await Self.refusal(["api": "null"]).message.contains("says no server or name, no namespace"))
  }

  @Test func applicationsOfOthersAndThoseThatAreNotThereDoNotCount() async throws {
    #expect(try await Self.identify([:]) == "here")
    #expect(try await Self.identify(["other": Self.named("x", namespace: "y")]) == "here")
  }

  @Test func everyApplicationThatGoesElsewhereIsNamedUpToAFew() async throws {
    let elsewhere = Self.server("https://10.0.4.1")
    let two = try await Self.refusal(
      [
        "api": elsewhere, "docs": Self.server(Self.inCluster), "web": Self.server(Self.inCluster, namespace: "test"),
      ],
      services: ["api", "docs", "web"]
    )
    #expect(two.message.contains("the Application api-production says") && two.message.contains("web-production"))
    #expect(!two.message.contains("docs-production") && !two.message.contains("more"))
    let many = try await Self.refusal(
      ["a": elsewhere, "b": elsewhere, "c": elsewhere, "d": elsewhere, "e": elsewhere, "f": elsewhere, "g": elsewhere],
      services: ["a", "b", "c", "d", "e", "f", "g"]
    )
    #expect(many.message.contains("e-production") && !many.message.contains("f-production"))
    #expect(many.message.hasSuffix("; and 2 more"))
  }

  @Test func whatAnApplicationSaysIsMadeFitForATerminal() async throws {
    let long = String(repeating: "x", count: 5000)
    let error = try await Self.refusal([
      "api": Self.server(#"https://me:hunter2@x\u001b[31m\u0000\#(long)"#, namespace: #"\u001b]0;title\u0007"#)
    ])
    #expect(error.message.utf8.allSatisfy { $0 >= 0x20 })
    #expect(!error.message.contains("hunter2"))
    #expect(error.message.utf8.count < 600)
  }
}
